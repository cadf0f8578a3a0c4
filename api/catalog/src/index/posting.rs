//! Sets of entities by their numbers.

use std::{borrow::Cow, sync::Arc};

use roaring::RoaringBitmap;

/// The entities that have one value: most values stand in one entity, some in very many.
#[derive(Debug, Clone)]
pub(crate) enum Posting {
    One(u32),
    Many(Arc<RoaringBitmap>),
}

impl Posting {
    /// Numbers in order, one at least.
    pub(crate) fn of_sorted(mut numbers: impl Iterator<Item = u32>) -> Self {
        match (numbers.next(), numbers.next()) {
            (Some(one), None) => Self::One(one),
            (first, second) => Self::Many(Arc::new(first.into_iter().chain(second).chain(numbers).collect())),
        }
    }

    pub(crate) fn add(&mut self, number: u32) {
        match self {
            Self::One(one) if *one == number => {}
            Self::One(one) => *self = Self::Many(Arc::new(RoaringBitmap::from_iter([*one, number]))),
            Self::Many(many) => drop(Arc::make_mut(many).insert(number)),
        }
    }

    /// One of its numbers, another than this one where there is one.
    pub(crate) fn other_than(&self, number: u32) -> Option<u32> {
        match self {
            Self::One(one) => Some(*one).filter(|it| *it != number),
            Self::Many(many) => many.min().into_iter().chain(many.max()).find(|it| *it != number),
        }
    }

    /// The smallest of its numbers.
    pub(crate) fn first(&self) -> Option<u32> {
        match self {
            Self::One(one) => Some(*one),
            Self::Many(many) => many.min(),
        }
    }

    /// Takes a number out; says whether none is left.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        match self {
            Self::One(one) => *one == number,
            Self::Many(many) => {
                let many = Arc::make_mut(many);
                many.remove(number);
                if many.len() == 1
                    && let Some(one) = many.min()
                {
                    *self = Self::One(one);
                }
                false
            }
        }
    }

    /// How many of these numbers it has.
    pub(crate) fn count_in(&self, numbers: &RoaringBitmap) -> u64 {
        match self {
            Self::One(one) => u64::from(numbers.contains(*one)),
            Self::Many(many) => many.intersection_len(numbers),
        }
    }

    /// Whether it has one of these numbers.
    pub(crate) fn meets(&self, numbers: &RoaringBitmap) -> bool {
        match self {
            Self::One(one) => numbers.contains(*one),
            Self::Many(many) => !many.is_disjoint(numbers),
        }
    }

    /// Those of these numbers that it has.
    pub(crate) fn of(&self, numbers: &RoaringBitmap) -> RoaringBitmap {
        match self {
            Self::One(one) if numbers.contains(*one) => RoaringBitmap::from_iter([*one]),
            Self::One(_) => RoaringBitmap::new(),
            Self::Many(many) => &**many & numbers,
        }
    }

    /// How many numbers several have, those of two counted twice.
    pub(crate) fn size<'p>(postings: impl Iterator<Item = &'p Self>) -> u64 {
        let sizes = postings.map(|posting| match posting {
            Self::One(_) => 1,
            Self::Many(many) => many.len(),
        });
        sizes.sum()
    }

    /// Those of these numbers that one of several has.
    pub(crate) fn among<'p>(mut postings: impl Iterator<Item = &'p Self>, numbers: &RoaringBitmap) -> RoaringBitmap {
        match (postings.next(), postings.next()) {
            (None, _) => RoaringBitmap::new(),
            (Some(one), None) => one.of(numbers),
            (first, second) => Self::union(first.into_iter().chain(second).chain(postings)) & numbers,
        }
    }

    /// The numbers of several.
    pub(crate) fn union<'p>(postings: impl Iterator<Item = &'p Self>) -> RoaringBitmap {
        let (mut all, mut single) = (RoaringBitmap::new(), Vec::new());
        for posting in postings {
            match posting {
                Self::One(one) => single.push(*one),
                Self::Many(many) => all |= &**many,
            }
        }
        // One after the other in any order, they would move each other about.
        single.sort_unstable();
        all | single.into_iter().collect::<RoaringBitmap>()
    }

    /// All its numbers.
    pub(crate) fn numbers(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Self::One(one) => Cow::Owned(RoaringBitmap::from_iter([*one])),
            Self::Many(many) => Cow::Borrowed(many),
        }
    }
}
