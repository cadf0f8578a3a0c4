//! What can go wrong with GitHub.

use std::time::Duration;

/// What can go wrong with GitHub. No message holds a token or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not allowed, or it cannot be reached.
    #[error(transparent)]
    Egress(#[from] plinth_egress::Error),
    /// There is nothing there, or who asks may not see it: GitHub does not tell which.
    #[error("`{what}` is not there, or {whom} may not see it")]
    NotFound {
        /// What was asked for.
        what: String,
        /// Who asked.
        whom: String,
    },
    /// The token is not one, or none any more.
    #[error("`{host}` does not know {whom}; {remedy}")]
    Unauthorized {
        /// The host.
        host: String,
        /// Who asked.
        whom: String,
        /// The way out.
        remedy: &'static str,
    },
    /// Who asks may not do that.
    #[error("{whom} may not read `{what}`: {message}")]
    Forbidden {
        /// What was asked for.
        what: String,
        /// Who asked.
        whom: String,
        /// What GitHub says.
        message: String,
    },
    /// A rate limit is reached, or the host asks to wait. Nothing is asked until that is over.
    #[error("{reason}; it is asked again in {} s", after.as_secs())]
    RateLimited {
        /// Whose limit it is, or who asks to wait.
        reason: String,
        /// From now on.
        after: Duration,
    },
    /// It answered otherwise than it says that it does.
    #[error("`{host}` answered {status} to `{what}`: {message}")]
    Status {
        /// What was asked for.
        what: String,
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// What it answered cannot be read.
    #[error("what `{host}` answered to `{what}` cannot be read: {reason}")]
    Malformed {
        /// What was asked for.
        what: String,
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// A wildcard that cannot be read, or that finds too much.
    #[error("`{glob}`: {reason}")]
    Glob {
        /// The path.
        glob: String,
        /// Why.
        reason: String,
    },
    /// What should be a file is something else.
    #[error("`{what}` is {kind}, not a file; name a file in it")]
    NoFile {
        /// What was asked for.
        what: String,
        /// What it is.
        kind: &'static str,
    },
    /// A `privateKey` that is none.
    #[error("the `privateKey` of an App cannot be used: {reason}")]
    Key {
        /// Why; nothing of the key.
        reason: &'static str,
    },
    /// An App gets no token. This is never [`NotFound`](Self::NotFound): what is asked for may well be there.
    #[error("the App {app} of `integrations.github` for `{host}` gets no token: {reason}")]
    App {
        /// `appId`.
        app: u64,
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// Whether there is nothing there, as far as can be seen.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// When it is worth asking again, where that is known.
    pub fn after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } => Some(*after),
            _ => None,
        }
    }
}
