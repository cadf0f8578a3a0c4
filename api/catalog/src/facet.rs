//! Facets: how often each value of a field stands in a list.

use plinth_model::EntityRef;

use crate::{RefField, Selection, TextField, index::Column, snapshot::folded};

/// A field whose values are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FacetField {
    /// One of its texts.
    Text(TextField),
    /// A reference that entities state.
    Reference(RefField),
}

/// Which values are told.
#[derive(Debug, Clone, Copy)]
pub struct FacetRange<'r> {
    /// How many at most.
    pub limit: usize,
    /// Only those that begin so; of a reference, the whole or the name may.
    pub starts_with: Option<&'r str>,
}

/// The values of a field in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The values, the most frequent first, then by value.
    pub values: Vec<FacetValue>,
    /// How many entities have no value.
    pub missing: usize,
    /// How many values there are that begin as asked, those over the limit too.
    pub distinct: usize,
}

/// A value and how many entities have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// As one of the entities writes it; a reference in full.
    pub value: String,
    /// How many entities have it.
    pub count: usize,
}

// === impl FacetField ===

impl FacetField {
    pub(crate) fn column(self) -> Option<Column> {
        match self {
            Self::Text(field) => Some(Column::of_text(field)),
            Self::Reference(field) => Column::of_reference(field),
        }
    }
}

// === impl Selection ===

impl Selection {
    /// The values of a field in this list, counted. Every entity has its own reference, which is not counted.
    pub fn facet(&self, field: FacetField, range: FacetRange<'_>) -> Facet {
        let (index, hits) = (self.snapshot().index(), self.hits());
        let Some(terms) = field.column().map(|column| index.terms(column)) else {
            return Facet { values: Vec::new(), missing: 0, distinct: 0 };
        };
        let prefix = range.starts_with.map(folded).unwrap_or_default();
        let begins = |value: &str| {
            let name = match field {
                FacetField::Reference(_) => value.rsplit('/').next(),
                FacetField::Text(_) => None,
            };
            value.starts_with(&prefix) || name.is_some_and(|name| name.starts_with(&prefix))
        };
        let values = terms.beginning("").filter(|(value, _)| begins(value));
        let counted = values.map(|(value, posting)| (value, posting, posting.count_in(hits)));
        let mut counted: Vec<_> = counted.filter(|(.., count)| *count > 0).collect();
        let distinct = counted.len();
        counted.sort_by(|left, right| right.2.cmp(&left.2).then_with(|| left.0.cmp(right.0)));
        counted.truncate(range.limit);
        let values = counted.into_iter().map(|(value, posting, count)| {
            let first = posting.of(hits).min().and_then(|number| index.entity(number));
            let written = first.zip(field.text()).and_then(|(entity, text)| {
                text.of(entity).into_iter().find(|it| folded(it) == **value).map(str::to_owned)
            });
            FacetValue { value: written.unwrap_or_else(|| String::from(&**value)), count: number(count) }
        });
        let missing = number(hits.len() - terms.present().intersection_len(hits));
        Facet { values: values.collect(), missing, distinct }
    }
}

impl FacetField {
    fn text(self) -> Option<TextField> {
        match self {
            Self::Text(field) => Some(field),
            Self::Reference(_) => None,
        }
    }
}

impl FacetValue {
    /// The reference, where it is one.
    pub fn reference(&self) -> Option<EntityRef> {
        self.value.parse().ok()
    }
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
