//! What can go wrong with GitHub.

use std::time::Duration;

/// What can go wrong with GitHub. No message holds a token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not allowed, or it cannot be reached.
    #[error(transparent)]
    Egress(#[from] plinth_egress::Error),
    /// There is nothing there, or the token may not see it: GitHub does not tell which.
    #[error("`{what}` is not there, or the token of `integrations.github` for `{host}` may not see it")]
    NotFound {
        /// What was asked for.
        what: String,
        /// The host.
        host: String,
    },
    /// The token is not one, or none any more.
    #[error("`{host}` does not know the token of `integrations.github`; give it another one")]
    Unauthorized {
        /// The host.
        host: String,
    },
    /// The token may not do that.
    #[error("the token of `integrations.github` for `{host}` may not read `{what}`: {message}")]
    Forbidden {
        /// What was asked for.
        what: String,
        /// The host.
        host: String,
        /// What GitHub says.
        message: String,
    },
    /// A rate limit is reached. Nothing is asked until it is over.
    #[error("the rate limit of `{host}` is reached; it is asked again in {} s", after.as_secs())]
    RateLimited {
        /// The host.
        host: String,
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
}

impl Error {
    /// Whether there is nothing there, as far as can be seen.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
