//! GitHub, as the configuration's `integrations.github[]` names it: what stands in repositories, and what
//! happens there.
//!
//! Every request is conditional: what was answered once is asked for with its `ETag`, and an answer 304, which costs nothing of
//! the rate limit, is the answer of then. A limit that stands is kept without asking: calls fail with
//! [`Error::RateLimited`] until it is over.
//!
//! The client is our own over [`plinth_egress`], and not octocrab's: what goes out must pass through the one client that checks
//! where it connects to, and of GitHub's answers a few members are read.

mod cache;
mod client;
mod config;
mod error;
mod limit;
mod place;
mod repository;
mod webhook;

pub use client::GitHub;
pub use config::{Integration, Secret};
pub use error::Error;
pub use limit::Usage;
pub use place::Place;
pub use repository::Repository;
pub use webhook::{Event, WebhookError, verify};

/// What the room's verbs answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
