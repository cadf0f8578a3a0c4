//! What a change writes, in its transaction.

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, Revision};
use plinth_storage::{Tx, chunk_size, execute, placeholders, rows};
use sqlx::AssertSqlSafe;

use crate::{Entity, Location, LocationId, Problem, Result};

/// Writes entities, new and changed.
pub(crate) async fn upsert_entities(tx: &mut Tx, entities: &[&Entity]) -> Result<()> {
    for chunk in entities.chunks(chunk_size(tx, 11)) {
        let sql = format!(
            "insert into entity (ref, location_id, file, document, hash, manifest, definition, content, revision, \
             created_at, updated_at) values {} on conflict (ref) do update set location_id = excluded.location_id, \
             file = excluded.file, document = excluded.document, hash = excluded.hash, manifest = excluded.manifest, \
             definition = excluded.definition, content = excluded.content, revision = excluded.revision, \
             updated_at = excluded.updated_at",
            rows(tx, chunk.len(), 11)
        );
        execute!(tx, |connection| {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for entity in chunk {
                query = query
                    .bind(entity.reference.as_str())
                    .bind(entity.location.map(|it| it.0))
                    .bind(&*entity.file)
                    .bind(i64::from(entity.document))
                    .bind(entity.hash.as_bytes())
                    .bind(entity.manifest.as_bytes())
                    .bind(entity.definition.as_ref().map(ContentHash::as_bytes))
                    .bind(&*entity.content)
                    .bind(entity.revision.0)
                    .bind(entity.created_at)
                    .bind(entity.updated_at);
            }
            query.execute(connection)
        })?;
    }
    Ok(())
}

/// Gives entities whose problems changed the revision of the change.
pub(crate) async fn touch_entities(tx: &mut Tx, entities: &[&str], revision: Revision) -> Result<()> {
    for chunk in entities.chunks(chunk_size(tx, 1)) {
        let all = placeholders(tx, 1 + chunk.len());
        let (first, rest) = all.split_once(", ").unwrap_or_default();
        let sql = format!("update entity set revision = {first} where ref in ({rest})");
        execute!(tx, |connection| {
            let query = sqlx::query(AssertSqlSafe(sql)).bind(revision.0);
            chunk.iter().fold(query, |query, it| query.bind(*it)).execute(connection)
        })?;
    }
    Ok(())
}

/// Removes entities.
pub(crate) async fn delete_entities(tx: &mut Tx, entities: &[&str]) -> Result<()> {
    for chunk in entities.chunks(chunk_size(tx, 1)) {
        let sql = format!("delete from entity where ref in ({})", placeholders(tx, chunk.len()));
        execute!(tx, |connection| {
            chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, it| query.bind(*it)).execute(connection)
        })?;
    }
    Ok(())
}

/// Writes a location, without its problems.
pub(crate) async fn upsert_location(tx: &mut Tx, location: &Location) -> Result<()> {
    const SQL: &str = "insert into location (id, type, target, origin, declared_by) values ($1, $2, $3, $4, $5) \
                       on conflict (id) do update set origin = excluded.origin, declared_by = excluded.declared_by";
    execute!(tx, |connection| {
        sqlx::query(SQL)
            .bind(location.id.0)
            .bind(location.kind.as_str())
            .bind(&*location.target)
            .bind(location.origin.as_str())
            .bind(location.declared_by.as_ref().map(|it| it.as_str()))
            .execute(connection)
    })?;
    Ok(())
}

/// Removes locations with their problems.
pub(crate) async fn delete_locations(tx: &mut Tx, locations: &[LocationId]) -> Result<()> {
    for location in locations {
        execute!(tx, |connection| sqlx::query("delete from location where id = $1")
            .bind(location.0)
            .execute(connection))?;
        delete_problems(tx, *location).await?;
        execute!(tx, |connection| sqlx::query("delete from reading where location_id = $1")
            .bind(location.0)
            .execute(connection))?;
    }
    Ok(())
}

async fn delete_problems(tx: &mut Tx, location: LocationId) -> Result<()> {
    const SQL: &str = "delete from problem where location_id = $1";
    execute!(tx, |connection| sqlx::query(SQL).bind(location.0).execute(connection))?;
    Ok(())
}

/// Writes what a location's reading found wrong, in place of what the one before found.
pub(crate) async fn replace_problems(tx: &mut Tx, location: LocationId, problems: &[Problem]) -> Result<()> {
    delete_problems(tx, location).await?;
    let size = chunk_size(tx, 12);
    for (part, chunk) in problems.chunks(size).enumerate() {
        let sql = format!(
            "insert into problem (location_id, ordinal, code, severity, message, entity_ref, file, document, line, \
             col, field, since) values {}",
            rows(tx, chunk.len(), 12)
        );
        execute!(tx, |connection| {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (place, problem) in chunk.iter().enumerate() {
                query = query
                    .bind(location.0)
                    .bind(i64::try_from(part * size + place).unwrap_or(i64::MAX))
                    .bind(problem.code.as_str())
                    .bind(problem.severity.as_str())
                    .bind(without_nul(&problem.message))
                    .bind(problem.entity.as_ref().map(|it| without_nul(it.as_str())))
                    .bind(problem.file.as_deref())
                    .bind(problem.document.map(i64::from))
                    .bind(problem.line.map(i64::from))
                    .bind(problem.column.map(i64::from))
                    .bind(problem.field.as_deref().map(without_nul))
                    .bind(problem.since);
            }
            query.execute(connection)
        })?;
    }
    Ok(())
}

/// What a log row says happened.
pub(crate) struct LogRow<'a> {
    pub(crate) reference: &'a str,
    pub(crate) operation: &'static str,
    /// The content before.
    pub(crate) before: Option<ContentHash>,
}

/// Appends a change to the catalog's log.
pub(crate) async fn append_log(tx: &mut Tx, revision: Revision, at: DateTime<Utc>, log: &[LogRow<'_>]) -> Result<()> {
    let size = chunk_size(tx, 6);
    for (part, chunk) in log.chunks(size).enumerate() {
        let sql = format!(
            "insert into catalog_log (revision, ordinal, ref, operation, before, at) values {}",
            rows(tx, chunk.len(), 6)
        );
        execute!(tx, |connection| {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (place, row) in chunk.iter().enumerate() {
                query = query
                    .bind(revision.0)
                    .bind(i64::try_from(part * size + place).unwrap_or(i64::MAX))
                    .bind(row.reference)
                    .bind(row.operation)
                    .bind(row.before.as_ref().map(ContentHash::as_bytes))
                    .bind(at);
            }
            query.execute(connection)
        })?;
    }
    Ok(())
}

/// Postgres holds no NUL in a text, and a message may quote one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
