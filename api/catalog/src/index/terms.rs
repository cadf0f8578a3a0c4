//! The values of one field in order, each with the entities that have it.

use std::{ops::Bound, sync::Arc};

use arcstr::ArcStr;
use imbl::OrdMap;
use roaring::RoaringBitmap;

use super::posting::Posting;
use crate::packed::packed;

/// The values of one field, folded and in order, and the entities that have one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    values: OrdMap<ArcStr, Posting>,
    present: Arc<RoaringBitmap>,
}

impl Terms {
    /// Values in order, each once, and the entities that have one.
    pub(super) fn of_sorted(values: Vec<(ArcStr, Posting)>, present: RoaringBitmap) -> Self {
        let values = packed(values.into_iter());
        Self { values, present: Arc::new(present) }
    }

    pub(super) fn add(&mut self, value: &str, number: u32) {
        match self.values.get_mut(value) {
            Some(posting) => posting.add(number),
            None => drop(self.values.insert(value.into(), Posting::One(number))),
        }
    }

    pub(super) fn remove(&mut self, value: &str, number: u32) {
        if self.values.get_mut(value).is_some_and(|posting| posting.remove(number)) {
            self.values.remove(value);
        }
    }

    /// Notes whether an entity has a value.
    pub(super) fn mark(&mut self, number: u32, present: bool) {
        super::mark(&mut self.present, number, present);
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The entities that have a value.
    pub(crate) fn present(&self) -> &RoaringBitmap {
        &self.present
    }

    /// The entities that have this value.
    pub(crate) fn get(&self, value: &str) -> Option<&Posting> {
        self.values.get(value)
    }

    /// The values between two, in order.
    pub(crate) fn range<'t>(
        &'t self,
        from: Bound<&str>,
        to: Bound<&str>,
    ) -> Box<dyn DoubleEndedIterator<Item = (&'t ArcStr, &'t Posting)> + 't> {
        let is_empty = match (from, to) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => from >= to,
        };
        if is_empty {
            return Box::new(std::iter::empty());
        }
        Box::new(self.values.range::<(Bound<&str>, Bound<&str>), str>((from, to)))
    }

    /// The values that begin so, in order.
    pub(crate) fn beginning<'t>(&'t self, prefix: &'t str) -> impl Iterator<Item = (&'t ArcStr, &'t Posting)> {
        self.range(Bound::Included(prefix), Bound::Unbounded).take_while(move |(value, _)| value.starts_with(prefix))
    }
}
