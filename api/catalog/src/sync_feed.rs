//! Readings as somebody follows them: those at work, then whatever changes.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use plinth_auth::{Caller, Scope};
use plinth_storage::now;
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use crate::{
    Catalog, LocationId, Reset, Result, Snapshot, Sync, Who,
    feed::{Follower, IDLE, LAG},
};

/// Where somebody is who follows readings: what a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncPlace {
    /// The data that it is a place in.
    data: Uuid,
    /// Behind the reading whose last change has this number.
    number: i64,
    /// Tells it from others at which nothing had happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moment: Option<i64>,
}

impl SyncPlace {
    /// The same for all who are there.
    #[must_use]
    pub fn settled(&self) -> Self {
        Self { moment: None, ..self.clone() }
    }
}

/// What somebody is told who follows readings.
#[derive(Debug, Clone)]
pub struct SyncEvent {
    /// Where they are then.
    pub place: SyncPlace,
    /// When it was told.
    pub at: DateTime<Utc>,
    /// The catalog as it was then.
    pub snapshot: Arc<Snapshot>,
    /// What it is.
    pub told: SyncTold,
}

/// What somebody is told who follows readings.
#[derive(Debug, Clone)]
pub enum SyncTold {
    /// How a reading stands now.
    Changed(Box<Sync>),
    /// All up to here has been told.
    Synced,
    /// What lies before cannot be told.
    Reset(Reset),
}

/// Follows readings for somebody.
pub struct SyncFeed {
    catalog: Catalog,
    location: Option<LocationId>,
    news: watch::Receiver<u64>,
    follower: Follower,
    /// Up to which number all was told, or need not be.
    number: i64,
    at_work: VecDeque<Sync>,
    /// The numbers of those that were told first, although they are behind the place.
    ahead: BTreeSet<i64>,
    next: VecDeque<Sync>,
    reset: Option<Reset>,
    is_synced: bool,
    told_at: Instant,
}

impl Catalog {
    /// Begins to follow the readings of one location or of all: those at work, or what changed behind a place, and then
    /// whatever changes.
    ///
    /// # Errors
    /// Where the caller may not see them.
    pub fn follow_readings(
        &self,
        caller: &Caller,
        location: Option<LocationId>,
        after: Option<SyncPlace>,
        who: Who,
    ) -> Result<SyncFeed> {
        caller.may(Scope::Read)?;
        let mut feed = SyncFeed {
            catalog: self.clone(),
            location,
            news: self.reading_news(),
            follower: Follower::of(caller, who),
            number: self.last_reading(),
            at_work: VecDeque::new(),
            ahead: BTreeSet::new(),
            next: VecDeque::new(),
            reset: None,
            is_synced: false,
            told_at: Instant::now(),
        };
        match after {
            Some(place) if place.data == self.data_id() => feed.number = place.number,
            Some(_) => feed.reset = Some(Reset::Foreign),
            None => feed.at_work.extend(self.readings_at_work()),
        }
        Ok(feed)
    }
}

impl SyncFeed {
    /// The next event; waits for it. `None` when the caller is no caller any more.
    pub async fn next(&mut self) -> Option<SyncEvent> {
        self.arrive().await;
        loop {
            self.news.mark_unchanged();
            if self.follower.is_changed()? {
                self.number = self.catalog.last_reading();
                self.at_work.clear();
                self.next.clear();
                self.reset = Some(Reset::Access);
            }
            if let Some(reason) = self.reset.take() {
                self.is_synced = false;
                return Some(self.event(SyncTold::Reset(reason)));
            }
            while let Some(sync) = self.at_work.pop_front() {
                if self.wants(&sync) {
                    self.ahead.insert(sync.number);
                    return Some(self.event(SyncTold::Changed(Box::new(sync))));
                }
            }
            if self.next.is_empty() {
                self.next.extend(self.catalog.told_readings(self.number));
            }
            while let Some(sync) = self.next.pop_front() {
                self.number = self.number.max(sync.number);
                if self.wants(&sync) && !self.ahead.remove(&sync.number) {
                    return Some(self.event(SyncTold::Changed(Box::new(sync))));
                }
            }
            if !std::mem::replace(&mut self.is_synced, true) {
                return Some(self.event(SyncTold::Synced));
            }
            // The catalog itself holds the sender.
            if tokio::time::timeout_at(self.told_at + IDLE, self.news.changed()).await.is_err() {
                return Some(self.event(SyncTold::Synced));
            }
        }
    }

    /// Another server that is ahead of this one may have given the place: it is waited for.
    async fn arrive(&mut self) {
        let (catalog, number) = (self.catalog.clone(), self.number);
        let come = self.news.wait_for(|_| catalog.last_reading() >= number);
        if !tokio::time::timeout(LAG, come).await.is_ok_and(|come| come.is_ok()) {
            self.number = self.catalog.last_reading();
            self.reset = Some(Reset::Foreign);
        }
    }

    fn wants(&self, sync: &Sync) -> bool {
        self.location.is_none_or(|location| location == sync.location)
    }

    fn event(&mut self, told: SyncTold) -> SyncEvent {
        self.told_at = Instant::now();
        let at = now();
        let (number, moment) = match &told {
            SyncTold::Changed(sync) => (sync.number, None),
            SyncTold::Synced | SyncTold::Reset(_) => (self.number, Some(at.timestamp_micros())),
        };
        let place = SyncPlace { data: self.catalog.data_id(), number, moment };
        SyncEvent { place, at, snapshot: self.catalog.current(), told }
    }
}

impl std::fmt::Debug for SyncFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncFeed").field("number", &self.number).finish_non_exhaustive()
    }
}
