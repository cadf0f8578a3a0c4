//! Sets of references, small ones in one piece, large ones as persistent trees.

use std::{
    ops::{Bound, RangeBounds},
    sync::Arc,
};

use imbl::OrdMap;
use plinth_model::EntityRef;

use crate::{RelationType, list::between, packed::packed};

/// From here on a set is a tree: a tree of few members would take twenty times the memory.
const LARGE: usize = 48;

/// The relations of one reference: few types, each with its other ends. One piece for all of them takes half of what a piece
/// for each takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edges(Arc<[(RelationType, Neighbours)]>);

/// A set of references, each with how often it was added: an edge that both ends declare stays until both drop it.
#[derive(Debug, Clone)]
pub(crate) enum Neighbours {
    One(EntityRef),
    Small(Arc<[(EntityRef, u32)]>),
    Large(OrdMap<EntityRef, u32>),
}

// === impl Edges ===

impl Edges {
    /// All the ends of one reference, each as often as it was added.
    pub(crate) fn of(mut ends: Vec<(RelationType, EntityRef)>) -> Self {
        ends.sort_unstable();
        let types = ends.chunk_by(|(left, _), (right, _)| left == right);
        Self(types.map(|of_type| (of_type[0].0, Neighbours::of_sorted(of_type.iter().map(|(_, it)| it)))).collect())
    }

    /// The types that there are.
    pub(crate) fn types(&self) -> impl Iterator<Item = RelationType> {
        self.0.iter().map(|(kind, _)| *kind)
    }

    /// The other ends of one type.
    pub(crate) fn get(&self, kind: RelationType) -> Option<&Neighbours> {
        self.0.iter().find(|(it, _)| *it == kind).map(|(_, others)| others)
    }

    /// Adds another end; says whether it is the first of its type.
    pub(crate) fn add(&mut self, kind: RelationType, to: &EntityRef) -> bool {
        match self.0.binary_search_by_key(&kind, |(it, _)| *it) {
            Ok(place) => {
                Arc::make_mut(&mut self.0)[place].1.add(to);
                false
            }
            Err(place) => {
                let mut all = self.0.to_vec();
                all.insert(place, (kind, Neighbours::one(to.clone())));
                self.0 = all.into();
                true
            }
        }
    }

