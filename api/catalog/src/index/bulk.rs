//! The indexes of many entities at once: what one after the other would make of them, without a step through a tree for each
//! value of each.

use std::{borrow::Cow, sync::Arc};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use roaring::RoaringBitmap;

use super::{Column, Index, Posting, Ranks, Terms, column};
use crate::Entity;

/// The values of one field.
#[derive(Debug, Default)]
struct Values {
    /// As they come, which is nearly in order for entities in the order of their references.
    postings: IndexMap<Box<str>, Posting, RandomState>,
    present: RoaringBitmap,
}

impl Index {
    /// The indexes of entities in the order of their references, numbered from 0, but for their relations and problems.
    pub(crate) fn of(entities: &[Arc<Entity>]) -> Self {
        let mut orphans = RoaringBitmap::new();
        let mut columns: [Values; Column::ALL.len()] = Default::default();
        for (number, entity) in (0..).zip(entities) {
            for (column, value) in column::terms(entity) {
                columns[column as usize].add(value, number);
            }
            if entity.is_orphan() {
                orphans.insert(number);
            }
        }
        Self {
            ranks: Ranks::of(entities.len()),
            slots: entities.iter().cloned().map(Some).collect(),
            all: Arc::new((0..).zip(entities).map(|(number, _)| number).collect()),
            orphans: Arc::new(orphans),
            columns: columns.map(Values::terms),
            ..Self::default()
        }
    }
}

// === impl Values ===

impl Values {
    fn add(&mut self, value: Cow<'_, str>, number: u32) {
        match self.postings.get_mut(&*value) {
            Some(posting) => posting.add(number),
            None => drop(self.postings.insert(value.into(), Posting::One(number))),
        }
        self.present.insert(number);
    }

    fn terms(self) -> Terms {
        let mut values: Vec<_> = self.postings.into_iter().collect();
        // A stable sort makes use of what is in order already.
        values.sort_by(|(left, _), (right, _)| left.cmp(right));
        Terms::of_sorted(values, self.present)
    }
}
