//! What can go wrong with the database.

use std::{path::PathBuf, time::Duration};

use plinth_model::{ContentHash, ErrorKind};

/// An error of storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory cannot be made or used.
    #[error("the data directory `{}` cannot be used", directory.display())]
    Directory {
        /// Which.
        directory: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another server runs on the data directory.
    #[error(
        "the data directory `{}` is in use by {holder}; stop that server, or give this one another directory with `--data-dir`",
        directory.display()
    )]
    InUse {
        /// Which.
        directory: PathBuf,
        /// Who says so in the lock file.
        holder: String,
    },
    /// The database cannot be reached.
    #[error("the database {database} cannot be opened")]
    Open {
        /// Which, without its password.
        database: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A connection string cannot be read.
    #[error(
        "`backend.database.connection` is no Postgres connection string (its text is not shown, it may hold a password)"
    )]
    ConnectionString,
    /// A migration failed.
    #[error("the database's tables cannot be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A newer Plinth wrote this database.
    #[error(
        "the database was written by a newer Plinth (it has migration {0}, unknown to this version); run that version or restore a backup"
    )]
    Newer(i64),
    /// The database is away, or too slow.
    #[error("the database did not answer within {} ms", .0.as_millis())]
    Silent(Duration),
    /// A query failed.
    #[error("a database query failed")]
    Query(#[from] sqlx::Error),
    /// A body cannot be packed.
    #[error("a text cannot be packed")]
    Pack(#[source] std::io::Error),
    /// A body is not there, or is damaged.
    #[error("the stored body {hash} cannot be read: {reason}")]
    Body {
        /// Which.
        hash: ContentHash,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What sort of error it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Directory { .. } | Self::ConnectionString | Self::InUse { .. } => ErrorKind::Invalid,
            Self::Open { .. } | Self::Silent(_) | Self::Query(_) => ErrorKind::Unavailable,
            Self::Migrate(_) | Self::Newer(_) | Self::Pack(_) | Self::Body { .. } => ErrorKind::Internal,
        }
    }
}
