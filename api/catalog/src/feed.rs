//! The catalog's changes as a reader follows them: what there is, what happened since, and then what happens.
//!
//! A reader holds a place, not a queue and not a snapshot: what it is told next is looked up when it asks. It learns states, not
//! history: what changed three times meanwhile comes once, as it is now.

mod follower;
mod log;
mod place;
#[cfg(test)]
mod tests;

use std::{ops::Bound, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use plinth_auth::{Caller, Scope};
use plinth_model::EntityRef;
use plinth_storage::now;
use tokio::{sync::watch, time::Instant};

pub(crate) use follower::Follower;
pub use follower::Who;
pub use place::FeedPlace;

use self::{
    log::Rows,
    place::{At, END},
};
use crate::{Catalog, Entity, EntityFilter, List, Mine, NameKey, Result, Snapshot};

/// Entities of one event.
const MOST: usize = 100;
/// Bytes of their content together, as long as there are several.
const MOST_BYTES: usize = 1 << 20;
/// How long a reader who is told nothing waits for a word of where it is.
pub(crate) const IDLE: Duration = Duration::from_secs(30);
/// How long a place of another server is waited for.
pub(crate) const LAG: Duration = Duration::from_secs(2);
/// How many entities are looked at between two moments at which others may go on.
const AT_A_STRETCH: usize = 2_000;

/// What a reader wants to follow.
pub struct Follow {
    /// Where it begins.
    pub start: FeedStart,
    /// What it wants to see; all where it is `None`.
    pub filter: Option<EntityFilter>,
    /// Whether it followed before, without a break.
    pub goes_on: bool,
    /// Who asks by now.
    pub who: Who,
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
        /// These are gone, or are not what the reader wants to see any more.
        deleted: Vec<EntityRef>,
        /// Whether more of the same revision, or of the snapshot, follows.
        more: bool,
    },
    /// All up to here has been told.
    Synced,
    /// What lies before cannot be told.
    Reset(Reset),
}

/// Why a reader begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// The log does not reach back so far.
    TooOld,
    /// Its place is none of this data.
    Foreign,
    /// What the caller may see is another thing than before.
    Access,
    /// It read so slowly that the log was pruned before it.
    TooSlow,
}

/// Follows the catalog for one reader.
pub struct Feed {
    catalog: Catalog,
    at: At,
    news: watch::Receiver<Arc<Snapshot>>,
    filter: Option<EntityFilter>,
    follower: Follower,
    mine: Mine,
    or_snapshot: bool,
    reset: Option<Reset>,
    is_synced: bool,
    /// More was promised.
    owes: bool,
    told_at: Instant,
    has_told: bool,
}

/// A page of what there is, as far as it is gathered.
#[derive(Default)]
struct SnapshotPage {
    upserted: Vec<Arc<Entity>>,
    bytes: usize,
    last: Option<NameKey>,
    reach: Reach,
}

/// How far a page reaches.
#[derive(Default, PartialEq, Eq)]
enum Reach {
    /// It is to be gone on with.
    #[default]
    Pause,
    /// It is full, and there is more.
    Full,
    /// To the end.
    End,
}

impl Catalog {
    /// Begins to follow.
    ///
    /// # Errors
    /// Where the caller may not see the catalog.
    pub fn follow_from(&self, caller: &Caller, follow: Follow) -> Result<Feed> {
        caller.may(Scope::Read)?;
        let now = self.current().revision().0;
        let (at, or_snapshot, reset) = match &follow.start {
            FeedStart::Now => (At::end(now), false, None),
            FeedStart::Snapshot => (At::all(now), true, None),
            FeedStart::After { place, or_snapshot } if place.is_of(self.data_id()) => {
                (place.at.clone(), *or_snapshot, None)
            }
            FeedStart::After { or_snapshot, .. } => (At::end(now), *or_snapshot, Some(Reset::Foreign)),
        };
        Ok(Feed {
            catalog: self.clone(),
            at,
            news: self.snapshots(),
            mine: Mine::of(caller),
            has_told: follow.goes_on,
            filter: follow.filter,
            follower: Follower::of(caller, follow.who),
            or_snapshot,
            reset,
            is_synced: false,
            owes: false,
            told_at: Instant::now(),
        })
    }
}

