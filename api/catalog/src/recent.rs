//! The latest changes, kept in memory: who follows closely asks no database.

use std::{collections::VecDeque, sync::Arc};

use plinth_model::{ContentHash, EntityRef};

use crate::Snapshot;

/// Changes that are remembered, and rows of them all together. Each holds what it replaced.
const MOST_STEPS: usize = 64;
const MOST_ROWS: usize = 2_000;

/// A row of the log.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) revision: i64,
    pub(crate) ordinal: i64,
    /// `None` where it is about a location.
    pub(crate) entity: Option<EntityRef>,
    /// Whether the entity left by it.
    pub(crate) is_deletion: bool,
    pub(crate) before: Before,
}

/// How an entity stood before a change.
#[derive(Debug, Clone)]
pub(crate) enum Before {
    /// It was not there.
    Absent,
    /// As in this snapshot, perhaps not at all.
    In(Arc<Snapshot>),
    /// As this body says.
    Stored(ContentHash),
}

/// What a row of the log is about.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) revision: i64,
    pub(crate) ordinal: i64,
    /// `None` where it is about a location.
    pub(crate) entity: Option<EntityRef>,
    /// Whether the entity left by it.
    pub(crate) is_deletion: bool,
}

/// The latest changes.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    steps: VecDeque<Step>,
    rows: usize,
}

/// From one snapshot to the next.
#[derive(Debug)]
struct Step {
    before: Arc<Snapshot>,
    until: i64,
    rows: Vec<Named>,
}

impl Recent {
    /// Remembers what led from a snapshot to a revision.
    pub(crate) fn push(&mut self, before: Arc<Snapshot>, until: i64, rows: Vec<Named>) {
        self.rows += rows.len();
        self.steps.push_back(Step { before, until, rows });
        while self.steps.len() > MOST_STEPS || self.rows > MOST_ROWS {
            let Some(step) = self.steps.pop_front() else { break };
            self.rows -= step.rows.len();
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The rows behind one and up to a revision, in their order, so many at most; `None` where it is not remembered.
    pub(crate) fn behind(&self, place: (i64, i64), until: i64, most: usize) -> Option<Vec<Row>> {
        if self.steps.front()?.before.revision().0 > place.0 {
            return None;
        }
        let first = self.steps.partition_point(|step| step.until < place.0);
        let steps = self.steps.range(first..);
        let rows = steps.flat_map(|step| step.rows.iter().map(move |row| (step, row)));
        let rows = rows.filter(|(_, row)| (row.revision, row.ordinal) > place && row.revision <= until);
        let row = |(step, row): (&Step, &Named)| Row {
            revision: row.revision,
            ordinal: row.ordinal,
            entity: row.entity.clone(),
            is_deletion: row.is_deletion,
            before: Before::In(step.before.clone()),
        };
        Some(rows.take(most).map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use plinth_model::Revision;

    use super::*;
    use crate::snapshot::Changes;

    fn at(revision: i64) -> Arc<Snapshot> {
        Arc::new(Snapshot::default().apply(Changes { revision: Revision(revision), ..Changes::default() }))
    }

    fn step(recent: &mut Recent, from: i64, until: i64, rows: usize) {
        let row = |ordinal| Named { revision: until, ordinal, entity: None, is_deletion: false };
        recent.push(at(from), until, (0..).map(row).take(rows).collect());
    }

    #[test]
    fn what_is_remembered_is_told_from_any_place_on_and_what_is_not_is_said_to_be_none() {
        let mut recent = Recent::default();
        assert!(recent.behind((0, i64::MAX), 0, 10).is_none());
        step(&mut recent, 5, 6, 2);
        step(&mut recent, 6, 9, 3);
        let places = |place, until, most| {
            recent
                .behind(place, until, most)
                .map(|rows| rows.iter().map(|it| (it.revision, it.ordinal)).collect::<Vec<_>>())
        };
        assert_eq!(places((5, i64::MAX), 9, 10), Some(vec![(6, 0), (6, 1), (9, 0), (9, 1), (9, 2)]));
        assert_eq!(places((6, 0), 9, 2), Some(vec![(6, 1), (9, 0)]));
        assert_eq!(places((6, i64::MAX), 6, 10), Some(vec![]));
        assert_eq!(places((9, i64::MAX), 9, 10), Some(vec![]));
        assert_eq!(places((4, i64::MAX), 9, 10), None);
    }

    #[test]
    fn a_large_change_is_left_to_the_database() {
        let mut recent = Recent::default();
        step(&mut recent, 0, 1, 1);
        step(&mut recent, 1, 2, MOST_ROWS + 1);
        assert!(recent.behind((1, i64::MAX), 2, 10).is_none());
        step(&mut recent, 2, 3, 1);
        assert!(recent.behind((1, i64::MAX), 3, 10).is_none());
        assert_eq!(recent.behind((2, i64::MAX), 3, 10).unwrap().len(), 1);
    }
}
