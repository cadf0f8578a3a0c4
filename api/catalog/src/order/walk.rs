//! Walking through a list from a place, without sorting it.
//!
//! The first field's values come in order from its index; those of the hits that have one value are walked by the next field,
//! and so on to the reference. Where few hits are left they are gathered and sorted.

use std::{
    borrow::Cow,
    cmp::Ordering,
    ops::{Bound, ControlFlow},
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{EntityPlace, Ordered, compare, first_difference};
use crate::{
    Entity,
    index::{Column, Index, Posting, Rank, Terms},
    snapshot::Numbered,
};

/// Steps through an index that cost as much as putting one more hit in order: where fewer would do, hits are walked to, and where
/// as many have led to nothing, the rest is put in order.
const STEPS: u64 = if cfg!(test) { 1 } else { 3 };

/// What a walk gathers.
struct Gathering<'w> {
    list: &'w Ordered,
    /// What ends it.
    until: Option<&'w EntityPlace>,
    backwards: bool,
    most: usize,
    items: Vec<(EntityPlace, Arc<Entity>)>,
}

/// What hits have in one field of the order.
enum Values<'w> {
    /// For names, numbers that sort as they do: no hit is looked at.
    Ranks(Vec<u64>),
    Texts(Vec<Option<Cow<'w, str>>>),
}

/// Where a page begins in one field of the order.
enum At<'w> {
    Rank(Rank),
    Text(Option<&'w str>),
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
        let order = self.list.order.get(level).copied();
        let terms = order.map(|order| self.list.index().terms(order.field.column()));
        let places = terms.map_or_else(|| self.list.selection.snapshot().numbered().len(), Terms::len);
        if self.is_sorted_sooner(hits, places) {
            return self.sorted(hits, from);
        }
        let Some((order, terms)) = order.zip(terms) else { return self.by_reference(hits, from) };
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
            let mut patience = hits.len().saturating_mul(STEPS);
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

    /// How many are wanted still.
    fn wanted(&self) -> usize {
        self.most - self.items.len()
    }

    /// Whether hits are sorted sooner than a walk over so many places would come upon as many as are wanted.
    fn is_sorted_sooner(&self, hits: &RoaringBitmap, places: usize) -> bool {
        let (hits, wanted) = (hits.len(), self.wanted() as u64);
        let steps = if wanted >= hits { places as u64 } else { wanted * places as u64 / hits };
        hits * STEPS <= steps
    }

    fn by_reference(&mut self, hits: &RoaringBitmap, from: Option<&EntityPlace>) -> ControlFlow<()> {
        let (all, end) = (self.list.selection.snapshot().numbered(), Bound::Unbounded);
        let begin = from.map_or(Bound::Unbounded, |from| Bound::Excluded(from.1.clone()));
        let range = if self.backwards { all.range((end, begin)) } else { all.range((begin, end)) };
        let next: Box<dyn Iterator<Item = _>> = if self.backwards { Box::new(range.rev()) } else { Box::new(range) };
        let mut patience = hits.len().saturating_mul(STEPS);
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
        let (list, backwards, snapshot) = (self.list, self.backwards, self.list.selection.snapshot());
        let turned = |order: Ordering| if backwards { order.reverse() } else { order };
        let numbers: Vec<u32> = hits.iter().collect();
        let ranks = snapshot.index().ranks().each(numbers.iter().copied());
        let values: Vec<_> =
            list.order.iter().map(|it| Values::of(it.field.column(), list.index(), &numbers)).collect();
        let levels = || list.order.iter().zip(&values);
        let further = |left: &usize, right: &usize| {
            let orders = levels().map(|(order, values)| values.compare(*left, *right, order.descending));
            let order = first_difference(orders);
            turned(order.then_with(|| ranks[*left].cmp(&ranks[*right])))
        };
        let from = from.map(|from| {
            let at = (0..).zip(&values).map(|(level, values)| values.place(list.index(), from.value(level)));
            (at.collect::<Vec<_>>(), snapshot.rank_of(&from.1))
        });
        let is_behind = |place: &usize| {
            from.as_ref().is_none_or(|(at, rank)| {
                let orders = levels().zip(at).map(|((order, values), at)| values.against(*place, at, order.descending));
                turned(first_difference(orders).then_with(|| rank.against(ranks[*place]).reverse())).is_gt()
            })
        };
        let mut places: Vec<usize> = (0..numbers.len()).filter(is_behind).collect();
        let wanted = self.wanted();
        if places.len() > wanted && wanted > 0 {
            places.select_nth_unstable_by(wanted - 1, further);
            places.truncate(wanted);
        }
        places.sort_unstable_by(further);
        places.into_iter().try_for_each(|place| self.take(numbers[place]))
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

// === impl Values ===

impl<'w> Values<'w> {
    fn of(column: Column, index: &'w Index, numbers: &[u32]) -> Self {
        if column == Column::Name {
            return Self::Ranks(index.name_ranks().each(numbers.iter().copied()));
        }
        let value = |number: &u32| index.entity(*number).and_then(|entity| column.value(entity));
        Self::Texts(numbers.iter().map(value).collect())
    }

    /// Where a value stands among them.
    fn place<'p>(&self, index: &Index, value: Option<&'p str>) -> At<'p> {
        match (self, value) {
            (Self::Ranks(_), Some(name)) => At::Rank(index.rank_of_name(name)),
            _ => At::Text(value),
        }
    }

    /// How one hit stands to another.
    fn compare(&self, left: usize, right: usize, descending: bool) -> Ordering {
        match self {
            Self::Ranks(ranks) if descending => ranks[right].cmp(&ranks[left]),
            Self::Ranks(ranks) => ranks[left].cmp(&ranks[right]),
            Self::Texts(texts) => compare(texts[left].as_deref(), texts[right].as_deref(), descending),
        }
    }

    /// How a hit stands to where a page begins.
    fn against(&self, hit: usize, at: &At<'_>, descending: bool) -> Ordering {
        match (self, at) {
            (Self::Ranks(ranks), At::Rank(at)) if descending => at.against(ranks[hit]),
            (Self::Ranks(ranks), At::Rank(at)) => at.against(ranks[hit]).reverse(),
            // All have a name, and those that lack one would come last.
            (Self::Ranks(_), At::Text(_)) => Ordering::Less,
            (Self::Texts(_), At::Rank(_)) => Ordering::Greater,
            (Self::Texts(texts), At::Text(at)) => compare(texts[hit].as_deref(), *at, descending),
        }
    }
}
