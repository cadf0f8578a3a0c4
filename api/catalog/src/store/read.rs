//! What a server reads of what is stored.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef, EntityRefError, Revision};
use plinth_storage::{Db, Log, Tx, chunk_size, on, on_tx, placeholders};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    Entity, Error, Location, LocationId, LocationOrigin, LocationType, Problem, ProblemCode, Result, Severity,
    content::{self, Interner, Origin},
    recent::{Before, Named, Row},
    snapshot::Changes,
};

/// What an entity is made of, in the order of [`EntityRow`].
pub(super) const COLUMNS: &str = "entity.ref, entity.location_id, entity.file, entity.document, entity.hash, \
                                  entity.manifest, entity.definition, entity.content, entity.revision, \
                                  entity.created_at, entity.updated_at";
const LOCATIONS: &str = "select id, type, target, origin, declared_by from location";
const PROBLEMS: &str = "select location_id, code, severity, message, entity_ref, file, document, line, col, field, since \
                        from problem";

/// By place: a start reads them all, and to look for each column by its name would take longer than to read it.
pub(super) type EntityRow =
    (String, Option<Uuid>, String, i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, String, i64, DateTime<Utc>, DateTime<Utc>);

#[derive(sqlx::FromRow)]
struct LocationRow {
    id: Uuid,
    r#type: String,
    target: String,
    origin: String,
    declared_by: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ProblemRow {
    location_id: Uuid,
    code: String,
    severity: String,
    message: String,
    entity_ref: Option<String>,
    file: Option<String>,
    document: Option<i64>,
    line: Option<i64>,
    col: Option<i64>,
    field: Option<String>,
    since: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct LogRow {
    revision: i64,
    ordinal: i64,
    r#ref: String,
    operation: String,
    before: Option<Vec<u8>>,
}

/// The number of the last change.
pub(crate) async fn find_revision(db: &Db) -> Result<Revision> {
    Ok(Revision(plinth_storage::last(db, Log::Catalog).await?))
}

/// What others have changed since a revision.
pub(crate) enum Since {
    /// Nothing.
    Nothing,
    /// This, as it is now, and what the log says of it.
    Changed(Changes, Vec<Named>),
    /// It cannot be told: the log was pruned beyond it, or the database was put back to a revision before it.
    Lost,
}

/// What others have changed since a revision.
pub(crate) async fn find_changes(db: &Db, since: Revision) -> Result<Since> {
    const ROWS: &str =
        "select revision, ordinal, ref, operation from catalog_log where revision > $1 order by revision, ordinal";
    const LAST: &str = "select last from log where name = $1";
    // One moment for all of it: what is committed while it is read belongs to the next look.
    let mut tx = db.begin_snapshot().await?;
    let (last,): (i64,) =
        on_tx!(&mut tx, |connection| sqlx::query_as(LAST).bind(Log::Catalog.as_str()).fetch_one(connection))?;
    if last == since.0 {
        return Ok(Since::Nothing);
    }
    if last < since.0 || plinth_storage::first(&mut tx, Log::Catalog).await? > since.0 {
        return Ok(Since::Lost);
    }
    let rows: Vec<(i64, i64, String, String)> =
        on_tx!(&mut tx, |connection| sqlx::query_as(ROWS).bind(since.0).fetch_all(connection))?;
    let (mut entities, mut locations) = (BTreeSet::new(), BTreeSet::new());
    let mut named = Vec::with_capacity(rows.len());
    for (revision, ordinal, reference, operation) in rows {
        if operation == "location" {
            locations.extend(location_id(&reference));
            named.push(Named { revision, ordinal, entity: None, is_deletion: false });
        } else {
            let (entity, is_deletion) = (Some(parsed(&reference)?), operation == "delete");
            named.push(Named { revision, ordinal, entity, is_deletion });
            entities.insert(reference);
        }
    }
    let (entities, locations) = (Vec::from_iter(entities), Vec::from_iter(locations));
    let mut changes = Changes { revision: Revision(last), ..Changes::default() };
    let found = find_entities_of(&mut tx, &entities).await?;
    let known: HashSet<&str> = found.iter().map(|it| it.reference.as_str()).collect();
    changes.removed =
        entities.iter().filter(|it| !known.contains(it.as_str())).map(|it| parsed(it)).collect::<Result<_>>()?;
    changes.upserted = found;
    changes.locations = find_locations_of(&mut tx, &locations).await?;
    let known: HashSet<LocationId> = changes.locations.iter().map(|it| it.id).collect();
    changes.locations_removed = locations.into_iter().filter(|it| !known.contains(it)).collect();
    Ok(Since::Changed(changes, named))
}

/// Rows of the log behind one and up to a revision, in their order; so many at most. `None` where the log does not reach back
/// so far.
pub(crate) async fn find_log(
    db: &Db,
    (revision, ordinal): (Revision, i64),
    until: Revision,
    most: usize,
) -> Result<Option<Vec<Row>>> {
    const SQL: &str = "select revision, ordinal, ref, operation, before from catalog_log where revision <= $1 and \
                       (revision > $2 or (revision = $2 and ordinal > $3)) order by revision, ordinal limit $4";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut tx = db.begin_snapshot().await?;
    if plinth_storage::first(&mut tx, Log::Catalog).await? > revision.0 {
        return Ok(None);
    }
    let rows: Vec<LogRow> = on_tx!(&mut tx, |connection| {
        sqlx::query_as(SQL).bind(until.0).bind(revision.0).bind(ordinal).bind(most).fetch_all(connection)
    })?;
    let row = |LogRow { revision, ordinal, r#ref: reference, operation, before }| {
        let before = before.and_then(|it| ContentHash::from_bytes(&it)).map_or(Before::Absent, Before::Stored);
        let entity = (operation != "location").then(|| parsed(&reference)).transpose()?;
        Ok(Row { revision, ordinal, entity, is_deletion: operation == "delete", before })
    };
    rows.into_iter().map(row).collect::<Result<_>>().map(Some)
}

fn parsed(reference: &str) -> Result<EntityRef> {
    let corrupt = |error: EntityRefError| Error::Corrupt { what: "log".to_owned(), reason: error.to_string() };
    reference.parse().map_err(corrupt)
}

async fn find_entities_of(tx: &mut Tx, references: &[String]) -> Result<Vec<Arc<Entity>>> {
    let mut found = Vec::with_capacity(references.len());
    let mut texts = Interner::default();
    for chunk in references.chunks(chunk_size(tx, 1)) {
        let sql = format!("select {COLUMNS} from entity where ref in ({})", placeholders(tx, chunk.len()));
        let rows: Vec<EntityRow> = on_tx!(tx, |connection| {
            let query = sqlx::query_as(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, it| query.bind(it)).fetch_all(connection)
        })?;
        for row in rows {
            found.push(Arc::new(entity(row, &mut texts)?));
        }
    }
    Ok(found)
}

async fn find_locations_of(tx: &mut Tx, ids: &[LocationId]) -> Result<Vec<Arc<Location>>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(chunk_size(tx, 1)) {
        let list = placeholders(tx, chunk.len());
        let sql = format!("{LOCATIONS} where id in ({list})");
        let rows: Vec<LocationRow> = on_tx!(tx, |connection| {
            let query = sqlx::query_as(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, it| query.bind(it.0)).fetch_all(connection)
        })?;
        let sql = format!("{PROBLEMS} where location_id in ({list}) order by location_id, ordinal");
        let problems: Vec<ProblemRow> = on_tx!(tx, |connection| {
            let query = sqlx::query_as(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, it| query.bind(it.0)).fetch_all(connection)
        })?;
        let mut by_location = by_location(problems)?;
        for row in rows {
            found.push(Arc::new(location(row, &mut by_location)?));
        }
    }
    Ok(found)
}

/// The id of `type:target`.
fn location_id(reference: &str) -> Option<LocationId> {
    let (kind, target) = reference.split_once(':')?;
    Some(LocationId::of(LocationType::stored(kind)?, target))
}

pub(super) fn entity(row: EntityRow, texts: &mut Interner) -> Result<Entity> {
    let (reference, location, file, document, hash, manifest, definition, content, revision, created_at, updated_at) =
        row;
    let corrupt = |reason: String| Error::Corrupt { what: format!("entity `{reference}`"), reason };
    let body = |bytes: &[u8]| ContentHash::from_bytes(bytes).ok_or_else(|| corrupt("a hash is damaged".to_owned()));
    let origin = Origin {
        location: location.map(LocationId),
        file: texts.intern(&file),
        document: u32::try_from(document).map_err(|error| corrupt(error.to_string()))?,
        manifest: body(&manifest)?,
        definition: definition.as_deref().map(body).transpose()?,
        hash: Some(body(&hash)?),
        revision: Revision(revision),
        created_at,
        updated_at,
    };
    content::entity(content.into(), origin, texts).map_err(corrupt)
}

/// All locations with their problems.
pub(crate) async fn find_locations(db: &Db) -> Result<Vec<Location>> {
    let sql = format!("{PROBLEMS} order by location_id, ordinal");
    let rows: Vec<LocationRow> = on!(db, |pool| sqlx::query_as(LOCATIONS).fetch_all(pool))?;
    let problems: Vec<ProblemRow> = on!(db, |pool| sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool))?;
    let mut by_location = by_location(problems)?;
    rows.into_iter().map(|row| location(row, &mut by_location)).collect()
}

