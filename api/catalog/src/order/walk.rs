//! Walking through a list from a place, without sorting it.
//!
//! The first field's values come in order from its index; those of the hits that have one value are walked by the next field,
//! and so on to the reference. Where few hits are left they are gathered and sorted.

use std::{
    cmp::Ordering,
    ops::{Bound, ControlFlow},
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{EntityPlace, Ordered};
use crate::{Entity, index::Posting, snapshot::Numbered};

/// Up to here hits are sorted: as many steps through an index would cost more. Tests walk through small lists, too.
const FEW: u64 = if cfg!(test) { 2 } else { 500 };
/// Steps of a walk that may lead to nothing, for each hit: then sorting the hits costs no more.
const PATIENCE: u64 = if cfg!(test) { 1 } else { 8 };

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
            let further: Box<dyn Iterator<Item = _>> = if order.descending == self.backwards {
                terms.range(begin, end)
            } else {
                Box::new(terms.range(end, begin).rev())
            };
            let mut patience = hits.len().saturating_mul(PATIENCE);
            for (_, posting) in further {
                if !posting.meets(hits) {
                    patience -= 1;
                    if patience == 0 {
                        return self.rest(hits, from);
                    }
                    continue;
                }
                match posting {
                    Posting::One(one) => self.take(*one)?,
                    Posting::Many(_) => self.level(level + 1, &posting.of(hits), None)?,
                }
            }
        }
        if !self.backwards {
            lacking(self, from.filter(|_| matches!(value, Some(None))))?;
        }
        ControlFlow::Continue(())
    }

    fn by_reference(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let (all, end) = (self.list.selection.snapshot().numbered(), Bound::Unbounded);
        let begin = from.map_or(Bound::Unbounded, |from| Bound::Excluded(from.1.clone()));
        let range = if self.backwards { all.range((end, begin)) } else { all.range((begin, end)) };
        let next: Box<dyn Iterator<Item = _>> = if self.backwards { Box::new(range.rev()) } else { Box::new(range) };
        let mut patience = hits.len().saturating_mul(PATIENCE);
        for (_, Numbered { number, entity }) in next {
            if hits.contains(*number) {
                self.add(self.list.place(entity), entity.clone())?;
                continue;
            }
            patience -= 1;
            if patience == 0 {
                return self.rest(hits, from);
            }
        }
        ControlFlow::Continue(())
    }

    /// Sorts what a walk has not come to: it stands far from where the walk began.
    fn rest(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let reached = self.items.last().map(|(place, _)| place.clone());
        self.sorted(hits, reached.as_ref().or(from))
    }

    /// The first of the hits further on, found without putting all of them in order.
    fn sorted(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let (list, backwards) = (self.list, self.backwards);
        let turned = |order: Ordering| if backwards { order.reverse() } else { order };
        let columns: Vec<_> = list.order.iter().map(|it| it.field.column()).collect();
        let entities: Vec<&Arc<Entity>> = hits.iter().filter_map(|number| list.index().entity(number)).collect();
        let values: Vec<_> =
            entities.iter().flat_map(|entity| columns.iter().map(|column| column.value(entity))).collect();
        let value = |place: usize, level: usize| values[place * columns.len() + level].as_deref();
        let further = |left: &usize, right: &usize| {
            let order = list.compare_by(|level| (value(*left, level), value(*right, level)));
            turned(order.then_with(|| entities[*left].reference.cmp(&entities[*right].reference)))
        };
        let is_behind = |place: &usize| {
            from.is_none_or(|from| {
                let order = list.compare_by(|level| (value(*place, level), from.value(level)));
                turned(order.then_with(|| entities[*place].reference.cmp(&from.1))).is_gt()
            })
        };
        let mut places: Vec<usize> = (0..entities.len()).filter(is_behind).collect();
        let wanted = self.most - self.items.len();
        if places.len() > wanted && wanted > 0 {
            places.select_nth_unstable_by(wanted - 1, further);
            places.truncate(wanted);
        }
        places.sort_unstable_by(further);
        places.into_iter().try_for_each(|place| self.add(list.place(entities[place]), entities[place].clone()))
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
