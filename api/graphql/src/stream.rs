//! What every stream tells besides its own.

use async_graphql::{Enum, Interface, SimpleObject};

use crate::{
    scalar::{Cursor, DateTime},
    subscription::{CatalogChanged, LocationSyncChanged},
};

/// What every event of every stream has. No cursor comes twice in a stream.
#[derive(Interface)]
#[graphql(
    field(name = "cursor", ty = "&Cursor", desc = "Where the stream is then: say it as `after` to go on from there."),
    field(name = "at", ty = "&DateTime", desc = "When it was told.")
)]
pub(crate) enum StreamEvent {
    CatalogChanged(CatalogChanged),
    LocationSyncChanged(LocationSyncChanged),
    StreamSynced(StreamSynced),
    StreamReset(StreamReset),
}

/// All up to here has been told. Comes at the end of snapshot and replay, and now and then while nothing matches, so that the
/// cursor stays young.
#[derive(SimpleObject)]
pub(crate) struct StreamSynced {
    /// Where the stream is.
    pub(crate) cursor: Cursor,
    /// When it was told.
    pub(crate) at: DateTime,
}

/// What lies before this cursor cannot be told: drop what you hold. The snapshot follows where one was asked for; otherwise
/// read again by query. The stream goes on from here.
#[derive(SimpleObject)]
pub(crate) struct StreamReset {
    /// Where the stream is.
    pub(crate) cursor: Cursor,
    /// When it was told.
    pub(crate) at: DateTime,
    /// Why.
    pub(crate) reason: StreamResetReason,
}

/// Why a stream begins anew. There will be more reasons.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::Reset")]
pub(crate) enum StreamResetReason {
    /// So old a place is not known any more; see `ServerLimits.streamReplay`.
    #[graphql(name = "CURSOR_TOO_OLD")]
    TooOld,
    /// The cursor is none of this server's data.
    #[graphql(name = "CURSOR_FOREIGN")]
    Foreign,
    /// The caller may see other things than before: the groups, the scope or the policy changed.
    #[graphql(name = "ACCESS_CHANGED")]
    Access,
    /// The stream was read so slowly that what it has to tell is not known any more.
    #[graphql(name = "CONSUMER_TOO_SLOW")]
    TooSlow,
}
