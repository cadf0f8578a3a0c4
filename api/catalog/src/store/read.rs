//! What a server reads once, at its start.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef, Revision};
use plinth_storage::{Db, Log, on};
use uuid::Uuid;

use crate::{
    Entity, Error, Location, LocationId, LocationOrigin, LocationType, Problem, ProblemCode, Result, Severity,
    content::{self, Interner, Origin},
};

#[derive(sqlx::FromRow)]
struct EntityRow {
    r#ref: String,
    location_id: Option<Uuid>,
    file: String,
    document: i64,
    hash: Vec<u8>,
    manifest: Vec<u8>,
    definition: Option<Vec<u8>>,
    content: String,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

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

/// The number of the last change.
pub(crate) async fn find_revision(db: &Db) -> Result<Revision> {
    Ok(Revision(plinth_storage::last(db, Log::Catalog).await?))
}

/// All entities.
pub(crate) async fn find_entities(db: &Db) -> Result<Vec<Arc<Entity>>> {
    const SQL: &str = "select ref, location_id, file, document, hash, manifest, definition, content, revision, \
                       created_at, updated_at from entity";
    let rows: Vec<EntityRow> = on!(db, |pool| sqlx::query_as(SQL).fetch_all(pool))?;
    let mut texts = Interner::default();
    rows.into_iter().map(|row| entity(row, &mut texts).map(Arc::new)).collect()
}

fn entity(row: EntityRow, texts: &mut Interner) -> Result<Entity> {
    let EntityRow {
        r#ref: reference,
        location_id,
        file,
        document,
        hash,
        manifest,
        definition,
        content,
        revision,
        created_at,
        updated_at,
    } = row;
    let corrupt = |reason: String| Error::Corrupt { what: format!("entity `{reference}`"), reason };
    let body = |bytes: &[u8]| ContentHash::from_bytes(bytes).ok_or_else(|| corrupt("a hash is damaged".to_owned()));
    let value = serde_json::from_str(&content).map_err(|error| corrupt(error.to_string()))?;
    let origin = Origin {
        location: location_id.map(LocationId),
        file: texts.intern(&file),
        document: u32::try_from(document).map_err(|error| corrupt(error.to_string()))?,
        manifest: body(&manifest)?,
        definition: definition.as_deref().map(body).transpose()?,
        revision: Revision(revision),
        created_at,
        updated_at,
    };
    let mut entity = content::entity(&value, content.into(), origin, texts).map_err(corrupt)?;
    // The stored hash decides what a reading changes, so that a new way of computing it changes everything once.
    entity.hash = body(&hash)?;
    Ok(entity)
}

/// All locations with their problems.
pub(crate) async fn find_locations(db: &Db) -> Result<Vec<Location>> {
    const LOCATIONS: &str = "select id, type, target, origin, declared_by from location";
    const PROBLEMS: &str = "select location_id, code, severity, message, entity_ref, file, document, line, col, field, \
                            since from problem order by location_id, ordinal";
    let rows: Vec<LocationRow> = on!(db, |pool| sqlx::query_as(LOCATIONS).fetch_all(pool))?;
    let problems: Vec<ProblemRow> = on!(db, |pool| sqlx::query_as(PROBLEMS).fetch_all(pool))?;
    let mut by_location: HashMap<Uuid, Vec<Problem>> = HashMap::new();
    for row in problems {
        by_location.entry(row.location_id).or_default().push(problem(row)?);
    }
    rows.into_iter().map(|row| location(row, &mut by_location)).collect()
}

fn location(row: LocationRow, problems: &mut HashMap<Uuid, Vec<Problem>>) -> Result<Location> {
    let LocationRow { id, r#type: kind, target, origin, declared_by } = row;
    let corrupt = |reason: String| Error::Corrupt { what: format!("location `{target}`"), reason };
    let declared_by = declared_by.map(|text| text.parse()).transpose();
    Ok(Location {
        id: LocationId(id),
        kind: LocationType::named(&kind).ok_or_else(|| corrupt(format!("its type is `{kind}`")))?,
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
    let entity: Option<EntityRef> = entity_ref
        .map(|text| text.parse())
        .transpose()
        .map_err(|error: plinth_model::EntityRefError| corrupt(error.to_string()))?;
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
