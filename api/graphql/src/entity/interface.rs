//! What every kind of entity has.
#![expect(clippy::duplicated_attributes, reason = "many fields have the same type")]

use std::sync::Arc;

use async_graphql::{ID, Interface};
use plinth_catalog::Kind;

use super::{
    kinds::{Api, Component, CustomEntity, Domain, Group, LocationEntity, Resource, System, Template, User},
    parts::{EntityLink, KeyValue, ManifestFormat},
};
use crate::{
    relation::{Relation, RelationConnection},
    scalar::{DateTime, EntityRef, Json, Revision},
    source::EntitySource,
};

/// What the catalog knows. A kind that Plinth has no type for is a `CustomEntity`.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Made from the reference: the same after it left and came back."),
    field(name = "ref", method = "ref_", ty = "EntityRef", desc = "Its identity, in lower case."),
    field(name = "apiVersion", method = "api_version", ty = "String", desc = "As written: `backstage.io/v1alpha1`."),
    field(name = "kind", ty = "String", desc = "As written: `Component`."),
    field(name = "namespace", ty = "String", desc = "`default` where none is written."),
    field(name = "name", ty = "String", desc = "As written."),
    field(name = "title", ty = "Option<String>", desc = "What a person calls it."),
    field(
        name = "displayName",
        method = "display_name",
        ty = "String",
        desc = "The title, or else the profile's name, or else the name."
    ),
    field(name = "description", ty = "Option<String>", desc = "What it is."),
    field(
        name = "tags",
        ty = "Vec<String>",
        desc = "Words to find it by, in the order of the document; bounded by its size."
    ),
    field(
        name = "labels",
        ty = "Vec<KeyValue>",
        desc = "Short values that machines select by; bounded by the document's size.",
        arg(name = "keys", ty = "Option<Vec<String>>", desc = "Only these keys; all when left out.")
    ),
    field(
        name = "annotations",
        ty = "Vec<KeyValue>",
        desc = "Values that tools read, those set by ingestion too; bounded by the document's size.",
        arg(name = "keys", ty = "Option<Vec<String>>", desc = "Only these keys; all when left out.")
    ),
    field(name = "links", ty = "Vec<EntityLink>", desc = "Pages about it; bounded by the document's size."),
    field(name = "type", method = "type_", ty = "Option<String>", desc = "`spec.type`; null where there is none."),
    field(name = "lifecycle", ty = "Option<String>", desc = "`spec.lifecycle`; null where there is none."),
    field(
        name = "ownerRef",
        method = "owner_ref",
        ty = "Option<EntityRef>",
        desc = "`spec.owner` in full; null where there is none."
    ),
    field(
        name = "systemRef",
        method = "system_ref",
        ty = "Option<EntityRef>",
        desc = "`spec.system` in full; null where there is none."
    ),
    field(
        name = "owner",
        ty = "Option<Entity>",
        desc = "Null where none is declared, or where `ownerRef` is not in the catalog."
    ),
    field(
        name = "system",
        ty = "Option<System>",
        desc = "Null where none is declared, or where `systemRef` is not in the catalog."
    ),
    field(
        name = "relations",
        ty = "RelationConnection",
        desc = "Both directions, dangling ones too. Those that others declare come and go without a change of this entity.",
        arg(
            name = "types",
            ty = "Option<Vec<String>>",
            desc = "Only these types, such as `dependsOn`; all when left out."
        ),
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given."
        ),
        arg(name = "after", ty = "Option<String>", desc = "Only what stands behind this cursor."),
        arg(name = "last", ty = "Option<i32>", desc = "How many from the end, 100 at most."),
        arg(name = "before", ty = "Option<String>", desc = "Only what stands before this cursor.")
    ),
    field(
        name = "declaredRelations",
        method = "declared_relations",
        ty = "Vec<Relation>",
        desc = "What its own document states, in forward types (`ownedBy`, `dependsOn`), dangling ones too; bounded by the document's size."
    ),
    field(name = "spec", ty = "Option<Json>", desc = "`spec` of the document, placeholders filled in."),
    field(
        name = "manifest",
        ty = "String",
        desc = "The document as it was read.",
        arg(name = "format", ty = "Option<ManifestFormat>", desc = "YAML when left out.")
    ),
    field(name = "source", ty = "EntitySource", desc = "Where it comes from, and what is wrong there."),
    field(name = "revision", ty = "Revision", desc = "Of the last change of its document, its place or its problems."),
    field(name = "createdAt", method = "created_at", ty = "DateTime", desc = "When it came into the catalog."),
    field(
        name = "updatedAt",
        method = "updated_at",
        ty = "DateTime",
        desc = "When its document or its place last changed."
    )
)]
pub(crate) enum Entity {
    Component(Component),
    Api(Api),
    Resource(Resource),
    System(System),
    Domain(Domain),
    Group(Group),
    User(User),
    LocationEntity(LocationEntity),
    Template(Template),
    CustomEntity(CustomEntity),
}

impl Entity {
    /// The entity in the type of its kind.
    pub(crate) fn of(entity: &Arc<plinth_catalog::Entity>) -> Self {
        let it = entity.clone();
        match entity.kind {
            Kind::Component => Self::Component(Component(it)),
            Kind::Api => Self::Api(Api(it)),
            Kind::Resource => Self::Resource(Resource(it)),
            Kind::System => Self::System(System(it)),
            Kind::Domain => Self::Domain(Domain(it)),
            Kind::Group => Self::Group(Group(it)),
            Kind::User => Self::User(User(it)),
            Kind::Location => Self::LocationEntity(LocationEntity(it)),
            Kind::Template => Self::Template(Template(it)),
            Kind::Custom => Self::CustomEntity(CustomEntity(it)),
        }
    }
}
