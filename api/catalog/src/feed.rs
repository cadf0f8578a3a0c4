//! The catalog's changes as a reader follows them: what there is, what happened since, and then what happens.
//!
//! A reader holds a place, not a queue and not a snapshot: what it is told next is looked up when it asks. It learns states, not
//! history: what changed three times meanwhile comes once, as it is now.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use plinth_model::{EntityRef, Revision};
use plinth_storage::now;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Catalog, Entity, List, NameKey, PageRange, Result, Snapshot, store};

/// Entities of one event.
const MOST: usize = 100;
/// Bytes of their content together, as long as there are several.
const MOST_BYTES: usize = 1 << 20;
/// How long a reader to whom nothing happens waits for a word that it is still at the end.
const IDLE: Duration = Duration::from_secs(30);

/// Where a reader is: what a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPlace {
    /// The data that it is a place in.
    data: Uuid,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum At {
    /// In the midst of what there was: behind this name. The changes since that revision follow.
    Snapshot { since: i64, behind: Option<NameKey> },
    /// Behind this row of the log.
    Log { revision: i64, ordinal: i64 },
}

/// Where a reader wants to begin.
#[derive(Debug, Clone)]
pub enum FeedStart {
    /// At the end.
    Now,
    /// With all that there is.
    Snapshot,
    /// Where it was; if that is no more, with all that there is, or at the end.
    After {
        /// Where it was.
        place: FeedPlace,
        /// With all that there is.
        or_snapshot: bool,
    },
}

/// What a reader is told.
#[derive(Debug, Clone)]
pub struct FeedEvent {
    /// Where it is then.
    pub place: FeedPlace,
    /// When it was told.
    pub at: DateTime<Utc>,
    /// The catalog that this is told of.
    pub snapshot: Arc<Snapshot>,
    /// What it is.
    pub told: Told,
}

/// What a reader is told.
#[derive(Debug, Clone)]
pub enum Told {
    /// To be applied as one; nothing is in both.
    Changed {
        /// These are new, or others than before.
        upserted: Vec<Arc<Entity>>,
        /// These are gone.
        deleted: Vec<EntityRef>,
        /// Whether more of the same revision, or of the snapshot, follows.
        more: bool,
    },
    /// All up to here has been told.
    Synced,
    /// What lies before cannot be told: the place is none of this data.
    Foreign,
}

/// Follows the catalog for one reader.
#[derive(Debug)]
pub struct Feed {
    catalog: Catalog,
    at: At,
    news: watch::Receiver<Arc<Snapshot>>,
    is_foreign: bool,
    is_synced: bool,
}

impl Catalog {
    /// Begins to follow.
    pub fn follow_from(&self, start: FeedStart) -> Feed {
        let snapshot = self.snapshot();
        let now = snapshot.revision().0;
        let end = At::Log { revision: now, ordinal: i64::MAX };
        let all = At::Snapshot { since: now, behind: None };
        let (at, is_foreign) = match start {
            FeedStart::Now => (end, false),
            FeedStart::Snapshot => (all, false),
            FeedStart::After { place, or_snapshot } => {
                let (At::Snapshot { since: revision, .. } | At::Log { revision, .. }) = &place.at;
                match place.data == self.data_id() && *revision <= now {
                    true => (place.at, false),
                    false => (if or_snapshot { all } else { end }, true),
                }
            }
        };
        Feed { catalog: self.clone(), at, news: self.watch(), is_foreign, is_synced: false }
    }
}

impl Feed {
    /// The next event; waits for it.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn next(&mut self) -> Result<FeedEvent> {
        loop {
            let snapshot = self.news.borrow_and_update().clone();
            if std::mem::take(&mut self.is_foreign) {
                return Ok(self.event(snapshot, Told::Foreign));
            }
            let told = match self.at.clone() {
                At::Snapshot { since, behind } => Some(self.of_snapshot(&snapshot, since, behind)),
                At::Log { revision, ordinal } => self.of_log(&snapshot, revision, ordinal).await?,
            };
            match told {
                Some(Told::Changed { upserted, deleted, more: false }) if upserted.is_empty() && deleted.is_empty() => {
                }
                Some(told) => return Ok(self.event(snapshot, told)),
                None if !self.is_synced => {
                    self.is_synced = true;
                    return Ok(self.event(snapshot, Told::Synced));
                }
                None => match tokio::time::timeout(IDLE, self.news.changed()).await {
                    // The catalog itself holds the sender.
                    Ok(_) => {}
                    Err(_) => return Ok(self.event(snapshot, Told::Synced)),
                },
            }
        }
    }

    fn event(&self, snapshot: Arc<Snapshot>, told: Told) -> FeedEvent {
        let place = FeedPlace { data: self.catalog.data_id(), at: self.at.clone() };
        FeedEvent { place, at: now(), snapshot, told }
    }

    fn of_snapshot(&mut self, snapshot: &Snapshot, since: i64, behind: Option<NameKey>) -> Told {
        let range = PageRange { size: MOST, from_end: false, after: behind, before: None };
        let page = snapshot.by_name().page(&range);
        let (mut upserted, mut bytes, mut last) = (Vec::new(), 0, None);
        let found = page.items.len();
        for (key, entity) in page.items {
            bytes += entity.content.len();
            if bytes > MOST_BYTES && !upserted.is_empty() {
                break;
            }
            upserted.push(entity);
            last = Some(key);
        }
        let more = page.has_next || upserted.len() < found;
        self.at = match more {
            true => At::Snapshot { since, behind: last },
            false => At::Log { revision: since, ordinal: i64::MAX },
        };
        Told::Changed { upserted, deleted: Vec::new(), more }
    }

    async fn of_log(&mut self, snapshot: &Snapshot, revision: i64, ordinal: i64) -> Result<Option<Told>> {
        let until = snapshot.revision();
        if revision >= until.0 && ordinal == i64::MAX {
            return Ok(None);
        }
        let rows = store::find_log(self.catalog.db(), (Revision(revision), ordinal), until, MOST + 1).await?;
        let (mut references, mut bytes, mut last, mut more) = (BTreeSet::new(), 0, None, false);
        for (count, mut row) in rows.into_iter().enumerate() {
            // What changed later, too, is told then: once.
            row.entity = row.entity.filter(|it| match snapshot.find(it) {
                Some(entity) => entity.revision.0 == row.revision,
                None => row.is_deletion,
            });
            let size = row.entity.as_ref().and_then(|it| snapshot.find(it)).map_or(0, |entity| entity.content.len());
            bytes += size;
            if count == MOST || (bytes > MOST_BYTES && count > 0) {
                more = last.is_some_and(|(revision, _)| revision == row.revision);
                break;
            }
            last = Some((row.revision, row.ordinal));
            references.extend(row.entity);
        }
        let Some((revision, ordinal)) = last else {
            self.at = At::Log { revision: until.0, ordinal: i64::MAX };
            return Ok(None);
        };
        self.at = At::Log { revision, ordinal };
        let (mut upserted, mut deleted) = (Vec::new(), Vec::new());
        for reference in references {
            match snapshot.find(&reference) {
                Some(entity) => upserted.push(entity.clone()),
                None => deleted.push(reference),
            }
        }
        Ok(Some(Told::Changed { upserted, deleted, more }))
    }
}
