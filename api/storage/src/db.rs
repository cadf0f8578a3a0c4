//! The two databases.

use std::{path::Path, time::Duration};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{Config, Error, PostgresConfig, Result, abandoned, lock, migrate};

/// How long a writer waits for another, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rows that SQLite's thread may be ahead of who takes them: each wait for the other costs more than a row.
const ROWS_AHEAD: usize = 400;

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// SQLite in the data directory.
    Sqlite(SqlitePool),
    /// The schema `plinth` of a Postgres database.
    Postgres(PgPool),
}

/// A transaction; rolled back when it is dropped.
#[derive(Debug)]
pub enum Tx {
    /// Of SQLite, with the write lock taken.
    Sqlite(Transaction<'static, Sqlite>),
    /// Of Postgres.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a query on whichever database it is. Postgres ends it when it is dropped before it has answered.
#[macro_export]
macro_rules! on {
    ($db:expr, |$pool:ident| $query:expr) => {
        match $db {
            $crate::Db::Sqlite($pool) => $query.await,
            $crate::Db::Postgres(pool) => match $crate::Attended::of(pool).await {
                Ok(mut attended) => {
                    let $pool = attended.connection();
                    let done = $query.await;
                    attended.done();
                    done
                }
                Err(error) => Err(error),
            },
        }
    };
}

/// Runs a query in a transaction on whichever database it is.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, |$connection:ident| $query:expr) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $query.await
            }
            $crate::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $query.await
            }
        }
    };
}

/// Runs a statement in a transaction on whichever database it is; gives the number of rows that it changed.
#[macro_export]
macro_rules! execute {
    ($tx:expr, |$connection:ident| $query:expr) => {
        match $tx {
            $crate::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $query.await.map(|done| done.rows_affected())
            }
            $crate::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $query.await.map(|done| done.rows_affected())
            }
        }
    };
}

// === impl Db ===

impl Db {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// Where it cannot be reached, or where a newer Plinth wrote it. [`Config::Temporary`] is the caller's to resolve.
    pub async fn open(config: &Config) -> Result<Self> {
        let db = match config {
            Config::Sqlite { directory } => return Self::open_in(directory).await,
            Config::Temporary => return Self::open_in(&std::env::temp_dir()).await,
            Config::Postgres(config) => Self::open_postgres(config).await?,
        };
        migrate::run(&db).await?;
        Ok(db)
    }

    /// A server and commands beside it may open SQLite at once: one after the other brings its tables up to date.
    async fn open_in(directory: &Path) -> Result<Self> {
        let _turn = lock::turn(directory).await?;
        let db = Self::open_sqlite(directory).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// Where no connection can be had.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // A deferred transaction that writes later fails at once when another one wrote meanwhile.
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins a transaction that only reads, all of it as of one moment.
    ///
    /// # Errors
    /// Where no connection can be had.
    pub async fn begin_snapshot(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        })
    }

    /// Asks whether the database answers within a time. The pool alone waits long for one that is away.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn ping(&self, patience: Duration) -> Result<()> {
        const SQL: &str = "select cast(1 as bigint)";
        let asked = async { Ok(crate::on!(self, |pool| sqlx::query_as::<_, (i64,)>(SQL).fetch_one(pool))?) };
        within(patience, asked).await.map(drop)
    }

    /// Closes all connections; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    async fn open_sqlite(directory: &Path) -> Result<Self> {
        let file = directory.join("plinth.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a loss of power, too.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .row_buffer_size(ROWS_AHEAD);
        let pool = SqlitePoolOptions::new().max_connections(8).acquire_timeout(PATIENCE).connect_with(options).await;
        Ok(Self::Sqlite(pool.map_err(|source| Error::Open { database: format!("`{}`", file.display()), source })?))
    }

    async fn open_postgres(config: &PostgresConfig) -> Result<Self> {
        let options = postgres_options(config)?;
        let database = format!(
            "`{}` on `{}:{}`",
            options.get_database().unwrap_or("postgres"),
            options.get_host(),
            options.get_port()
        );
        let failed = |source| Error::Open { database: database.clone(), source };
        migrate::create_schema(&options).await.map_err(failed)?;
        // No statement of ours takes long.
        let options = options.options([("search_path", migrate::SCHEMA), ("statement_timeout", "30s")]);
        let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(PATIENCE);
        let pool = pool.after_connect(|connection, _| Box::pin(abandoned::watch_clients(connection)));
        let pool = pool.connect_with(options).await;
        Ok(Self::Postgres(pool.map_err(failed)?))
    }
}

/// What the database answers within a time.
///
/// # Errors
/// Where it does not, or where the question fails.
pub async fn within<T>(patience: Duration, question: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(patience, question).await.unwrap_or(Err(Error::Silent(patience)))
}

/// Members win over the connection string, as in node's `pg`.
fn postgres_options(config: &PostgresConfig) -> Result<PgConnectOptions> {
    let PostgresConfig { url, host, port, user, password, database, ssl, ssl_ca, ssl_accept_invalid } = config;
    let mut options: PgConnectOptions = match url {
        Some(url) => url.parse().map_err(|_| Error::ConnectionString)?,
        None => PgConnectOptions::new_without_pgpass().host("localhost").port(5432).username("postgres"),
    };
    if let Some(host) = host {
        options = options.host(host);
    }
    if let Some(port) = port {
        options = options.port(*port);
    }
    if let Some(user) = user {
        options = options.username(user);
    }
    if let Some(password) = password {
        options = options.password(password);
    }
    let named = database.as_deref().or(options.get_database()).unwrap_or("postgres").to_owned();
    options = options.database(&named).application_name("plinth");
    if let Some(authority) = ssl_ca {
        options = options.ssl_root_cert_from_pem(authority.clone().into_bytes());
    }
    if *ssl {
        options = options.ssl_mode(if *ssl_accept_invalid { PgSslMode::Require } else { PgSslMode::VerifyFull });
    }
    Ok(options)
}

// === impl Tx ===

impl Tx {
    /// Makes all of it durable.
    ///
    /// # Errors
    /// Where the database refuses; then nothing of it stands.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// How many parameters one statement may hold.
    pub(crate) fn max_binds(&self) -> usize {
        match self {
            Self::Sqlite(_) => 32_766,
            Self::Postgres(_) => 65_535,
        }
    }
}

/// A database as tests and errors name it.
impl std::fmt::Display for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "Postgres",
        })
    }
}
