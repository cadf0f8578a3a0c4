//! What a token gives to who shows it.

use chrono::{DateTime, SecondsFormat, Utc};
use plinth_model::EntityRef;

use crate::Scope;

/// What a token gives to who shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token's name, and the service's where nobody holds it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// The User that it stands for; `None` for a service.
    pub holder: Option<EntityRef>,
    /// When it ends; `None` where it does not.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a token gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It is none of ours.
    #[error("the token is not known here: mistyped, revoked, or of another server")]
    Unknown,
    /// It was one of ours.
    #[error("the token expired at {}", at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    Expired {
        /// When it did.
        at: DateTime<Utc>,
    },
}

impl Grant {
    /// The subject of who shows the token.
    pub fn subject(&self) -> String {
        self.holder.as_ref().map_or_else(|| format!("service:{}", self.name), ToString::to_string)
    }
}
