//! What can go wrong in the catalog.

use plinth_model::ErrorKind;

/// An error of the catalog.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] plinth_auth::Forbidden),
    /// The database failed.
    #[error("the catalog's database failed")]
    Database(#[from] sqlx::Error),
    /// The database could not be opened or a body could not be read.
    #[error("the catalog's storage failed")]
    Storage(#[from] plinth_storage::Error),
    /// Another server reads the locations by now.
    #[error("another server reads the locations by now")]
    NotTheReader,
    /// The server stops.
    #[error("the server stops")]
    Stopped(#[source] tokio::task::JoinError),
    /// The search index failed.
    #[error("the search index failed")]
    Search(#[from] tantivy::TantivyError),
    /// The search index has ended; why stands in the log.
    #[error("the search index has ended; the log tells why")]
    SearchEnded,
    /// A stored row does not mean what it must.
    #[error("the stored {what} cannot be read: {reason}")]
    Corrupt {
        /// Which.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What sort of error it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Forbidden(_) => ErrorKind::Forbidden,
            Self::Database(_) | Self::Storage(_) | Self::Stopped(_) | Self::SearchEnded | Self::NotTheReader => {
                ErrorKind::Unavailable
            }
            Self::Search(_) | Self::Corrupt { .. } => ErrorKind::Internal,
        }
    }
}
