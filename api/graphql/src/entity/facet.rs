//! Counts of values over a list of entities.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use plinth_catalog::{FacetField, FacetRange, RefField, Selection, TextField};

use super::Entity;
use crate::{
    api::call,
    argument::Int,
    error::bad_input,
    page::{LARGEST, size},
};

/// Values of a field where no limit is given.
const DEFAULT: usize = 20;
/// Fields that are counted at most: as many as there are.
const MOST: usize = 8;

/// A field whose values are counted.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityFacetField {
    /// The kind.
    Kind,
    /// The type.
    Type,
    /// The lifecycle.
    Lifecycle,
    /// The owner.
    Owner,
    /// The system.
    System,
    /// The domain of a System.
    Domain,
    /// The namespace.
    Namespace,
    /// The tags, each for itself.
    Tag,
}

/// The values of a field, counted over a list.
#[derive(SimpleObject)]
pub(crate) struct Facet {
    /// The field.
    field: EntityFacetField,
    /// The most frequent first, then by value; 20 when no limit is given, 100 at most.
    values: Vec<FacetValue>,
    /// How many entities have no value.
    missing: i32,
    /// How many values there are that begin as asked, those over the limit too.
    distinct: i32,
}

/// A value, and how many entities have it.
pub(crate) struct FacetValue {
    value: plinth_catalog::FacetValue,
    is_reference: bool,
}

/// What `facets` is asked for.
pub(super) struct Asked {
    pub(super) fields: Vec<EntityFacetField>,
    pub(super) limit: Option<Int>,
    pub(super) starts_with: Option<String>,
    pub(super) except_own: bool,
}

// === impl EntityFacetField ===

impl EntityFacetField {
    fn field(self) -> FacetField {
        match self {
            Self::Kind => FacetField::Text(TextField::Kind),
            Self::Type => FacetField::Text(TextField::Type),
            Self::Lifecycle => FacetField::Text(TextField::Lifecycle),
            Self::Namespace => FacetField::Text(TextField::Namespace),
            Self::Tag => FacetField::Text(TextField::Tag),
            Self::Owner => FacetField::Reference(RefField::Owner),
            Self::System => FacetField::Reference(RefField::System),
            Self::Domain => FacetField::Reference(RefField::Domain),
        }
    }
}

// === impl FacetValue ===

/// A value, and how many entities have it.
#[Object]
impl FacetValue {
    /// As one of the entities writes it, for case does not count; a reference in full.
    async fn value(&self) -> &str {
        &self.value.value
    }

    /// How many entities have it.
    async fn count(&self) -> i32 {
        number(self.value.count)
    }

    /// For OWNER, SYSTEM and DOMAIN what it names; null where that is not in the catalog.
    async fn entity(&self, ctx: &Context<'_>) -> Option<Entity> {
        let reference = self.value.reference().filter(|_| self.is_reference)?;
        call(ctx).entity(&reference)
    }
}

/// Counts the values of fields over a list.
pub(super) fn facets(list: &Selection, asked: Asked) -> Result<Vec<Facet>> {
    let Asked { fields, limit, starts_with, except_own } = asked;
    if fields.len() > MOST {
        return Err(bad_input(format!("`fields` has {} members; the limit is {MOST}: name each once", fields.len())));
    }
    let limit = limit.map_or(Ok(DEFAULT), |limit| size("limit", limit, LARGEST))?;
    let range = FacetRange { limit, starts_with: starts_with.as_deref() };
    let facets = fields.into_iter().map(|field| {
        let (of, is_reference) = (field.field(), matches!(field.field(), FacetField::Reference(_)));
        let counted = if except_own { list.without(of).facet(of, range) } else { list.facet(of, range) };
        let plinth_catalog::Facet { values, missing, distinct } = counted;
        let values = values.into_iter().map(|value| FacetValue { value, is_reference }).collect();
        Facet { field, values, missing: number(missing), distinct: number(distinct) }
    });
    Ok(facets.collect())
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
