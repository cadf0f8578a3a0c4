//! From a filter to the entities that it holds of, by the indexes.

use std::{borrow::Cow, ops::Bound};

use plinth_model::EntityRef;
use roaring::RoaringBitmap;

use super::{
    Column, Posting, Terms,
    column::{annotation, is_own, label, moment_text},
};
use crate::{EntityFilter, KeyedField, Mine, RefField, RefTest, RelationType, Snapshot, TextTest, TimeTest};

/// Who asks, and of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) snapshot: &'q Snapshot,
    pub(crate) mine: &'q Mine,
}

impl Question<'_> {
    /// Those of some entities that a filter holds of: the same as [`EntityFilter::matches`] says of each.
    pub(crate) fn select(self, filter: &EntityFilter, within: &RoaringBitmap) -> RoaringBitmap {
        let index = self.snapshot.index();
        match filter {
            EntityFilter::All(all) => {
                let mut all: Vec<_> = all.iter().collect();
                // What leaves fewest comes first. Documents are read last, and only those that are left.
                all.sort_by_cached_key(|it| (reads_documents(it), self.size(it)));
                let mut left = Cow::Borrowed(within);
                for filter in all {
                    left = Cow::Owned(self.select(filter, &left));
                }
                left.into_owned()
            }
            EntityFilter::Any(any) => {
                let mut found = RoaringBitmap::new();
                any.iter().for_each(|filter| found |= self.select(filter, within));
                found
            }
            EntityFilter::Not(not) => within - self.select(not, within),
            EntityFilter::Text(field, test) => texts(index.terms(Column::of_text(*field)), test, within),
            EntityFilter::Reference(field, test) => self.reference(*field, test, within),
            EntityFilter::Mine(wanted) => {
                let owners = index.terms(Column::Owner);
                let owned = Posting::union(self.mine.iter().filter_map(|it| owners.get(it.as_str())));
                if *wanted { within & owned } else { within - owned }
            }
            EntityFilter::Keyed(KeyedField::Label, key, test) => labels(index.terms(Column::Label), key, test, within),
            EntityFilter::Keyed(KeyedField::Annotation, key, test) => self.annotations(filter, key, test, within),
            EntityFilter::Relation(kind, test) => self.relations(*kind, test, within),
            EntityFilter::Field(..) => self.read(filter, within),
            EntityFilter::UpdatedAt(test) => within & moments(index.terms(Column::UpdatedAt), test),
            EntityFilter::Orphan(true) => within & &*index.orphans,
            EntityFilter::Orphan(false) => within - &*index.orphans,
            EntityFilter::HasProblems(true) => within & &*index.with_problems,
            EntityFilter::HasProblems(false) => within - &*index.with_problems,
        }
    }

    /// How many a filter leaves at most, where the indexes say so at once.
    fn size(self, filter: &EntityFilter) -> u64 {
        let index = self.snapshot.index();
        let all = index.all().len();
        match filter {
            EntityFilter::Text(field, test) => {
                let terms = index.terms(Column::of_text(*field));
                let sizes = test.is_in.iter().map(|wanted| Posting::size(wanted.iter().filter_map(|it| terms.get(it))));
                sizes.min().unwrap_or(all)
            }
            EntityFilter::Reference(field, test) => {
                let sizes = test.is_in.iter().map(|wanted| match Column::of_reference(*field) {
                    Some(column) => Posting::size(wanted.iter().filter_map(|it| index.terms(column).get(it.as_str()))),
                    None => wanted.len() as u64,
                });
                sizes.min().unwrap_or(all)
            }
            _ => all,
        }
    }

    /// Asks each entity.
    fn read(self, filter: &EntityFilter, within: &RoaringBitmap) -> RoaringBitmap {
        let holds = |number: &u32| {
            let entity = self.snapshot.index().entity(*number);
            entity.is_some_and(|it| filter.matches(self.snapshot, it, self.mine))
        };
        within.iter().filter(holds).collect()
    }

    fn reference(self, field: RefField, test: &RefTest, within: &RoaringBitmap) -> RoaringBitmap {
        let index = self.snapshot.index();
        let Some(column) = Column::of_reference(field) else {
            let found = |wanted: &mut dyn Iterator<Item = &EntityRef>| {
                wanted.filter_map(|it| self.snapshot.number(it)).collect()
            };
            return references(test, within, found, index.all());
        };
        let terms = index.terms(column);
        let found = |wanted: &mut dyn Iterator<Item = &EntityRef>| {
            Posting::union(wanted.filter_map(|it| terms.get(it.as_str())))
        };
        references(test, within, found, terms.present())
    }

    fn relations(self, kind: Option<RelationType>, test: &RefTest, within: &RoaringBitmap) -> RoaringBitmap {
        let index = self.snapshot.index();
        let all = RelationType::ALL;
        let kinds = kind.as_ref().map_or(all.as_slice(), std::slice::from_ref);
        let found = |wanted: &mut dyn Iterator<Item = &EntityRef>| {
            let mut found = RoaringBitmap::new();
            for (end, kind) in wanted.flat_map(|end| kinds.iter().map(move |kind| (end, *kind))) {
                // Who has a relation to it is at the other end of its own.
                let others = self.snapshot.ends(end, Some(kind.reverse()));
                found.extend(others.into_iter().filter_map(|it| self.snapshot.number(it)));
            }
            found
        };
        let mut some = RoaringBitmap::new();
        kinds.iter().for_each(|kind| some |= &*index.related[*kind as usize]);
        references(test, within, found, &some)
    }

    /// Candidates by key and hash, each asked itself where that does not settle it.
    fn annotations(self, filter: &EntityFilter, key: &str, test: &TextTest, within: &RoaringBitmap) -> RoaringBitmap {
        let index = self.snapshot.index();
        let mut some = index.terms(Column::AnnotationKey).get(key).map(|it| it.of(within)).unwrap_or_default();
        if *test == TextTest::default().exists(true) {
            return some;
        }
        let mut found = if test.holds(&[]) { within - &some } else { RoaringBitmap::new() };
        if !is_own(key) {
            for wanted in &test.is_in {
                let hashes = index.terms(Column::Annotation);
                some &= Posting::union(wanted.iter().filter_map(|value| hashes.get(&annotation(key, value))));
            }
        }
        found |= self.read(filter, &some);
        found
    }
}

