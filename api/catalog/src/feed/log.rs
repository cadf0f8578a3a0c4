//! What the log says to a reader: from memory, where it is recent, else from the database.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use plinth_model::{ContentHash, EntityRef, Revision};

use super::{At, END, Feed, MOST, MOST_BYTES, Told};
use crate::{
    Entity, Result, Snapshot,
    recent::{Before, Row},
    snapshot::Changes,
    store,
};

/// What there is to tell.
pub(super) enum Rows {
    /// Nothing: the reader is at the end.
    None,
    /// The log does not reach back so far.
    Pruned,
    /// Perhaps nothing that matters to the reader, who is further then.
    Told(Told),
}

/// What may have to be told of an entity.
#[derive(Default)]
struct Candidate {
    /// The log names it, and not only one that it has a relation with.
    is_named: bool,
    /// It was what the reader wants to see.
    matched: bool,
}

impl Feed {
    pub(super) async fn of_log(&mut self, snapshot: &Snapshot, revision: i64, ordinal: i64) -> Result<Rows> {
        let until = snapshot.revision().0;
        if revision >= until && ordinal == END {
            return Ok(Rows::None);
        }
        let rows = match self.catalog.recent_rows((revision, ordinal), until, MOST + 1) {
            Some(rows) => rows,
            None => {
                let behind = (Revision(revision), ordinal);
                match store::find_log(self.catalog.db(), behind, Revision(until), MOST + 1).await? {
                    Some(rows) => rows,
                    None => return Ok(Rows::Pruned),
                }
            }
        };
        let (rows, next) = cut(rows, snapshot);
        let candidates = match &self.follow.filter {
            Some(_) => self.candidates(snapshot, &rows).await?,
            None => named(&rows),
        };
        let more = match (rows.last(), next) {
            (Some(last), Some(next)) if last.revision == next => {
                self.at = At::Log { revision: last.revision, ordinal: last.ordinal };
                true
            }
            (Some(last), Some(_)) => {
                self.at = At::Log { revision: last.revision, ordinal: END };
                false
            }
            _ => {
                self.at = At::Log { revision: until, ordinal: END };
                false
            }
        };
        let (mut upserted, mut deleted) = (Vec::new(), Vec::new());
        for (reference, candidate) in candidates {
            let now = snapshot.find(&reference).filter(|entity| self.wants(snapshot, entity));
            match now {
                // One that is only near a change is told where that made it come.
                Some(entity) if candidate.is_named || !candidate.matched => upserted.push(entity.clone()),
                None if candidate.matched => deleted.push(reference),
                _ => {}
            }
        }
        Ok(Rows::Told(Told::Changed { upserted, deleted, more }))
    }

    /// What some rows may have changed for a reader who does not want to see everything.
    async fn candidates(&self, snapshot: &Snapshot, rows: &[Row]) -> Result<BTreeMap<EntityRef, Candidate>> {
        let mut candidates = BTreeMap::<EntityRef, Candidate>::new();
        let (stood, earlier) = self.stood(snapshot, rows).await?;
        for row in rows {
            let Some(reference) = &row.entity else { continue };
            candidates.entry(reference.clone()).or_default().is_named = true;
            let before = match &row.before {
                Before::Absent => continue,
                Before::In(before) => before,
                Before::Stored(hash) => match stood.get(hash) {
                    Some(entity) => {
                        let candidate = candidates.entry(reference.clone()).or_default();
                        candidate.matched |= self.wants(&earlier, entity);
                        &earlier
                    }
                    // It was noted by a version that could not tell more: better said in vain than not said.
                    None => {
                        candidates.entry(reference.clone()).or_default().matched = true;
                        continue;
                    }
                },
            };
            self.note(&mut candidates, before, reference);
            for entity in [before.find(reference), snapshot.find(reference)].into_iter().flatten() {
                for end in entity.declared.iter().flat_map(|relation| [&relation.source, &relation.target]) {
                    if end != reference && self.looks_at_relations() {
                        self.note(&mut candidates, before, end);
                    }
                }
            }
        }
        Ok(candidates)
    }

    fn looks_at_relations(&self) -> bool {
        self.follow.filter.as_ref().is_some_and(|filter| filter.looks_at_relations())
    }

    /// Notes how an entity stood before.
    fn note(&self, candidates: &mut BTreeMap<EntityRef, Candidate>, before: &Snapshot, reference: &EntityRef) {
        let matched = before.find(reference).is_some_and(|entity| self.wants(before, entity));
        candidates.entry(reference.clone()).or_default().matched |= matched;
    }

    /// The entities as they stood, of rows that are told from the database, and the catalog as it was with them.
    async fn stood(&self, snapshot: &Snapshot, rows: &[Row]) -> Result<(HashMap<ContentHash, Arc<Entity>>, Snapshot)> {
        let stored = rows.iter().filter_map(|row| match &row.before {
            Before::Stored(hash) => Some(*hash),
            Before::Absent | Before::In(_) => None,
        });
        let hashes: BTreeSet<ContentHash> = stored.collect();
        if hashes.is_empty() {
            return Ok((HashMap::new(), Snapshot::default()));
        }
        let stood = store::find_stood(self.catalog.db(), &Vec::from_iter(hashes)).await?;
        let mut changes = Changes::default();
        let mut seen = BTreeSet::new();
        for row in rows {
            let Some(reference) = row.entity.as_ref().filter(|it| seen.insert(*it)) else { continue };
            match &row.before {
                Before::Stored(hash) => changes.upserted.extend(stood.get(hash).map(|it| it.entity.clone())),
                Before::Absent => changes.removed.push(reference.clone()),
                Before::In(_) => {}
            }
        }
        let mut earlier = snapshot.apply(changes);
        for it in stood.values() {
            earlier.set_problems(&it.entity.reference, it.had_problems);
        }
        Ok((stood.into_iter().map(|(hash, it)| (hash, it.entity)).collect(), earlier))
    }
}

/// The rows of one event, and the revision of the row behind them.
fn cut(mut rows: Vec<Row>, snapshot: &Snapshot) -> (Vec<Row>, Option<i64>) {
    let (mut bytes, mut count) = (0, 0);
    for row in &rows {
        let entity = row.entity.as_ref().and_then(|it| snapshot.find(it));
        bytes += entity.map_or(0, |entity| entity.content.len());
        if count == MOST || (bytes > MOST_BYTES && count > 0) {
            break;
        }
        count += 1;
    }
    let next = rows.get(count).map(|row| row.revision);
    rows.truncate(count);
    (rows, next)
}

/// What some rows name, for a reader who wants to see everything.
fn named(rows: &[Row]) -> BTreeMap<EntityRef, Candidate> {
    let named = rows.iter().filter_map(|row| row.entity.clone());
    named.map(|reference| (reference, Candidate { is_named: true, matched: true })).collect()
}
