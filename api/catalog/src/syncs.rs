//! What is known of readings: the latest of each location since the server started.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{LocationId, Sync, SyncState};

/// The latest reading of each location.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    latest: HashMap<LocationId, Sync>,
    read_at: HashMap<LocationId, DateTime<Utc>>,
}

impl Syncs {
    pub(crate) fn of(&self, location: LocationId) -> Option<&Sync> {
        self.latest.get(&location)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Sync> {
        self.latest.values().find(|sync| sync.id == id)
    }

    /// When a location was last read to the end.
    pub(crate) fn read_at(&self, location: LocationId) -> Option<DateTime<Utc>> {
        self.read_at.get(&location).copied()
    }

    /// Takes the news of a reading.
    pub(crate) fn set(&mut self, sync: Sync) {
        if matches!(sync.state, SyncState::Succeeded | SyncState::SucceededWithProblems) {
            self.read_at.insert(sync.location, sync.ended_at.unwrap_or(sync.started_at));
        }
        self.latest.insert(sync.location, sync);
    }

    /// Forgets a location that is not registered any more.
    pub(crate) fn forget(&mut self, location: LocationId) {
        self.latest.remove(&location);
        self.read_at.remove(&location);
    }
}