/// Whether a filter reads documents.
fn reads_documents(filter: &EntityFilter) -> bool {
    match filter {
        EntityFilter::All(several) | EntityFilter::Any(several) => several.iter().any(reads_documents),
        EntityFilter::Not(one) => reads_documents(one),
        EntityFilter::Field(..) | EntityFilter::Keyed(KeyedField::Annotation, ..) => true,
        _ => false,
    }
}

fn texts(terms: &Terms, test: &TextTest, within: &RoaringBitmap) -> RoaringBitmap {
    let TextTest { is_in, is_not_in, starts_with, contains, exists } = test;
    let mut left = Cow::Borrowed(within);
    for wanted in is_in {
        left = Cow::Owned(Posting::among(wanted.iter().filter_map(|value| terms.get(value)), &left));
    }
    let mut left = left.into_owned();
    left -= Posting::union(is_not_in.iter().filter_map(|value| terms.get(value)));
    if let Some(prefix) = starts_with {
        left &= Posting::union(terms.beginning(prefix).map(|(_, posting)| posting));
    }
    if let Some(part) = contains {
        let all = terms.range(Bound::Unbounded, Bound::Unbounded);
        left &= Posting::union(all.filter(|(value, _)| value.contains(part.as_str())).map(|(_, posting)| posting));
    }
    existing(*exists, left, terms.present())
}

fn labels(terms: &Terms, key: &str, test: &TextTest, within: &RoaringBitmap) -> RoaringBitmap {
    let TextTest { is_in, is_not_in, starts_with, contains, exists } = test;
    let of = |value: &String| terms.get(&label(key, value));
    let mut left = within.clone();
    for wanted in is_in {
        left &= Posting::union(wanted.iter().filter_map(of));
    }
    left -= Posting::union(is_not_in.iter().filter_map(of));
    let prefix = label(key, "");
    if let Some(text) = starts_with {
        left &= Posting::union(terms.beginning(&label(key, text)).map(|(_, posting)| posting));
    }
    if let Some(part) = contains {
        let holds = |value: &str| value[prefix.len()..].contains(part.as_str());
        left &= Posting::union(terms.beginning(&prefix).filter(|(value, _)| holds(value)).map(|(_, posting)| posting));
    }
    match exists {
        None => left,
        some => existing(*some, left, &Posting::union(terms.beginning(&prefix).map(|(_, posting)| posting))),
    }
}

fn existing(wanted: Option<bool>, left: RoaringBitmap, present: &RoaringBitmap) -> RoaringBitmap {
    match wanted {
        None => left,
        Some(true) => left & present,
        Some(false) => left - present,
    }
}

/// What a test of references leaves, where `found` says who has one of some, and `present` who has any.
fn references(
    test: &RefTest,
    within: &RoaringBitmap,
    found: impl Fn(&mut dyn Iterator<Item = &EntityRef>) -> RoaringBitmap,
    present: &RoaringBitmap,
) -> RoaringBitmap {
    let RefTest { is_in, is_not_in, exists } = test;
    let mut left = Cow::Borrowed(within);
    for wanted in is_in {
        left = Cow::Owned(found(&mut wanted.iter()) & &*left);
    }
    let mut left = left.into_owned();
    left -= found(&mut is_not_in.iter());
    existing(*exists, left, present)
}

fn moments(terms: &Terms, test: &TimeTest) -> RoaringBitmap {
    let TimeTest { before, after } = test;
    let (before, after) = (before.map(moment_text), after.map(moment_text));
    let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let to = before.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    Posting::union(terms.range(from, to).map(|(_, posting)| posting))
}
