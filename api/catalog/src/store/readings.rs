//! Readings of locations, as servers on one database tell each other of them.

use chrono::{DateTime, Utc};
use plinth_model::Revision;
use plinth_storage::{Db, Log, Tx, advance, advance_by, execute, on, on_tx};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{Error, LocationId, Result, Sync, SyncCounts};

const READINGS: &str = "select id, location_id, cause, state, stage, asked_at, began_at, ended_at, done, total, added, \
                        changed, removed, unchanged, problems, revision, number from reading";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    location_id: Uuid,
    cause: String,
    state: String,
    stage: String,
    asked_at: DateTime<Utc>,
    began_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    done: i64,
    total: Option<i64>,
    added: i64,
    changed: i64,
    removed: i64,
    unchanged: i64,
    problems: i64,
    revision: Option<i64>,
    number: i64,
}

/// What was written down of readings behind a number, in the order of the last changes.
pub(crate) async fn find_readings(db: &Db, since: i64) -> Result<Vec<Sync>> {
    let sql = format!("{READINGS} where number > $1 order by number");
    let rows: Vec<Row> = on!(db, |pool| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(since).fetch_all(pool))?;
    rows.into_iter().map(sync).collect()
}

/// Writes down a reading that waits; gives the one that waits already where there is one.
pub(crate) async fn insert_waiting(db: &Db, asked: Sync) -> Result<Sync> {
    loop {
        let mut tx = db.begin().await?;
        // The number first: it keeps others from beginning a reading meanwhile.
        let number = advance(&mut tx, Log::Reading).await?;
        let asked = Sync { number, ..asked.clone() };
        if upsert(&mut tx, &asked, "on conflict (location_id) where began_at is null do nothing").await? > 0 {
            tx.commit().await?;
            return Ok(asked);
        }
        let sql = format!("{READINGS} where location_id = $1 and began_at is null");
        let row: Option<Row> = on_tx!(&mut tx, |connection| {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(asked.location.0).fetch_optional(connection)
        })?;
        if let Some(row) = row {
            return sync(row);
        }
    }
}

/// Notes that a reading begins which was written down while it waited; whoever asks from here on asks for another.
pub(crate) async fn begin_reading(db: &Db, begun: &Sync) -> Result<Sync> {
    let mut tx = db.begin().await?;
    let begun = Sync { number: advance(&mut tx, Log::Reading).await?, ..begun.clone() };
    upsert_one(&mut tx, &begun).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Writes down how readings stand; gives them with their numbers.
pub(crate) async fn upsert_readings(db: &Db, syncs: &[Sync]) -> Result<Vec<Sync>> {
    let mut tx = db.begin().await?;
    let count = i64::try_from(syncs.len()).unwrap_or(i64::MAX);
    let first = advance_by(&mut tx, Log::Reading, count).await? - count + 1;
    let mut written = Vec::with_capacity(syncs.len());
    for (number, sync) in (first..).zip(syncs) {
        let sync = Sync { number, ..sync.clone() };
        upsert_one(&mut tx, &sync).await?;
        if sync.is_ended() {
            forget_earlier(&mut tx, sync.location).await?;
        }
        written.push(sync);
    }
    tx.commit().await?;
    Ok(written)
}

/// Of each location the two that ended last are kept.
async fn forget_earlier(tx: &mut Tx, location: LocationId) -> Result<()> {
    const SQL: &str = "delete from reading where location_id = $1 and ended_at is not null and id not in \
                       (select id from reading where location_id = $1 and ended_at is not null order by number desc limit 2)";
    execute!(tx, |connection| sqlx::query(SQL).bind(location.0).execute(connection))?;
    Ok(())
}

async fn upsert_one(tx: &mut Tx, sync: &Sync) -> Result<()> {
    let update = "on conflict (id) do update set state = excluded.state, stage = excluded.stage, \
                  began_at = excluded.began_at, ended_at = excluded.ended_at, done = excluded.done, \
                  total = excluded.total, added = excluded.added, changed = excluded.changed, \
                  removed = excluded.removed, unchanged = excluded.unchanged, problems = excluded.problems, \
                  revision = excluded.revision, number = excluded.number";
    upsert(tx, sync, update).await?;
    Ok(())
}

async fn upsert(tx: &mut Tx, sync: &Sync, conflict: &str) -> Result<u64> {
    let sql = format!(
        "insert into reading (id, location_id, cause, state, stage, asked_at, began_at, ended_at, done, total, added, \
         changed, removed, unchanged, problems, revision, number) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17) {conflict}"
    );
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let SyncCounts { added, changed, removed, unchanged, problems } = sync.counts;
    Ok(execute!(tx, |connection| {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(sync.id)
            .bind(sync.location.0)
            .bind(word(&sync.cause))
            .bind(word(&sync.state))
            .bind(word(&sync.stage))
            .bind(sync.asked_at)
            .bind(sync.began_at)
            .bind(sync.ended_at)
            .bind(number(sync.done))
            .bind(sync.total.map(number))
            .bind(number(added))
            .bind(number(changed))
            .bind(number(removed))
            .bind(number(unchanged))
            .bind(number(problems))
            .bind(sync.revision.map(|it| it.0))
            .bind(sync.number)
            .execute(connection)
    })?)
}

fn sync(row: Row) -> Result<Sync> {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    Ok(Sync {
        id: row.id,
        location: LocationId(row.location_id),
        cause: named(row.id, &row.cause)?,
        state: named(row.id, &row.state)?,
        stage: named(row.id, &row.stage)?,
        asked_at: row.asked_at,
        began_at: row.began_at,
        ended_at: row.ended_at,
        done: count(row.done),
        total: row.total.map(count),
        counts: SyncCounts {
            added: count(row.added),
            changed: count(row.changed),
            removed: count(row.removed),
            unchanged: count(row.unchanged),
            problems: count(row.problems),
        },
        revision: row.revision.map(Revision),
        number: row.number,
    })
}

/// The word of an enum's value, as in the schema.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn named<T: DeserializeOwned>(id: Uuid, word: &str) -> Result<T> {
    serde_json::from_value(Value::from(word))
        .map_err(|error| Error::Corrupt { what: format!("reading `{id}`"), reason: error.to_string() })
}
