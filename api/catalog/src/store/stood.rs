//! Entities as they stood before a change: what the log knows of them.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, Revision};
use plinth_storage::{Db, Packer, Tx, find_bodies, insert_bodies};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Entity, Error, LocationId, Result, Snapshot,
    content::{self, Interner, Origin},
};

/// An entity as it stood.
pub(crate) struct Stood {
    pub(crate) entity: Arc<Entity>,
    /// Whether a problem named it.
    pub(crate) had_problems: bool,
}

/// What is stored of it: as much as a filter asks for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    content: Cow<'a, str>,
    location: Option<Uuid>,
    file: Cow<'a, str>,
    document: u32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    had_problems: bool,
}

/// Stores entities as they stand in a snapshot; gives the hash of each.
pub(crate) async fn insert_stood(tx: &mut Tx, snapshot: &Snapshot, entities: &[&Entity]) -> Result<Vec<ContentHash>> {
    let (mut bodies, mut hashes) = (Vec::with_capacity(entities.len()), Vec::with_capacity(entities.len()));
    let mut packer = Packer::default();
    for entity in entities {
        let body = Body {
            content: Cow::Borrowed(&entity.content),
            location: entity.location.map(|it| it.0),
            file: Cow::Borrowed(&entity.file),
            document: entity.document,
            created_at: entity.created_at,
            updated_at: entity.updated_at,
            had_problems: snapshot.has_problems(&entity.reference),
        };
        let text = serde_json::to_string(&body).map_err(|error| Error::Corrupt {
            what: format!("entity `{}`", entity.reference),
            reason: error.to_string(),
        })?;
        let hash = ContentHash::of(text.as_bytes());
        hashes.push(hash);
        bodies.push((hash, packer.pack(&text)?));
    }
    // One statement must not name a row twice.
    bodies.sort_unstable_by_key(|(hash, _)| *hash);
    bodies.dedup_by_key(|(hash, _)| *hash);
    insert_bodies(tx, &bodies).await?;
    Ok(hashes)
}

/// Those of some that are known still.
pub(crate) async fn find_stood(db: &Db, hashes: &[ContentHash]) -> Result<HashMap<ContentHash, Stood>> {
    let mut texts = Interner::default();
    let mut found = HashMap::with_capacity(hashes.len());
    for (hash, text) in find_bodies(db, hashes).await? {
        found.insert(hash, stood(hash, &text, &mut texts)?);
    }
    Ok(found)
}

fn stood(hash: ContentHash, text: &str, texts: &mut Interner) -> Result<Stood> {
    let corrupt = |reason: String| Error::Corrupt { what: format!("body `{hash}`"), reason };
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| corrupt(error.to_string()))?;
    let origin = Origin {
        location: body.location.map(LocationId),
        file: texts.intern(&body.file),
        document: body.document,
        // Filters do not ask for bodies.
        manifest: hash,
        definition: None,
        hash: None,
        revision: Revision::default(),
        created_at: body.created_at,
        updated_at: body.updated_at,
    };
    let entity = content::entity(body.content.into(), origin, texts).map_err(corrupt)?;
    Ok(Stood { entity: Arc::new(entity), had_problems: body.had_problems })
}
