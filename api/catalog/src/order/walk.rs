//! Walking through a list from a place, without sorting it.
//!
//! The first field's values come in order from its index; those of the hits that have one value are walked by the next field,
//! and so on to the reference. Where few hits are left they are gathered and sorted.

use std::{
    ops::{Bound, ControlFlow},
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{EntityPlace, Ordered};
use crate::{Entity, index::Posting};

/// Up to here hits are sorted: as many steps through an index would cost more. Tests walk through small lists, too.
const FEW: u64 = if cfg!(test) { 2 } else { 500 };

/// What a walk gathers.
struct Gathering<'w> {
    list: &'w Ordered,
    /// What ends it.
    until: Option<&'w EntityPlace>,
    backwards: bool,
    most: usize,
    items: Vec<(EntityPlace, Arc<Entity>)>,
}

impl Ordered {
    /// So many hits behind a place, or before it where the walk goes backwards, up to another place.
    pub(super) fn walk(
        &self,
        from: Option<&EntityPlace>,
        until: Option<&EntityPlace>,
        backwards: bool,
        most: usize,
    ) -> Vec<(EntityPlace, Arc<Entity>)> {
        let mut gathering = Gathering { list: self, until, backwards, most, items: Vec::new() };
        // It breaks off where it has enough.
        let _ = gathering.level(0, self.selection.hits(), from);
        gathering.items
    }
}

impl Gathering<'_> {
    /// Walks through hits that are the same in all fields before this level.
    fn level(&mut self, level: usize, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        if hits.len() <= FEW {
            return self.sorted(hits, from);
        }
        let Some(order) = self.list.order.get(level).copied() else { return self.by_reference(hits, from) };
        let terms = self.list.index().terms(order.field.column());
        let value = from.map(|from| from.0.get(level).cloned().flatten());
        let lacking = |it: &mut Self, from| it.level(level + 1, &(hits - terms.present()), from);
        if self.backwards && !matches!(value, Some(Some(_))) {
            lacking(self, from)?;
        }
        // From a place among those that lack the field there is nothing further on, but all before.
        if self.backwards || !matches!(value, Some(None)) {
            let value = value.clone().flatten();
            if let Some(value) = &value
                && let Some(posting) = terms.get(value)
            {
                self.level(level + 1, &posting.of(hits), from)?;
            }
            let (begin, end) = (value.as_deref().map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
            if order.descending == self.backwards {
                for (_, posting) in terms.range(begin, end) {
                    self.group(level, posting, hits)?;
                }
            } else {
                for (_, posting) in terms.range(end, begin).rev() {
                    self.group(level, posting, hits)?;
                }
            }
        }
        if !self.backwards {
            lacking(self, from.filter(|_| matches!(value, Some(None))))?;
        }
        ControlFlow::Continue(())
    }

    /// Walks through those that have one value, from their beginning.
    fn group(&mut self, level: usize, posting: &Posting, hits: &RoaringBitmap) -> ControlFlow<()> {
        match posting {
            Posting::One(one) if hits.contains(*one) => self.take(*one),
            Posting::One(_) => ControlFlow::Continue(()),
            Posting::Many(many) => {
                let hits = &**many & hits;
                if hits.is_empty() { ControlFlow::Continue(()) } else { self.level(level + 1, &hits, None) }
            }
        }
    }

    fn by_reference(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let (all, end) = (self.list.index().by_reference(), Bound::Unbounded);
        let begin = from.map_or(Bound::Unbounded, |from| Bound::Excluded(from.1.clone()));
        let range = if self.backwards { all.range((end, begin)) } else { all.range((begin, end)) };
        let mut next: Box<dyn Iterator<Item = _>> =
            if self.backwards { Box::new(range.rev()) } else { Box::new(range) };
        next.try_for_each(
            |(_, number)| {
                if hits.contains(*number) { self.take(*number) } else { ControlFlow::Continue(()) }
            },
        )
    }

    fn sorted(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let list = self.list;
        let further = |left: &EntityPlace, right: &EntityPlace| {
            let order = list.compare(left, right);
            if self.backwards { order.reverse() } else { order }
        };
        let entities = hits.iter().filter_map(|number| list.index().entity(number));
        let mut all: Vec<_> = entities.map(|entity| (list.place(entity), entity.clone())).collect();
        all.retain(|(place, _)| from.is_none_or(|from| further(place, from).is_gt()));
        all.sort_by(|(left, _), (right, _)| further(left, right));
        all.into_iter().try_for_each(|(place, entity)| self.add(place, entity))
    }

    fn take(&mut self, number: u32) -> ControlFlow<()> {
        let Some(entity) = self.list.index().entity(number) else { return ControlFlow::Continue(()) };
        self.add(self.list.place(entity), entity.clone())
    }

    fn add(&mut self, place: EntityPlace, entity: Arc<Entity>) -> ControlFlow<()> {
        let is_past = self.until.is_some_and(|until| {
            let order = self.list.compare(&place, until);
            if self.backwards { order.is_le() } else { order.is_ge() }
        });
        if is_past || self.items.len() >= self.most {
            return ControlFlow::Break(());
        }
        self.items.push((place, entity));
        if self.items.len() >= self.most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
