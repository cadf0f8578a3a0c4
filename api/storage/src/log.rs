//! Logs: numbers in the order of commits.

use crate::{Db, Result, Tx, news, on, on_tx};

/// A log with numbers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Changes of the catalog; its number is the revision.
    Catalog,
    /// Tokens made and revoked.
    Token,
}

impl Log {
    pub(crate) const ALL: [Self; 2] = [Self::Catalog, Self::Token];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Token => "token",
        }
    }
}

/// Takes the log's next number. The row stays locked until the transaction ends, so numbers appear in the order of
/// commits and a follower skips none: call it as the last statement before the rows that carry the number.
///
/// # Errors
/// Where the database fails.
pub async fn advance(tx: &mut Tx, log: Log) -> Result<i64> {
    const SQL: &str = "update log set last = last + 1 where name = $1 returning last";
    let (number,): (i64,) = on_tx!(tx, |connection| sqlx::query_as(SQL).bind(log.as_str()).fetch_one(connection))?;
    if let Tx::Postgres(tx) = tx {
        // It is told with the commit, to other servers.
        sqlx::query("select pg_notify($1, $2)").bind(news::CHANNEL).bind(log.as_str()).execute(&mut **tx).await?;
    }
    Ok(number)
}

/// The number that was taken last.
///
/// # Errors
/// Where the database fails.
pub async fn last(db: &Db, log: Log) -> Result<i64> {
    const SQL: &str = "select last from log where name = $1";
    let (number,): (i64,) = on!(db, |pool| sqlx::query_as(SQL).bind(log.as_str()).fetch_one(pool))?;
    Ok(number)
}