impl Feed {
    /// The next event; waits for it. `None` when the caller is no caller any more.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn next(&mut self) -> Result<Option<FeedEvent>> {
        self.arrive().await;
        loop {
            let snapshot = self.news.borrow_and_update().clone();
            let Some(is_changed) = self.follower.is_changed() else { return Ok(None) };
            if is_changed {
                self.mine = Mine::of(self.follower.caller());
                self.reset = Some(Reset::Access);
            }
            if let Some(reason) = self.reset.take() {
                return Ok(Some(self.begin_anew(snapshot, reason)));
            }
            let told = match self.at.clone() {
                At::Snapshot { since, behind } => Some(self.of_snapshot(&snapshot, since, behind).await),
                At::Log { revision, ordinal } => match self.of_log(&snapshot, revision, ordinal).await? {
                    Rows::Told(told) => Some(told),
                    Rows::None => None,
                    Rows::Pruned => {
                        self.reset = Some(if self.has_told { Reset::TooSlow } else { Reset::TooOld });
                        continue;
                    }
                },
            };
            match told {
                // Nothing of it matters to this reader, to whom nothing more was promised.
                Some(Told::Changed { upserted, deleted, more })
                    if upserted.is_empty() && deleted.is_empty() && (more || !self.owes) => {}
                Some(told) => return Ok(Some(self.event(snapshot, told))),
                None if !self.is_synced => return Ok(Some(self.event(snapshot, Told::Synced))),
                None => match tokio::time::timeout_at(self.told_at + IDLE, self.news.changed()).await {
                    // The catalog itself holds the sender.
                    Ok(_) => {}
                    Err(_) => return Ok(Some(self.event(snapshot, Told::Synced))),
                },
            }
            if self.told_at.elapsed() > IDLE && !self.owes && self.is_synced {
                return Ok(Some(self.event(snapshot, Told::Synced)));
            }
        }
    }

    /// Another server that is ahead of this one may have given the place: it is waited for. A place that never comes is one of
    /// data that was put back.
    async fn arrive(&mut self) {
        let revision = self.at.revision();
        let come = self.news.wait_for(|snapshot| snapshot.revision().0 >= revision);
        if !tokio::time::timeout(LAG, come).await.is_ok_and(|come| come.is_ok()) {
            self.reset = Some(Reset::Foreign);
        }
    }

    fn event(&mut self, snapshot: Arc<Snapshot>, told: Told) -> FeedEvent {
        self.told_at = Instant::now();
        self.has_told = true;
        self.owes = matches!(told, Told::Changed { more: true, .. });
        match told {
            Told::Synced => self.is_synced = true,
            Told::Reset(_) => self.is_synced = false,
            Told::Changed { .. } => {}
        }
        let at = now();
        // What moves no further has a place of its own all the same: no cursor comes twice.
        let moment = (!matches!(told, Told::Changed { .. })).then(|| at.timestamp_micros());
        let place = FeedPlace::of(self.catalog.data_id(), self.at.clone(), moment);
        FeedEvent { place, at, snapshot, told }
    }

    fn begin_anew(&mut self, snapshot: Arc<Snapshot>, reason: Reset) -> FeedEvent {
        let now = snapshot.revision().0;
        self.at = if self.or_snapshot { At::all(now) } else { At::end(now) };
        self.event(snapshot, Told::Reset(reason))
    }

    async fn of_snapshot(&mut self, snapshot: &Snapshot, since: i64, behind: Option<NameKey>) -> Told {
        let mut page = SnapshotPage { last: behind, ..SnapshotPage::default() };
        while page.reach == Reach::Pause {
            self.gather(snapshot, &mut page);
            tokio::task::yield_now().await;
        }
        let SnapshotPage { upserted, last, reach, .. } = page;
        let more = reach == Reach::Full;
        self.at = if more { At::Snapshot { since, behind: last } } else { At::Log { revision: since, ordinal: END } };
        // The end of a snapshot is told even where nothing is left to say.
        self.owes |= !more;
        Told::Changed { upserted, deleted: Vec::new(), more }
    }

    /// Goes on with a page of what there is, but not for long.
    fn gather(&self, snapshot: &Snapshot, page: &mut SnapshotPage) {
        let from = page.last.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let list = snapshot.by_name();
        for (count, (key, entity)) in list.range(from, Bound::Unbounded).enumerate() {
            if count == AT_A_STRETCH {
                return;
            }
            if self.wants(snapshot, &entity) {
                page.bytes += entity.content.len();
                if page.upserted.len() == MOST || (page.bytes > MOST_BYTES && !page.upserted.is_empty()) {
                    page.reach = Reach::Full;
                    return;
                }
                page.upserted.push(entity);
            }
            page.last = Some(key);
        }
        page.reach = Reach::End;
    }

    /// Whether an entity is what the reader wants to see, as it stands in a snapshot.
    fn wants(&self, snapshot: &Snapshot, entity: &Entity) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(snapshot, entity, &self.mine))
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("at", &self.at).finish_non_exhaustive()
    }
}
