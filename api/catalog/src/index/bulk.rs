//! The indexes of many entities at once: what one after the other would make of them, without a step through a tree for each
//! value of each.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use plinth_model::EntityRef;
use roaring::RoaringBitmap;

use super::{Column, Index, Posting, Terms, column};
use crate::{Entity, RelationType};

/// Gathers entities, each of which comes once.
#[derive(Debug, Default)]
pub(crate) struct Bulk {
    entities: Vec<Arc<Entity>>,
    orphans: RoaringBitmap,
    columns: [Values; Column::ALL.len()],
}

/// The values of one field.
#[derive(Debug, Default)]
struct Values {
    postings: HashMap<Box<str>, Posting>,
    present: RoaringBitmap,
}

impl Bulk {
    /// Takes an entity; answers its number.
    pub(crate) fn add(&mut self, entity: Arc<Entity>) -> u32 {
        let number = u32::try_from(self.entities.len()).expect("memory holds no 4,294,967,296 entities");
        for (column, value) in column::terms(&entity) {
            self.columns[column as usize].add(value, number);
        }
        if entity.is_orphan() {
            self.orphans.insert(number);
        }
        self.entities.push(entity);
        number
    }

    /// The indexes, where `related` tells the relations' types of each reference that has any.
    pub(crate) fn index<'r>(
        self,
        number: impl Fn(&EntityRef) -> Option<u32>,
        related: impl Iterator<Item = (&'r EntityRef, RelationType)>,
    ) -> Index {
        let mut by_type: [RoaringBitmap; RelationType::ALL.len()] = Default::default();
        for (reference, kind) in related {
            if let Some(number) = number(reference) {
                by_type[kind as usize].insert(number);
            }
        }
        let all = u32::try_from(self.entities.len()).map(|end| RoaringBitmap::from_iter(0..end)).unwrap_or_default();
        Index {
            slots: self.entities.into_iter().map(Some).collect(),
            all: Arc::new(all),
            orphans: Arc::new(self.orphans),
            related: by_type.map(Arc::new),
            columns: self.columns.map(Values::terms),
            ..Index::default()
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
        values.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        Terms::of_sorted(values, self.present)
    }
}
