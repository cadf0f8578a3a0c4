//! Readings of locations.

use async_graphql::{Context, Enum, ID, Object};
use plinth_catalog::Sync;

use crate::{
    api::call,
    location::RegisteredLocation,
    scalar::{DateTime, Revision},
};

/// How a reading stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::SyncState")]
pub(crate) enum LocationSyncState {
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
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::SyncCause")]
pub(crate) enum LocationSyncCause {
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
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::SyncStage")]
pub(crate) enum LocationSyncStage {
    /// Reading files.
    Reading,
    /// Checking documents.
    Validating,
    /// Writing to the database.
    Writing,
    /// Nothing any more.
    Ended,
}

/// One reading of a location.
#[derive(Clone)]
pub(crate) struct LocationSync(pub(crate) Sync);

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// One reading of a location.
#[Object]
impl LocationSync {
    /// Opaque; good while the server knows the reading.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.node_id().encode())
    }

    /// Null when it was unregistered since.
    async fn location(&self, ctx: &Context<'_>) -> Option<RegisteredLocation> {
        call(ctx).location(self.0.location)
    }

    /// How it stands.
    async fn state(&self) -> LocationSyncState {
        self.0.state.into()
    }

    /// Why it was read.
    async fn cause(&self) -> LocationSyncCause {
        self.0.cause.into()
    }

    /// When it began; until then, when it was asked for.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at())
    }

    /// When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// What it is doing.
    async fn stage(&self) -> LocationSyncStage {
        self.0.stage.into()
    }

    /// Documents so far.
    async fn done(&self) -> i32 {
        count(self.0.done)
    }

    /// Documents in all, when that is known.
    async fn total(&self) -> Option<i32> {
        self.0.total.map(count)
    }

    /// Entities that are new.
    async fn added(&self) -> i32 {
        count(self.0.counts.added)
    }

    /// Entities that changed.
    async fn changed(&self) -> i32 {
        count(self.0.counts.changed)
    }

    /// Entities that left.
    async fn removed(&self) -> i32 {
        count(self.0.counts.removed)
    }

    /// Entities that are as they were.
    async fn unchanged(&self) -> i32 {
        count(self.0.counts.unchanged)
    }

    /// Problems found.
    async fn problem_count(&self) -> i32 {
        count(self.0.counts.problems)
    }

    /// The catalog holds this reading from here on; null until it ended.
    async fn revision(&self) -> Option<Revision> {
        self.0.revision.map(Revision)
    }
}
