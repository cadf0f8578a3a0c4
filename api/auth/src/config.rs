//! Tokens that the configuration holds.

use std::fmt;

use plinth_model::ContentHash;

/// What `backend.auth` says of callers.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `backend.auth.externalAccess`, those of type `static`.
    pub static_tokens: Vec<StaticToken>,
}

/// A token of the configuration: a service that may write, for ever. Only its hash is kept.
#[derive(Clone)]
pub struct StaticToken {
    pub(crate) hash: ContentHash,
    pub(crate) subject: String,
}

impl StaticToken {
    /// A token of this text for this service.
    pub fn new(token: &str, subject: &str) -> Self {
        Self { hash: ContentHash::of(token.as_bytes()), subject: subject.to_owned() }
    }

    /// The service.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether two have one text.
    pub fn is_same(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("subject", &self.subject).finish_non_exhaustive()
    }
}
