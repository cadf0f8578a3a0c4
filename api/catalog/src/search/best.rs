//! The best of what was found, page by page.

use std::{cmp::Reverse, ops::Bound, sync::Arc};

use super::{
    Hit, HitKey,
    found::{Found, Order, Rank},
};
use crate::{Entity, List, Page, PageRange, list::between};

/// The best of what was found, in order, so many at most; counted are all.
#[derive(Debug)]
pub struct Best {
    pub(super) found: Found,
    /// How many are listed.
    pub(super) most: usize,
}

/// Where a hit stands: those that are as good as others stand in the order of their references.
type Place = (Order, u64);

/// Hits in order.
struct Listed(Vec<Hit>);

// === impl Best ===

impl Best {
    /// So many of those behind a place, and how many stand up to there.
    fn first(&self, after: Option<&HitKey>, count: usize) -> (Vec<Hit>, usize) {
        let Found { view, hits, .. } = &self.found;
        let (indexed, mut behind) = (view.snapshot(), hits.clone());
        let ranks = indexed.index().ranks();
        if let Some(HitKey(score, length, reference)) = after {
            let (order, place) = ((*score, *length), indexed.rank_of(reference));
            behind.retain(|hit| {
                hit.order() > order || hit.order() == order && place.against(ranks.get(hit.number)).is_lt()
            });
        }
        let passed = hits.len() - behind.len();
        let wanted = count.min(self.most.saturating_sub(passed));
        if wanted == 0 {
            return (Vec::new(), passed);
        }
        if behind.len() > wanted {
            // Those that are as good as the last one are told apart by their references.
            let last = behind.select_nth_unstable_by_key(wanted - 1, Rank::order).1.order();
            behind.retain(|hit| hit.order() <= last);
            behind.sort_unstable_by_key(|hit| hit.number);
        }
        let places = ranks.each(behind.iter().map(|hit| hit.number));
        let mut behind: Vec<(Place, u32)> =
            behind.iter().zip(places).map(|(hit, place)| ((hit.order(), place), hit.number)).collect();
        if behind.len() > wanted {
            behind.select_nth_unstable(wanted - 1);
            behind.truncate(wanted);
        }
        behind.sort_unstable();
        (behind.into_iter().filter_map(|((order, _), number)| self.hit(order, number)).collect(), passed)
    }

    fn hit(&self, (score, length): (Reverse<u32>, u32), number: u32) -> Option<Hit> {
        let Found { view, snapshot, .. } = &self.found;
        let entity = view.entity(snapshot, number)?;
        Some(Hit { key: HitKey(score, length, entity.reference.clone()), entity: entity.clone() })
    }

    fn listed(&self) -> Listed {
        Listed(self.first(None, self.most).0)
    }
}

impl List for Best {
    type Key = HitKey;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<HitKey>,
        to: Bound<HitKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = (HitKey, Arc<Entity>)> + 'a> {
        let listed: Vec<_> = self.listed().range(from, to).collect();
        Box::new(listed.into_iter())
    }

    fn count(&self) -> usize {
        self.found.count()
    }

    /// A page from the beginning on costs no more than finding its hits among all.
    fn page(&self, range: &PageRange<HitKey>) -> Page<HitKey, Arc<Entity>> {
        if range.from_end || range.before.is_some() {
            return self.listed().page(range);
        }
        let (mut hits, passed) = self.first(range.after.as_ref(), range.size + 1);
        let has_next = hits.len() > range.size;
        hits.truncate(range.size);
        let items = hits.into_iter().map(|hit| (hit.key, hit.entity)).collect();
        Page { items, has_previous: passed.min(self.most) > 0, has_next }
    }
}

impl List for Listed {
    type Key = HitKey;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<HitKey>,
        to: Bound<HitKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = (HitKey, Arc<Entity>)> + 'a> {
        let hits = between(&self.0, |hit| &hit.key, &from, &to);
        Box::new(hits.iter().map(|hit| (hit.key.clone(), hit.entity.clone())))
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}
