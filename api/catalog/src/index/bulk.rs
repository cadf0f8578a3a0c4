//! The indexes of many entities at once: what one after the other would make of them, without a step through a tree for each
//! value of each.

use std::{borrow::Cow, sync::Arc};

use arcstr::ArcStr;
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use roaring::RoaringBitmap;

use super::{Column, Index, Posting, Terms, column, number};
use crate::Entity;

/// Indexes to be, while entities come.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    entities: Vec<Arc<Entity>>,
    orphans: RoaringBitmap,
    columns: [Values; Column::ALL.len()],
}

/// The values of one field.
#[derive(Debug, Default)]
struct Values {
    /// Where hardly two entities have the same, as they come: to look each up first would cost more than to sort them.
    own: Vec<(ArcStr, u32)>,
    /// Where many share few, each once.
    shared: IndexMap<ArcStr, Posting, RandomState>,
    present: RoaringBitmap,
}

// === impl Bulk ===

impl Bulk {
    /// Takes the next entity, whose number is how many came before it.
    pub(crate) fn add(&mut self, entity: &Arc<Entity>) {
        let number = number(self.entities.len());
        for (column, value) in column::terms(entity) {
            self.columns[column as usize].add(column, value, number);
        }
        if entity.is_orphan() {
            self.orphans.insert(number);
        }
        self.entities.push(entity.clone());
    }

    /// The indexes of all that came, but for their order, their relations and their problems.
    pub(crate) fn finish(self) -> Index {
        let count = number(self.entities.len());
        let mut index = Index {
            slots: self.entities.into_iter().map(Some).collect(),
            all: Arc::new((0..count).collect()),
            orphans: Arc::new(self.orphans),
            columns: self.columns.map(Values::terms),
            ..Index::default()
        };
        index.spread_names();
        index
    }
}

// === impl Values ===

impl Values {
    fn add(&mut self, column: Column, value: Cow<'_, str>, number: u32) {
        if matches!(column, Column::Name | Column::Title | Column::DisplayName | Column::Annotation) {
            self.own.push((value.into(), number));
        } else if let Some(posting) = self.shared.get_mut(&*value) {
            posting.add(number);
        } else {
            self.shared.insert(value.into(), Posting::One(number));
        }
        self.present.insert(number);
    }

    fn terms(self) -> Terms {
        let Self { mut own, shared, present } = self;
        // A stable sort makes use of what is in order already: entities come in the order of their references.
        own.sort_by(|(left, _), (right, _)| left.cmp(right));
        let groups = own.chunk_by(|(left, _), (right, _)| left == right);
        let own = groups.map(|group| (group[0].0.clone(), Posting::of_sorted(group.iter().map(|(_, number)| *number))));
        let mut values: Vec<_> = own.chain(shared).collect();
        values.sort_by(|(left, _), (right, _)| left.cmp(right));
        Terms::of_sorted(values, present)
    }
}
