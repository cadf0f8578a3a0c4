//! Which database: what `backend.database` says.

use std::path::PathBuf;

/// `backend.database`, or `--data-dir`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Config {
    /// SQLite in a directory that is made when it is missing.
    Sqlite {
        /// The data directory.
        directory: PathBuf,
    },
    /// SQLite in a temporary directory that goes when the server ends (Backstage's `:memory:`).
    Temporary,
    /// Postgres; everything stands in the schema `plinth` of the named database.
    Postgres(Box<PostgresConfig>),
}

/// How to reach Postgres. A connection string and single members may both be given; members win.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: Option<String>,
    /// Host name or the folder of a Unix socket.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// User.
    pub user: Option<String>,
    /// Password; never printed.
    pub password: Option<String>,
    /// Database; `postgres` where none is named.
    pub database: Option<String>,
    /// Whether TLS is required (`ssl: true` or an object).
    pub ssl: bool,
    /// PEM text of the authority that signed the server's certificate (`ssl.ca`).
    pub ssl_ca: Option<String>,
    /// Whether an unknown certificate is taken (`ssl.rejectUnauthorized: false`).
    pub ssl_accept_invalid: bool,
}

impl std::fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
