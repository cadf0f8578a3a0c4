//! The log's end: what is too old is forgotten, and with it the bodies that nothing names any more.

use chrono::{DateTime, Utc};
use plinth_storage::{Db, Log, delete_bodies_but, execute, forget_until, on_tx};

use crate::{LogLimits, Result};

/// Forgets the changes beyond the limits; gives how many rows of the log that were.
pub(crate) async fn prune(db: &Db, limits: LogLimits, now: DateTime<Utc>) -> Result<u64> {
    const TOO_OLD: &str = "select max(revision) from catalog_log where at < $1";
    const TOO_MANY: &str = "select revision from catalog_log order by revision desc, ordinal desc limit 1 offset $1";
    const FORGET: &str = "delete from catalog_log where revision <= $1";
    const LOST: &str = "delete from reading where location_id not in (select id from location)";
    let rows = i64::try_from(limits.rows).unwrap_or(i64::MAX);
    // A time before all times keeps everything.
    let oldest = chrono::Duration::from_std(limits.age).ok().and_then(|age| now.checked_sub_signed(age));
    let mut tx = db.begin().await?;
    let (by_age,): (Option<i64>,) = match oldest {
        Some(oldest) => on_tx!(&mut tx, |connection| sqlx::query_as(TOO_OLD).bind(oldest).fetch_one(connection))?,
        None => (None,),
    };
    let by_count: Option<(i64,)> =
        on_tx!(&mut tx, |connection| sqlx::query_as(TOO_MANY).bind(rows).fetch_optional(connection))?;
    let mut forgotten = 0;
    if let Some(last) = by_age.max(by_count.map(|(revision,)| revision)) {
        forgotten = execute!(&mut tx, |connection| sqlx::query(FORGET).bind(last).execute(connection))?;
        forget_until(&mut tx, Log::Catalog, last).await?;
    }
    execute!(&mut tx, |connection| sqlx::query(LOST).execute(connection))?;
    let used = [("entity", "manifest"), ("entity", "definition"), ("catalog_log", "before")];
    delete_bodies_but(&mut tx, &used).await?;
    tx.commit().await?;
    Ok(forgotten)
}