    /// Takes one addition back; says whether none of its type is left.
    pub(crate) fn remove(&mut self, kind: RelationType, to: &EntityRef) -> bool {
        let Ok(place) = self.0.binary_search_by_key(&kind, |(it, _)| *it) else { return false };
        let is_last = Arc::make_mut(&mut self.0)[place].1.remove(to);
        if is_last {
            let mut all = self.0.to_vec();
            all.remove(place);
            self.0 = all.into();
        }
        is_last
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

// === impl Neighbours ===

impl Neighbours {
    pub(crate) fn one(reference: EntityRef) -> Self {
        Self::One(reference)
    }

    /// References in order, each as often as it was added; one at least.
    pub(crate) fn of_sorted<'r>(references: impl Iterator<Item = &'r EntityRef>) -> Self {
        let mut counted: Vec<(EntityRef, u32)> = Vec::new();
        for reference in references {
            match counted.last_mut() {
                Some((last, count)) if last == reference => *count += 1,
                _ => counted.push((reference.clone(), 1)),
            }
        }
        match counted.as_slice() {
            [(one, 1)] => Self::One(one.clone()),
            all if all.len() > LARGE => Self::Large(packed(counted.into_iter())),
            _ => Self::Small(counted.into()),
        }
    }

    pub(crate) fn add(&mut self, reference: &EntityRef) {
        match self {
            Self::One(one) => {
                *self = Self::Small(Arc::new([(one.clone(), 1)]));
                self.add(reference);
            }
            Self::Large(tree) => {
                let count = tree.get(reference).copied().unwrap_or(0);
                tree.insert(reference.clone(), count + 1);
            }
            Self::Small(few) => {
                let mut all = few.to_vec();
                match all.binary_search_by(|(it, _)| it.cmp(reference)) {
                    Ok(place) => all[place].1 += 1,
                    Err(place) => all.insert(place, (reference.clone(), 1)),
                }
                *self =
                    if all.len() > LARGE { Self::Large(all.into_iter().collect()) } else { Self::Small(all.into()) };
            }
        }
    }

    /// Takes one addition back; says whether the set is empty now.
    pub(crate) fn remove(&mut self, reference: &EntityRef) -> bool {
        match self {
            Self::One(one) => one == reference,
            Self::Large(tree) => {
                match tree.get(reference).copied() {
                    Some(count) if count > 1 => drop(tree.insert(reference.clone(), count - 1)),
                    Some(_) => drop(tree.remove(reference)),
                    None => {}
                }
                tree.is_empty()
            }
            Self::Small(few) => {
                let mut all = few.to_vec();
                if let Ok(place) = all.binary_search_by(|(it, _)| it.cmp(reference)) {
                    all[place].1 -= 1;
                    if all[place].1 == 0 {
                        all.remove(place);
                    }
                }
                *self = match all.as_slice() {
                    [(one, 1)] => Self::One(one.clone()),
                    _ => Self::Small(all.into()),
                };
                self.is_empty()
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Small(few) => few.len(),
            Self::Large(tree) => tree.len(),
        }
    }

    pub(crate) fn contains(&self, reference: &EntityRef) -> bool {
        match self {
            Self::One(one) => one == reference,
            Self::Small(few) => few.binary_search_by(|(it, _)| it.cmp(reference)).is_ok(),
            Self::Large(tree) => tree.contains_key(reference),
        }
    }

    pub(crate) fn range<'a>(
        &'a self,
        from: Bound<EntityRef>,
        to: Bound<EntityRef>,
    ) -> Box<dyn DoubleEndedIterator<Item = &'a EntityRef> + 'a> {
        match self {
            Self::One(one) => Box::new(Some(one).filter(|one| (from, to).contains(*one)).into_iter()),
            Self::Large(tree) => Box::new(tree.range((from, to)).map(|(reference, _)| reference)),
            Self::Small(few) => {
                let few = between(few, |(reference, _)| reference, &from, &to);
                Box::new(few.iter().map(|(reference, _)| reference))
            }
        }
    }

    pub(crate) fn iter(&self) -> Box<dyn DoubleEndedIterator<Item = &EntityRef> + '_> {
        self.range(Bound::Unbounded, Bound::Unbounded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(number: usize) -> EntityRef {
        EntityRef::new("component", "default", &format!("c{number:03}"))
    }

    #[test]
    fn a_set_keeps_its_order_and_its_counts_when_it_grows_and_shrinks() {
        let mut set = Neighbours::one(reference(0));
        for number in (1..100).rev() {
            set.add(&reference(number));
            set.add(&reference(number));
        }
        let all: Vec<_> = set.iter().cloned().collect();
        assert_eq!(all, (0..100).map(reference).collect::<Vec<_>>());
        for number in 1..100 {
            assert!(!set.remove(&reference(number)));
            assert!(set.iter().any(|it| *it == reference(number)), "it was added twice");
            set.remove(&reference(number));
        }
        assert!(set.remove(&reference(0)));
    }

    #[test]
    fn a_set_of_one_is_like_any_other() {
        let bounds = |it| [Bound::Unbounded, Bound::Included(reference(it)), Bound::Excluded(reference(it))];
        let small = Neighbours::Small(Arc::new([(reference(5), 1)]));
        for (from, to) in [(4, 6), (5, 6), (4, 5), (6, 8), (2, 4)] {
            for from in bounds(from) {
                for to in bounds(to) {
                    let one = Neighbours::one(reference(5));
                    let left: Vec<_> = one.range(from.clone(), to.clone()).collect();
                    assert_eq!(left, small.range(from.clone(), to).collect::<Vec<_>>());
                }
            }
        }
        let mut set = Neighbours::one(reference(5));
        set.add(&reference(5));
        assert!(!set.remove(&reference(5)) && set.len() == 1, "it was added twice");
        assert!(!set.remove(&reference(4)) && set.contains(&reference(5)));
        assert!(set.remove(&reference(5)));
    }

    #[test]
    fn relations_say_when_a_type_begins_and_ends() {
        let mut edges = Edges::default();
        assert!(edges.add(RelationType::DependsOn, &reference(1)));
        assert!(!edges.add(RelationType::DependsOn, &reference(2)));
        assert!(edges.add(RelationType::OwnedBy, &reference(1)));
        assert_eq!(edges.get(RelationType::DependsOn).unwrap().len(), 2);
        assert!(!edges.remove(RelationType::DependsOn, &reference(1)));
        assert!(!edges.remove(RelationType::PartOf, &reference(1)));
        assert!(edges.remove(RelationType::DependsOn, &reference(2)));
        assert!(edges.get(RelationType::DependsOn).is_none() && !edges.is_empty());
        assert!(edges.remove(RelationType::OwnedBy, &reference(1)) && edges.is_empty());
    }

    #[test]
    fn a_range_of_a_small_set_is_that_of_a_large_one() {
        let small = Neighbours::Small((0..10).map(|it| (reference(it), 1_u32)).collect());
        let large = Neighbours::Large((0..10).map(|it| (reference(it), 1_u32)).collect());
        let bounds = |it| [Bound::Unbounded, Bound::Included(reference(it)), Bound::Excluded(reference(it))];
        for from in bounds(3) {
            for to in bounds(7) {
                let left: Vec<_> = small.range(from.clone(), to.clone()).collect();
                let right: Vec<_> = large.range(from.clone(), to).collect();
                assert_eq!(left, right);
            }
        }
    }
}
