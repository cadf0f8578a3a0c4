//! Logs: numbers in the order of commits.

use crate::{Db, Result, Tx, execute, news, on, on_tx};

/// A log with numbers of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Changes of the catalog; its number is the revision.
    Catalog,
    /// Tokens made and revoked.
    Token,
    /// Readings of locations: asked for, begun, ended.
    Reading,
}

impl Log {
    pub(crate) const ALL: [Self; 3] = [Self::Catalog, Self::Token, Self::Reading];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Token => "token",
            Self::Reading => "reading",
        }
    }
}

/// Takes the log's next number. The row stays locked until the transaction ends, so numbers appear in the order of
/// commits and a follower skips none: call it as the last statement before the rows that carry the number.
///
/// # Errors
/// Where the database fails.
pub async fn advance(tx: &mut Tx, log: Log) -> Result<i64> {
    advance_by(tx, log, 1).await
}

/// Takes several numbers; gives the last of them.
///
/// # Errors
/// Where the database fails.
pub async fn advance_by(tx: &mut Tx, log: Log, count: i64) -> Result<i64> {
    const SQL: &str = "update log set last = last + $2 where name = $1 returning last";
    let (number,): (i64,) =
        on_tx!(tx, |connection| sqlx::query_as(SQL).bind(log.as_str()).bind(count).fetch_one(connection))?;
    news::tell(tx, log).await?;
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

/// Where what is kept of a log begins: behind this number.
///
/// # Errors
/// Where the database fails.
pub async fn first(tx: &mut Tx, log: Log) -> Result<i64> {
    const SQL: &str = "select first from log where name = $1";
    let (number,): (i64,) = on_tx!(tx, |connection| sqlx::query_as(SQL).bind(log.as_str()).fetch_one(connection))?;
    Ok(number)
}

/// Says that a log is kept from behind this number only.
///
/// # Errors
/// Where the database fails.
pub async fn forget_until(tx: &mut Tx, log: Log, number: i64) -> Result<()> {
    const SQL: &str = "update log set first = $2 where name = $1 and first < $2";
    execute!(tx, |connection| sqlx::query(SQL).bind(log.as_str()).bind(number).execute(connection))?;
    Ok(())
}
