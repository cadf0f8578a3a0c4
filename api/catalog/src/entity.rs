//! An entity, as a snapshot holds it.

use arcstr::ArcStr;
use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef, Revision};
use serde_json::Value;

use crate::{Kind, LocationId, Relation, RelationType};

/// An entity: what lists and filters ask for stands in fields, the rest in [`Entity::content`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its identity.
    pub reference: EntityRef,
    /// Its kind.
    pub kind: Kind,
    /// `apiVersion`, as written.
    pub api_version: ArcStr,
    /// `kind`, as written.
    pub kind_name: ArcStr,
    /// `metadata.namespace`, `default` where none is written.
    pub namespace: ArcStr,
    /// `metadata.name`, as written.
    pub name: Box<str>,
    /// `metadata.title`.
    pub title: Option<Box<str>>,
    /// `metadata.description`.
    pub description: Option<Box<str>>,
    /// `metadata.tags`.
    pub tags: Box<[ArcStr]>,
    /// `spec.type`.
    pub spec_type: Option<ArcStr>,
    /// `spec.lifecycle`.
    pub lifecycle: Option<ArcStr>,
    /// `spec.profile.displayName`.
    pub profile_name: Option<Box<str>>,
    /// `spec.owner`.
    pub owner: Option<EntityRef>,
    /// `spec.system`.
    pub system: Option<EntityRef>,
    /// `spec.domain` of a system.
    pub domain: Option<EntityRef>,
    /// `spec.subcomponentOf`, `spec.subdomainOf` or `spec.parent`.
    pub parent: Option<EntityRef>,
    /// What its document states, as told from here: the type and the other end. [`Entity::declared`] tells it forward.
    pub(crate) relations: Box<[(RelationType, EntityRef)]>,
    /// What a `Location` entity points to: absolute targets.
    pub targets: Box<[(crate::LocationType, ArcStr)]>,
    /// The document after ingestion as JSON text, an API's definition left out.
    pub content: Box<str>,
    /// The body that holds `spec.definition`.
    pub definition: Option<ContentHash>,
    /// The body that holds the document as it was read.
    pub manifest: ContentHash,
    /// Names everything above.
    pub hash: ContentHash,
    /// The location that holds it; `None` for an orphan.
    pub location: Option<LocationId>,
    /// The file that it stands in.
    pub file: ArcStr,
    /// Counts from 0 in its file.
    pub document: u32,
    /// The last change of its document, its place or its problems.
    pub revision: Revision,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When its document or place last changed.
    pub updated_at: DateTime<Utc>,
}

impl Entity {
    /// The title, or else the profile's name, or else the name.
    pub fn display_name(&self) -> &str {
        self.title.as_deref().or(self.profile_name.as_deref()).unwrap_or(&self.name)
    }

    /// What its document states, in forward types and in order.
    pub fn declared(&self) -> impl ExactSizeIterator<Item = Relation> {
        let relation = |(kind, other): &(RelationType, EntityRef)| Relation {
            kind: *kind,
            source: self.reference.clone(),
            target: other.clone(),
        };
        self.relations.iter().map(move |it| relation(it).forward())
    }

    /// Whether no location holds it any more.
    pub fn is_orphan(&self) -> bool {
        self.location.is_none()
    }

    /// The document after ingestion, an API's definition left out.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.content).unwrap_or_default()
    }

    /// The member of the document at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<Value> {
        self.json().pointer_mut(pointer).map(Value::take)
    }

    /// The string members of the map at a JSON pointer, in the order of the document.
    pub fn strings_at(&self, pointer: &str) -> Vec<(String, String)> {
        let Some(Value::Object(map)) = self.at(pointer) else { return Vec::new() };
        let strings = map.into_iter().filter_map(|(key, value)| match value {
            Value::String(value) => Some((key, value)),
            _ => None,
        });
        strings.collect()
    }
}
