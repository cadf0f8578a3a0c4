//! The indexes of a snapshot: for each field its values in order and the entities that have them.
//!
//! Each entity has a small number as long as it stays, so that sets of entities are bitmaps. Like the rest of a snapshot
//! all of it is persistent: the next one shares what did not change.

mod bulk;
mod column;
mod posting;
mod ranks;
mod select;
mod terms;

use std::{ops::Bound, sync::Arc};

use arcstr::ArcStr;
use imbl::Vector;
use roaring::RoaringBitmap;

pub(crate) use self::{
    bulk::Bulk,
    column::Column,
    posting::Posting,
    ranks::{Rank, Ranks},
    select::Question,
    terms::Terms,
};
use crate::{Entity, RelationType};

/// The indexes of a snapshot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// The entities by their numbers.
    slots: Vector<Option<Arc<Entity>>>,
    /// By reference.
    ranks: Ranks,
    /// By name: the order that lists have where nobody asks for another.
    names: Ranks,
    /// Numbers that nobody has.
    free: Vector<u32>,
    all: Arc<RoaringBitmap>,
    orphans: Arc<RoaringBitmap>,
    with_problems: Arc<RoaringBitmap>,
    /// Those with a relation of each type.
    related: [Arc<RoaringBitmap>; RelationType::ALL.len()],
    columns: [Terms; Column::ALL.len()],
}

/// The number of an entity before which so many came.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).expect("memory holds no 4,294,967,296 entities")
}

/// Notes whether a number is in a set; a set that is shared is copied only where it changes.
fn mark(set: &mut Arc<RoaringBitmap>, number: u32, wanted: bool) {
    if set.contains(number) == wanted {
        return;
    }
    let set = Arc::make_mut(set);
    if wanted {
        set.insert(number);
    } else {
        set.remove(number);
    }
}

impl Index {
    /// Whether no entity was ever in it.
    pub(crate) fn is_new(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes an entity in the place of the known one, or under a number of its own; answers its number.
    pub(crate) fn put(&mut self, entity: &Arc<Entity>, known: Option<(u32, &Entity)>) -> u32 {
        let number = known.map_or_else(|| self.number(), |(number, _)| number);
        self.replace(number, known.map(|(_, known)| known), Some(entity));
        if known.is_none() {
            mark(&mut self.all, number, true);
        }
        self.slots.set(number as usize, Some(entity.clone()));
        number
    }

    /// Gives an entity its place in the order of references, between its neighbours. Says where there is no room left: then
    /// [`Self::spread`] must follow.
    pub(crate) fn rank(&mut self, number: u32, before: Option<u32>, behind: Option<u32>) -> bool {
        self.ranks.put(number, before, behind)
    }

    /// Gives all entities, who come in the order of their references, their places anew.
    pub(crate) fn spread(&mut self, numbers: &[u32]) {
        self.ranks.spread(numbers.len(), numbers.iter().copied().enumerate());
    }

    /// Where entities stand in the order of their references.
    pub(crate) fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    /// Where entities stand in the order of their names.
    pub(crate) fn name_ranks(&self) -> &Ranks {
        &self.names
    }

    /// Where a name stands among the ranks of names, whether or not it is one's.
    pub(crate) fn rank_of_name(&self, name: &str) -> Rank {
        let up_to = self.terms(Column::Name).range(Bound::Unbounded, Bound::Included(name)).next_back();
        Rank::up_to(up_to.and_then(|(last, posting)| Some((**last == *name, self.names.get(posting.first()?)))))
    }

    /// Gives an entity its place in the order of names: that of another of its name, or one between the names beside it.
    fn rank_name(&mut self, number: u32, name: &str) {
        let terms = &self.columns[Column::Name as usize];
        if let Some(other) = terms.get(name).and_then(|posting| posting.other_than(number)) {
            return self.names.put_beside(number, other);
        }
        let before = terms.range(Bound::Unbounded, Bound::Excluded(name)).next_back();
        let behind = terms.range(Bound::Excluded(name), Bound::Unbounded).next();
        let one_of = |beside: Option<(&ArcStr, &Posting)>| beside.and_then(|(_, posting)| posting.first());
        if !self.names.put(number, one_of(before), one_of(behind)) {
            self.spread_names();
        }
    }

    /// Gives all names their places anew.
    fn spread_names(&mut self) {
        let terms = &self.columns[Column::Name as usize];
        let names = terms.range(Bound::Unbounded, Bound::Unbounded).enumerate();
        let numbers = names.flat_map(|(place, (_, posting))| {
            let numbers = posting.numbers().into_owned();
            numbers.into_iter().map(move |number| (place, number))
        });
        self.names.spread(terms.len(), numbers);
    }

    /// Takes an entity out.
    pub(crate) fn remove(&mut self, number: u32, known: &Entity) {
        self.replace(number, Some(known), None);
        for set in [&mut self.all, &mut self.with_problems].into_iter().chain(&mut self.related) {
            mark(set, number, false);
        }
        self.slots.set(number as usize, None);
        self.free.push_back(number);
    }

    /// Notes whether an entity has a relation of a type.
    pub(crate) fn mark_related(&mut self, number: u32, kind: RelationType, related: bool) {
        mark(&mut self.related[kind as usize], number, related);
    }

    /// Notes which entities have a relation of each type.
    pub(crate) fn set_related(&mut self, related: [RoaringBitmap; RelationType::ALL.len()]) {
        self.related = related.map(Arc::new);
    }

    /// Notes whether a problem names an entity.
    pub(crate) fn mark_problems(&mut self, number: u32, has: bool) {
        mark(&mut self.with_problems, number, has);
    }

    /// All entities.
    pub(crate) fn all(&self) -> &Arc<RoaringBitmap> {
        &self.all
    }

    /// The entity of a number.
    pub(crate) fn entity(&self, number: u32) -> Option<&Arc<Entity>> {
        self.slots.get(number as usize)?.as_ref()
    }

    /// The values of a field.
    pub(crate) fn terms(&self, column: Column) -> &Terms {
        &self.columns[column as usize]
    }

    fn number(&mut self) -> u32 {
        if let Some(number) = self.free.pop_back() {
            return number;
        }
        let number = number(self.slots.len());
        self.slots.push_back(None);
        number
    }

    /// Touches only what differs.
    fn replace(&mut self, number: u32, before: Option<&Entity>, after: Option<&Entity>) {
        mark(&mut self.orphans, number, after.is_some_and(Entity::is_orphan));
        let (before, after) =
            (before.map(column::terms).unwrap_or_default(), after.map(column::terms).unwrap_or_default());
        for (column, value) in before.iter().filter(|it| after.binary_search(it).is_err()) {
            self.columns[*column as usize].remove(value, number);
        }
        for (column, value) in after.iter().filter(|it| before.binary_search(it).is_err()) {
            self.columns[*column as usize].add(value, number);
            if *column == Column::Name {
                self.rank_name(number, value);
            }
        }
        for column in Column::ALL {
            let has = |terms: &column::Found<'_>| terms.iter().any(|(it, _)| *it == column);
            if has(&before) != has(&after) {
                self.columns[column as usize].mark(number, has(&after));
            }
        }
    }
}
