//! Where a reader is.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::NameKey;

/// Behind the last row of a revision.
pub(super) const END: i64 = i64::MAX;

/// Where a reader is: what a cursor holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPlace {
    /// The data that it is a place in.
    data: Uuid,
    pub(super) at: At,
    /// Tells it from others at which nothing had happened since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moment: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum At {
    /// In the midst of what there was: behind this name. The changes since that revision follow.
    Snapshot { since: i64, behind: Option<NameKey> },
    /// Behind this row of the log.
    Log { revision: i64, ordinal: i64 },
}

impl FeedPlace {
    pub(super) fn of(data: Uuid, at: At, moment: Option<i64>) -> Self {
        Self { data, at, moment }
    }

    /// The same for all who are there.
    #[must_use]
    pub fn settled(&self) -> Self {
        Self { moment: None, ..self.clone() }
    }

    /// Whether it is a place in this data.
    pub(super) fn is_of(&self, data: Uuid) -> bool {
        self.data == data
    }
}

impl At {
    /// Behind all that happened.
    pub(super) fn end(revision: i64) -> Self {
        Self::Log { revision, ordinal: END }
    }

    /// Up to which revision it knows the log.
    pub(super) fn revision(&self) -> i64 {
        let (Self::Snapshot { since: revision, .. } | Self::Log { revision, .. }) = self;
        *revision
    }

    /// Before all that there is.
    pub(super) fn all(revision: i64) -> Self {
        Self::Snapshot { since: revision, behind: None }
    }
}
