//! What can go wrong with tokens.

use plinth_model::ErrorKind;

use crate::Forbidden;

/// An error of this room. None holds a token's text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A name cannot be taken.
    #[error("`{name}` cannot name a token: {reason}")]
    Name {
        /// Which.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A token of this name is there.
    #[error("there is a token `{0}` already; revoke it first with `plinth token revoke {0}`, or take another name")]
    NameTaken(String),
    /// The holder is no user.
    #[error("`{0}` is no User; expected `user:default/NAME`")]
    Holder(String),
    /// There is no such token.
    #[error("there is no token `{0}`; `plinth token list` shows all of them")]
    NotFound(String),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random(#[source] getrandom::Error),
    /// The database failed.
    #[error("the database of tokens failed")]
    Database(#[from] sqlx::Error),
    /// The database could not be opened or written.
    #[error("the storage of tokens failed")]
    Storage(#[from] plinth_storage::Error),
    /// A stored row does not mean what it must.
    #[error("the stored token `{name}` cannot be read: {reason}")]
    Corrupt {
        /// Which.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What sort of error it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Forbidden(_) => ErrorKind::Forbidden,
            Self::Name { .. } | Self::Holder(_) => ErrorKind::Invalid,
            Self::NameTaken(_) => ErrorKind::Conflict,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Database(_) | Self::Storage(_) => ErrorKind::Unavailable,
            Self::Random(_) | Self::Corrupt { .. } => ErrorKind::Internal,
        }
    }
}
