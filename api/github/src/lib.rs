//! GitHub, as the configuration's `integrations.github[]` names it: what stands in repositories, and what
//! happens there.
//!
//! Every request is conditional: what was answered once is asked for with its `ETag`, and an answer 304, which costs nothing of
//! the rate limit, is the answer of then. A limit that stands is kept without asking: calls fail with
//! [`Error::RateLimited`] until it is over.
//!
//! What is of an owner is asked for with the rights that the owner gave to one of the configuration's Apps, where it is
//! installed there, else with those of the token. Limits are kept, and answers known, for each of them apart. GitHub's `ETag`s are
//! each token's own, so what an App asked for is asked for in whole once in the hour that its token is good for.
//!
//! The client is our own over [`plinth_egress`], and not octocrab's: what goes out must pass through the one client that checks
//! where it connects to, and of GitHub's answers a few members are read.

mod app;
mod cache;
mod client;
mod config;
mod error;
mod host;
mod key;
mod limit;
mod page;
mod pattern;
mod people;
mod place;
mod repository;
#[cfg(test)]
mod tests;
mod tree;
mod webhook;
mod whom;

pub use client::GitHub;
pub use config::{App, Integration, Secret};
pub use error::Error;
pub use key::AppKey;
pub use limit::Usage;
pub use people::{Team, User};
pub use place::Place;
pub use repository::Repository;
pub use webhook::{Event, Reference, RepositoryName, WebhookError, verify};
pub use whom::Whom;

/// What the room's verbs answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
