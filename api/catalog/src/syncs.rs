//! What is known of readings: those that wait, the latest of each location, and some that ended before.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{LocationId, Sync, SyncState};

/// How many readings are remembered after a newer one of the same location.
const MOST_EARLIER: usize = 256;

/// The readings since the server started.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    /// Asked for and not begun: at most one a location, whoever asks meanwhile.
    waiting: HashMap<LocationId, Sync>,
    latest: HashMap<LocationId, Sync>,
    earlier: VecDeque<Sync>,
    read_at: HashMap<LocationId, DateTime<Utc>>,
}

impl Syncs {
    /// The newest reading of a location.
    pub(crate) fn of(&self, location: LocationId) -> Option<&Sync> {
        self.waiting.get(&location).or_else(|| self.latest.get(&location))
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Sync> {
        let known = self.waiting.values().chain(self.latest.values()).chain(&self.earlier);
        known.into_iter().find(|sync| sync.id == id)
    }

    /// A reading of a location; quicker than by its id alone.
    pub(crate) fn find_at(&self, location: LocationId, id: Uuid) -> Option<&Sync> {
        let newest = [self.waiting.get(&location), self.latest.get(&location)];
        newest.into_iter().flatten().chain(&self.earlier).find(|sync| sync.id == id)
    }

    /// How many readings wait, and since when the oldest does.
    pub(crate) fn waiting(&self) -> (usize, Option<DateTime<Utc>>) {
        (self.waiting.len(), self.waiting.values().map(|sync| sync.started_at).min())
    }

    /// When a location was last read to the end.
    pub(crate) fn read_at(&self, location: LocationId) -> Option<DateTime<Utc>> {
        self.read_at.get(&location).copied()
    }

    /// Takes a reading that is asked for, unless one waits already; gives the one that waits.
    pub(crate) fn ask(&mut self, sync: Sync) -> (Sync, bool) {
        let is_new = !self.waiting.contains_key(&sync.location);
        (self.waiting.entry(sync.location).or_insert(sync).clone(), is_new)
    }

    /// Begins the reading that waits.
    pub(crate) fn begin(&mut self, location: LocationId, now: DateTime<Utc>) -> Option<Sync> {
        let mut sync = self.waiting.remove(&location)?;
        sync.started_at = now;
        self.set(sync.clone());
        Some(sync)
    }

    /// Takes the news of a reading that has begun.
    pub(crate) fn set(&mut self, sync: Sync) {
        if matches!(sync.state, SyncState::Succeeded | SyncState::SucceededWithProblems) {
            self.read_at.insert(sync.location, sync.ended_at.unwrap_or(sync.started_at));
        }
        let id = sync.id;
        if let Some(before) = self.latest.insert(sync.location, sync).filter(|before| before.id != id) {
            self.earlier.push_front(before);
            self.earlier.truncate(MOST_EARLIER);
        }
    }

    /// Forgets a location that is not registered any more.
    pub(crate) fn forget(&mut self, location: LocationId) {
        self.waiting.remove(&location);
        self.latest.remove(&location);
        self.read_at.remove(&location);
    }
}
