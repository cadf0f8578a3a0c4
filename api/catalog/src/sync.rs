//! One reading of a location.

use chrono::{DateTime, Utc};
use plinth_model::{Ids, NodeId, Revision};
use uuid::Uuid;

use crate::LocationId;

/// One reading of a location: how far it is, or how it ended.
#[derive(Debug, Clone)]
pub struct Sync {
    /// Its identity.
    pub id: Uuid,
    /// What is read.
    pub location: LocationId,
    /// How it stands.
    pub state: SyncState,
    /// Why it was read.
    pub cause: SyncCause,
    /// When it began; until then, when it was asked for.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What it is doing.
    pub stage: SyncStage,
    /// Documents so far.
    pub done: usize,
    /// Of how many, when that is known.
    pub total: Option<usize>,
    /// What it did.
    pub counts: SyncCounts,
    /// From which revision on the catalog holds it.
    pub revision: Option<Revision>,
}

/// What one reading did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// Entities that are new.
    pub added: usize,
    /// Entities that changed.
    pub changed: usize,
    /// Entities that left.
    pub removed: usize,
    /// Entities that are as they were.
    pub unchanged: usize,
    /// Problems found.
    pub problems: usize,
}

/// How a reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncState {
    /// At work.
    Running,
    /// All of it was taken.
    Succeeded,
    /// Some of it was taken.
    SucceededWithProblems,
    /// Nothing could be read.
    Failed,
}

/// Why a location is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncCause {
    /// The server started, or the location is new.
    Start,
    /// Its interval passed.
    Interval,
    /// A file changed.
    FileChange,
    /// A webhook said so.
    Webhook,
    /// Somebody asked.
    Request,
}

/// What a reading is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncStage {
    /// Reading files.
    Reading,
    /// Checking documents.
    Validating,
    /// Writing to the database.
    Writing,
    /// Nothing any more.
    Ended,
}

impl Sync {
    /// A reading that is asked for.
    pub(crate) fn asked(location: LocationId, cause: SyncCause, now: DateTime<Utc>) -> Self {
        Self {
            id: Ids.ordered(),
            location,
            state: SyncState::Running,
            cause,
            started_at: now,
            ended_at: None,
            stage: SyncStage::Reading,
            done: 0,
            total: None,
            counts: SyncCounts::default(),
            revision: None,
        }
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        self.state != SyncState::Running
    }

    /// Its id in the schema.
    pub fn node_id(&self) -> NodeId {
        NodeId::LocationSync(self.id)
    }
}
