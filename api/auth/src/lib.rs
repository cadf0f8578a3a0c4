//! Who is calling, and what they may do.
//!
//! A [`Caller`] is the first argument of every verb, and the verb asks it. Callers come from tokens: [`Auth`] keeps those
//! of the database and of the configuration in memory, by their hashes, and follows the database.
//!
//! ```text
//! text of a token -> Auth::find -> Grant -> (the server adds groups) -> Caller -> may(Scope)?
//! ```

mod auth;
mod caller;
mod config;
mod error;
mod grant;
mod known;
mod name;
mod secret;
mod store;

pub use auth::{Auth, Changes, NewToken, Token};
pub use caller::{Caller, Forbidden, Membership, Scope};
pub use config::{Config, StaticToken};
pub use error::Error;
pub use grant::{Grant, Rejected};
pub use secret::Secret;

/// What the verbs of this room answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
