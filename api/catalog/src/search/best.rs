//! The best of what was found, page by page.

use std::{ops::Bound, sync::Arc};

use super::{Hit, HitKey};
use crate::{Entity, List};

/// The best of what was found, in order, so many at most; counted are all.
#[derive(Debug)]
pub struct Best {
    pub(super) hits: Vec<Hit>,
    pub(super) count: usize,
}

impl List for Best {
    type Key = HitKey;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<HitKey>,
        to: Bound<HitKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = (HitKey, Arc<Entity>)> + 'a> {
        let before = |holds: &dyn Fn(&HitKey) -> bool| self.hits.partition_point(|hit| holds(&hit.key));
        let start = match &from {
            Bound::Unbounded => 0,
            Bound::Included(from) => before(&|key| key < from),
            Bound::Excluded(from) => before(&|key| key <= from),
        };
        let end = match &to {
            Bound::Unbounded => self.hits.len(),
            Bound::Included(to) => before(&|key| key <= to),
            Bound::Excluded(to) => before(&|key| key < to),
        };
        Box::new(self.hits[start..end.max(start)].iter().map(|hit| (hit.key.clone(), hit.entity.clone())))
    }

    fn count(&self) -> usize {
        self.count
    }
}
