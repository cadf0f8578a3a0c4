//! What the fields of all kinds read.

use async_graphql::{Context, Result};
use plinth_catalog::{Entity as Stored, RelationType};
use plinth_model::ContentHash;
use plinth_yaml::Limits;
use serde_json::Value;

use super::{
    Entity, EntityConnection,
    kinds::{Component, Domain, Group, System},
    parts::{EntityLink, KeyValue, ManifestFormat},
};
use crate::{api::call, error, page::Arguments, scalar::Json};

/// The string members of a map of the document.
pub(super) fn key_values(entity: &Stored, pointer: &str, keys: Option<Vec<String>>) -> Vec<KeyValue> {
    let wanted = |key: &String| keys.as_ref().is_none_or(|keys| keys.contains(key));
    let all = entity.strings_at(pointer).into_iter().filter(|(key, _)| wanted(key));
    all.map(|(key, value)| KeyValue { key, value }).collect()
}

/// The members of a list of the document.
pub(super) fn members(entity: &Stored, pointer: &str) -> Vec<Value> {
    match entity.at(pointer) {
        Some(Value::Array(members)) => members,
        _ => Vec::new(),
    }
}

pub(super) fn links(entity: &Stored) -> Vec<EntityLink> {
    members(entity, "/metadata/links").iter().map(EntityLink::of).collect()
}

/// `spec`, with the definition that is stored beside it.
pub(super) async fn spec(ctx: &Context<'_>, entity: &Stored) -> Result<Option<Json>> {
    let Some(mut spec) = entity.at("/spec") else { return Ok(None) };
    if let (Some(definition), Some(members)) = (definition(ctx, entity).await?, spec.as_object_mut()) {
        members.insert("definition".to_owned(), definition.into());
    }
    Ok(Some(Json(spec)))
}

/// The text of an API's definition.
pub(super) async fn definition(ctx: &Context<'_>, entity: &Stored) -> Result<Option<String>> {
    match entity.definition {
        Some(hash) => body(ctx, hash).await.map(Some),
        None => Ok(None),
    }
}

/// The document as it was read.
pub(super) async fn manifest(ctx: &Context<'_>, entity: &Stored, format: Option<ManifestFormat>) -> Result<String> {
    let text = body(ctx, entity.manifest).await?;
    match format {
        None | Some(ManifestFormat::Yaml) => Ok(text),
        Some(ManifestFormat::Json) => {
            // It was read once, so it can be read again.
            let node = plinth_yaml::parse(&text, &Limits::default()).map_err(|it| error::damaged(&it))?;
            Ok(format!("{:#}", node.to_json()))
        }
    }
}

async fn body(ctx: &Context<'_>, hash: ContentHash) -> Result<String> {
    let call = call(ctx);
    call.catalog.body(&call.caller, hash).await.map_err(|it| error::fault(&it))
}

/// The entities at the other end of a type of relation.
pub(super) fn related(
    ctx: &Context<'_>,
    entity: &Stored,
    relation: RelationType,
    arguments: Arguments,
) -> Result<EntityConnection> {
    let snapshot = call(ctx).snapshot();
    let list = snapshot.related(&entity.reference, relation);
    EntityConnection::of(ctx, &list, &format!("{} {}", relation.as_str(), entity.reference), arguments)
}

/// Those of them of one kind.
pub(super) fn related_of_kind(
    ctx: &Context<'_>,
    entity: &Stored,
    relation: RelationType,
    kind: plinth_catalog::Kind,
    arguments: Arguments,
) -> Result<EntityConnection> {
    let snapshot = call(ctx).snapshot();
    let list = snapshot.related(&entity.reference, relation).of_kind(kind);
    let name = format!("{} {} {}", relation.as_str(), kind.as_str(), entity.reference);
    EntityConnection::of(ctx, &list, &name, arguments)
}

/// The entity of a reference that a document states.
pub(super) fn found(ctx: &Context<'_>, reference: Option<&plinth_model::EntityRef>) -> Option<Entity> {
    reference.and_then(|it| call(ctx).entity(it))
}

pub(super) fn system(ctx: &Context<'_>, entity: &Stored) -> Option<System> {
    match found(ctx, entity.system.as_ref())? {
        Entity::System(system) => Some(system),
        _ => None,
    }
}

pub(super) fn domain(ctx: &Context<'_>, entity: &Stored) -> Option<Domain> {
    match found(ctx, entity.domain.as_ref())? {
        Entity::Domain(domain) => Some(domain),
        _ => None,
    }
}

pub(super) fn parent_domain(ctx: &Context<'_>, entity: &Stored) -> Option<Domain> {
    match found(ctx, entity.parent.as_ref())? {
        Entity::Domain(domain) => Some(domain),
        _ => None,
    }
}

/// The group above: declared by either end.
pub(super) fn parent_group(ctx: &Context<'_>, entity: &Stored) -> Option<Group> {
    let relations = call(ctx).snapshot().relations(&entity.reference, &[RelationType::ChildOf]);
    relations.iter().find_map(|relation| match found(ctx, Some(&relation.target))? {
        Entity::Group(group) => Some(group),
        _ => None,
    })
}

pub(super) fn parent_component(ctx: &Context<'_>, entity: &Stored) -> Option<Entity> {
    found(ctx, entity.parent.as_ref()).filter(|it| matches!(it, Entity::Component(Component(_))))
}
