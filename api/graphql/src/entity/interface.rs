//! What every kind of entity has.
//!
//! The interface is written by hand: its fields are those of `CustomEntity`, so that a field and its description stand in
//! one place (`kinds.rs`). A derived one also resolves its fields itself, and then errors lose their path.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, InterfaceType, OutputType, Positioned, ServerResult, Value,
    async_trait::async_trait,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
    resolver_utils::{Fields, resolve_container},
};
use plinth_catalog::Kind;

use super::kinds::{Api, Component, CustomEntity, Domain, Group, LocationEntity, Resource, System, Template, User};

const NAME: &str = "Entity";

const DESCRIPTION: &str = "What the catalog knows. A kind that Plinth has no type for is a `CustomEntity`.";

/// What the catalog knows.
#[derive(Clone)]
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

/// The same expression for whatever kind it is.
macro_rules! of_any_kind {
    ($entity:expr, $it:ident => $then:expr) => {
        match $entity {
            Entity::Component($it) => $then,
            Entity::Api($it) => $then,
            Entity::Resource($it) => $then,
            Entity::System($it) => $then,
            Entity::Domain($it) => $then,
            Entity::Group($it) => $then,
            Entity::User($it) => $then,
            Entity::LocationEntity($it) => $then,
            Entity::Template($it) => $then,
            Entity::CustomEntity($it) => $then,
        }
    };
}

#[async_trait]
impl ContainerType for Entity {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        of_any_kind!(self, it => it.resolve_field(ctx).await)
    }

    fn collect_all_fields<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
        of_any_kind!(self, it => it.collect_all_fields(ctx, fields))
    }
}

#[async_trait]
impl OutputType for Entity {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        of_any_kind!(self, it => it.introspection_type_name())
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Interface, interface)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl InterfaceType for Entity {}

/// Whichever type the registry comes to first, it comes to this one before it is done with `CustomEntity`, as long as
/// `CustomEntity` itself is not the first; a test of the schema would see that.
fn interface(registry: &mut Registry) -> MetaType {
    registry.add_implements(NAME, "Node");
    let possible_types = [
        implementer::<Component>(registry),
        implementer::<Api>(registry),
        implementer::<Resource>(registry),
        implementer::<System>(registry),
        implementer::<Domain>(registry),
        implementer::<Group>(registry),
        implementer::<User>(registry),
        implementer::<LocationEntity>(registry),
        implementer::<Template>(registry),
        implementer::<CustomEntity>(registry),
    ];
    let fields = match registry.create_fake_output_type::<CustomEntity>() {
        MetaType::Object { fields, .. } => fields,
        _ => Default::default(),
    };
    MetaType::Interface {
        name: NAME.to_owned(),
        description: Some(DESCRIPTION.to_owned()),
        fields,
        possible_types: possible_types.into_iter().collect(),
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(std::any::type_name::<Entity>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn implementer<T: OutputType>(registry: &mut Registry) -> String {
    T::create_type_info(registry);
    let name = T::type_name().into_owned();
    registry.add_implements(&name, NAME);
    name
}
