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
    pub(crate) fn add(&mut self, number: u32) {
        match self {
            Self::One(one) if *one == number => {}
            Self::One(one) => *self = Self::Many(Arc::new(RoaringBitmap::from_iter([*one, number]))),
            Self::Many(many) => drop(Arc::make_mut(many).insert(number)),
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

    /// Those of these numbers that it has.
    pub(crate) fn of(&self, numbers: &RoaringBitmap) -> RoaringBitmap {
        match self {
            Self::One(one) if numbers.contains(*one) => RoaringBitmap::from_iter([*one]),
            Self::One(_) => RoaringBitmap::new(),
            Self::Many(many) => &**many & numbers,
        }
    }

    /// Puts its numbers among others.
    pub(crate) fn add_to(&self, numbers: &mut RoaringBitmap) {
        match self {
            Self::One(one) => drop(numbers.insert(*one)),
            Self::Many(many) => *numbers |= &**many,
        }
    }

    /// All its numbers.
    pub(crate) fn numbers(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Self::One(one) => Cow::Owned(RoaringBitmap::from_iter([*one])),
            Self::Many(many) => Cow::Borrowed(many),
        }
    }
}
