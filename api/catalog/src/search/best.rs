//! The best of what was found, page by page.

use std::{ops::Bound, sync::Arc};

use super::{Hit, HitKey};
use crate::{Entity, List, list::between};

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
        let hits = between(&self.hits, |hit| &hit.key, &from, &to);
        Box::new(hits.iter().map(|hit| (hit.key.clone(), hit.entity.clone())))
    }

    fn count(&self) -> usize {
        self.count
    }
}
