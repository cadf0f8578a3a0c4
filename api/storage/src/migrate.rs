//! Migrations: numbered, forward only, embedded; the same names for both databases.

use plinth_model::Ids;
use sqlx::{
    Connection, Executor,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
};
use uuid::Uuid;

use crate::{Db, Error, Log, Result, execute, on};

/// Everything of ours on Postgres stands in this schema.
pub(crate) const SCHEMA: &str = "plinth";

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// `plinth` in hexadecimal: the advisory lock that two servers starting at once meet at.
const LOCK: i64 = 0x706c_696e_7468;

/// Makes the schema where it is missing. `create schema if not exists` alone fails when two servers race for it.
pub(crate) async fn create_schema(options: &PgConnectOptions) -> sqlx::Result<()> {
    let mut connection = sqlx::PgConnection::connect_with(options).await?;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await?;
    connection.execute("set client_min_messages = warning; create schema if not exists plinth").await?;
    // The lock goes with the connection.
    connection.close().await
}

/// Brings the tables up to date; both databases are locked meanwhile.
pub(crate) async fn run(db: &Db) -> Result<()> {
    let done = match db {
        Db::Sqlite(pool) => SQLITE.run(pool).await,
        Db::Postgres(pool) => POSTGRES.run(pool).await,
    };
    done.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Error::Newer(version),
        other => Error::Migrate(other),
    })?;
    const META: &str = "insert into meta (key, value) values ('data_id', $1) on conflict (key) do nothing";
    const LOG: &str = "insert into log (name, last) values ($1, 0) on conflict (name) do nothing";
    let id = Ids.random().to_string();
    let mut tx = db.begin().await?;
    execute!(&mut tx, |connection| sqlx::query(META).bind(&id).execute(connection))?;
    for log in Log::ALL {
        execute!(&mut tx, |connection| sqlx::query(LOG).bind(log.as_str()).execute(connection))?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether something was noted of this data once.
///
/// # Errors
/// Where the database fails.
pub async fn is_noted(db: &Db, note: &str) -> Result<bool> {
    const SQL: &str = "select value from meta where key = $1";
    let row: Option<(String,)> = on!(db, |pool| sqlx::query_as(SQL).bind(note).fetch_optional(pool))?;
    Ok(row.is_some())
}

/// Notes something of this data for ever.
///
/// # Errors
/// Where the database fails.
pub async fn note(db: &Db, note: &str) -> Result<()> {
    const SQL: &str = "insert into meta (key, value) values ($1, 'yes') on conflict (key) do nothing";
    let mut tx = db.begin().await?;
    execute!(&mut tx, |connection| sqlx::query(SQL).bind(note).execute(connection))?;
    tx.commit().await
}

/// What this data is: another id after it was lost or replaced.
///
/// # Errors
/// Where the database fails.
pub async fn data_id(db: &Db) -> Result<Uuid> {
    const SQL: &str = "select value from meta where key = 'data_id'";
    let (value,): (String,) = on!(db, |pool| sqlx::query_as(SQL).fetch_one(pool))?;
    Uuid::try_parse(&value).map_err(|error| Error::Query(sqlx::Error::Decode(Box::new(error))))
}
