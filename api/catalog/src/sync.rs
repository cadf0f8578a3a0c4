//! One reading of a location.

use chrono::{DateTime, Utc};
use plinth_model::{Ids, NodeId, Revision};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::LocationId;

/// One reading of a location: how far it is, or how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// Its identity.
    pub id: Uuid,
    /// What is read.
    pub location: LocationId,
    /// How it stands.
    pub state: SyncState,
    /// Why it was read.
    pub cause: SyncCause,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When it began; `None` while it waits.
    pub began_at: Option<DateTime<Utc>>,
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
    /// Its last change's number in the log of readings; 0 where it is known to its server only.
    pub number: i64,
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

impl SyncCounts {
    /// Whether the catalog is another one after it.
    pub(crate) fn is_change(&self) -> bool {
        self.added + self.changed + self.removed > 0
    }
}

/// How a reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
            asked_at: now,
            began_at: None,
            ended_at: None,
            stage: SyncStage::Reading,
            done: 0,
            total: None,
            counts: SyncCounts::default(),
            revision: None,
            number: 0,
        }
    }

    /// When it began; until then, when it was asked for.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.began_at.unwrap_or(self.asked_at)
    }

    /// The same when nobody goes on with it.
    pub(crate) fn given_up(&self) -> Self {
        let ended_at = Some(self.began_at.unwrap_or(self.asked_at));
        Self { state: SyncState::Failed, stage: SyncStage::Ended, began_at: ended_at, ended_at, ..self.clone() }
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
