//! What the log says to a reader: from memory, where it is recent, else from the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plinth_model::{ContentHash, EntityRef, Revision};

use super::{At, END, Feed, MOST, MOST_BYTES, Told};
use crate::{
    Result, Snapshot,
    recent::{Before, Row},
    snapshot::Changes,
    store::{self, Stood},
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
    /// It was not, before one of the changes.
    came: bool,
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
        let candidates = match &self.filter {
            Some(_) => self.candidates(snapshot, &rows).await?,
            None => named(snapshot, &rows),
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
                Some(entity) if candidate.is_named || candidate.came => upserted.push(entity.clone()),
                None if candidate.matched => deleted.push(reference),
                _ => {}
            }
        }
        Ok(Rows::Told(Told::Changed { upserted, deleted, more }))
    }

    /// What some rows may have changed for a reader who does not want to see everything.
    async fn candidates(&self, snapshot: &Snapshot, rows: &[Row]) -> Result<BTreeMap<EntityRef, Candidate>> {
        let mut candidates = BTreeMap::<EntityRef, Candidate>::new();
        let stood = self.stood(rows).await?;
        let earlier = earlier(snapshot, rows, &stood);
        let looks_at_relations = self.filter.as_ref().is_some_and(|filter| filter.looks_at_relations());
        for row in rows {
            let Some(reference) = &row.entity else { continue };
            let before = match &row.before {
                Before::In(before) => before,
                Before::Absent | Before::Stored(_) => &earlier,
            };
            let matched = match &row.before {
                Before::Absent => false,
                Before::In(_) => before.find(reference).is_some_and(|entity| self.wants(before, entity)),
                // Where it cannot be told any more, it is better said in vain than not said.
                Before::Stored(hash) => stood.get(hash).is_none_or(|it| self.wants(before, &it.entity)),
            };
            let candidate = candidates.entry(reference.clone()).or_default();
            candidate.is_named |= is_last(snapshot, row, reference);
            candidate.matched |= matched;
            if !looks_at_relations {
                continue;
            }
            // Those at the other ends have other relations than before, and no row of their own.
            for entity in [before.find(reference), snapshot.find(reference)].into_iter().flatten() {
                let ends = std::iter::once(&entity.reference).chain(entity.relations.iter().map(|(_, other)| other));
                for end in ends.filter(|end| *end != reference) {
                    let matched = before.find(end).is_some_and(|entity| self.wants(before, entity));
                    let candidate = candidates.entry(end.clone()).or_default();
                    candidate.matched |= matched;
                    candidate.came |= !matched;
                }
            }
        }
        Ok(candidates)
    }

    /// The entities as they stood, of rows that are told from the database.
    async fn stood(&self, rows: &[Row]) -> Result<HashMap<ContentHash, Stood>> {
        let stored = rows.iter().filter_map(|row| match &row.before {
            Before::Stored(hash) => Some(*hash),
            Before::Absent | Before::In(_) => None,
        });
        let hashes: BTreeSet<ContentHash> = stored.collect();
        match hashes.is_empty() {
            true => Ok(HashMap::new()),
            false => store::find_stood(self.catalog.db(), &Vec::from_iter(hashes)).await,
        }
    }
}

/// The catalog as it was before some rows that are told from the database, as far as they say.
fn earlier(snapshot: &Snapshot, rows: &[Row], stood: &HashMap<ContentHash, Stood>) -> Snapshot {
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
    if changes.upserted.is_empty() && changes.removed.is_empty() {
        return Snapshot::default();
    }
    let mut earlier = snapshot.apply(changes);
    for it in stood.values() {
        earlier.set_problems(&it.entity.reference, it.had_problems);
    }
    earlier
}

/// The rows of one event, and the revision of the row behind them.
fn cut(mut rows: Vec<Row>, snapshot: &Snapshot) -> (Vec<Row>, Option<i64>) {
    let (mut bytes, mut count) = (0, 0);
    for row in &rows {
        let entity = row.entity.as_ref().filter(|it| is_last(snapshot, row, it)).and_then(|it| snapshot.find(it));
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
fn named(snapshot: &Snapshot, rows: &[Row]) -> BTreeMap<EntityRef, Candidate> {
    let named = rows.iter().filter_map(|row| row.entity.as_ref().filter(|it| is_last(snapshot, row, it)));
    named.map(|reference| (reference.clone(), Candidate { is_named: true, matched: true, came: false })).collect()
}

/// Whether nothing changed an entity after this row: what did tells it, and it is told once.
fn is_last(snapshot: &Snapshot, row: &Row, reference: &EntityRef) -> bool {
    match snapshot.find(reference) {
        Some(entity) => entity.revision.0 == row.revision,
        None => row.is_deletion,
    }
}
