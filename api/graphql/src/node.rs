//! `Node`: whatever has an id.

use async_graphql::{ID, Interface};
use plinth_catalog::LocationId;
use plinth_model::NodeId;

use crate::{
    api::Call,
    entity::{Api, Component, CustomEntity, Domain, Entity, Group, LocationEntity, Resource, System, Template, User},
    location::RegisteredLocation,
    sync::LocationSync,
};

/// Whatever has an id of its own.
// Each concrete type is listed: a member `Entity` would print right and then refuse `node { ... on Component }`.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, unique over all types, and may stand in a URL as it is."))]
pub(crate) enum Node {
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
    RegisteredLocation(RegisteredLocation),
    LocationSync(LocationSync),
}

impl Node {
    /// What an id stands for; `None` where there is nothing to see.
    pub(crate) fn find(call: &Call, id: &NodeId) -> Option<Self> {
        match id {
            NodeId::Entity(reference) => call.entity(reference).map(Self::from),
            NodeId::Location(id) => call.location(LocationId(*id)).map(Self::RegisteredLocation),
            NodeId::LocationSync(id) => {
                let found = call.catalog.find_sync(&call.caller, *id).ok().flatten();
                found.map(|it| Self::LocationSync(LocationSync(it)))
            }
        }
    }
}

impl From<Entity> for Node {
    fn from(entity: Entity) -> Self {
        match entity {
            Entity::Component(it) => Self::Component(it),
            Entity::Api(it) => Self::Api(it),
            Entity::Resource(it) => Self::Resource(it),
            Entity::System(it) => Self::System(it),
            Entity::Domain(it) => Self::Domain(it),
            Entity::Group(it) => Self::Group(it),
            Entity::User(it) => Self::User(it),
            Entity::LocationEntity(it) => Self::LocationEntity(it),
            Entity::Template(it) => Self::Template(it),
            Entity::CustomEntity(it) => Self::CustomEntity(it),
        }
    }
}