fn by_location(rows: Vec<ProblemRow>) -> Result<HashMap<Uuid, Vec<Problem>>> {
    let mut by_location: HashMap<Uuid, Vec<Problem>> = HashMap::new();
    for row in rows {
        by_location.entry(row.location_id).or_default().push(problem(row)?);
    }
    Ok(by_location)
}

fn location(row: LocationRow, problems: &mut HashMap<Uuid, Vec<Problem>>) -> Result<Location> {
    let LocationRow { id, r#type: kind, target, origin, declared_by } = row;
    let corrupt = |reason: String| Error::Corrupt { what: format!("location `{target}`"), reason };
    let declared_by = declared_by.map(|text| text.parse()).transpose();
    Ok(Location {
        id: LocationId(id),
        kind: LocationType::stored(&kind).ok_or_else(|| corrupt(format!("its type is `{kind}`")))?,
        origin: LocationOrigin::named(&origin).ok_or_else(|| corrupt(format!("its origin is `{origin}`")))?,
        declared_by: declared_by.map_err(|error: plinth_model::EntityRefError| corrupt(error.to_string()))?,
        problems: problems.remove(&id).unwrap_or_default().into(),
        target: target.into(),
    })
}

fn problem(row: ProblemRow) -> Result<Problem> {
    let ProblemRow { location_id, code, severity, message, entity_ref, file, document, line, col, field, since } = row;
    let corrupt = |reason: String| Error::Corrupt { what: format!("problem of location `{location_id}`"), reason };
    let number = |number: Option<i64>| number.and_then(|it| u32::try_from(it).ok());
    // A problem without its entity is better than a server that does not start.
    let entity: Option<EntityRef> = entity_ref.and_then(|text| text.parse().ok());
    Ok(Problem {
        code: ProblemCode::ALL
            .into_iter()
            .find(|it| it.as_str() == code)
            .ok_or_else(|| corrupt(format!("its code is `{code}`")))?,
        severity: [Severity::Error, Severity::Warning]
            .into_iter()
            .find(|it| it.as_str() == severity)
            .ok_or_else(|| corrupt(format!("its severity is `{severity}`")))?,
        message,
        entity,
        location: Some(LocationId(location_id)),
        file: file.map(Into::into),
        document: number(document),
        line: number(line),
        column: number(col),
        field,
        since,
    })
}
