//! Registered locations.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use plinth_catalog::{List, Location, Snapshot};

use crate::{
    api::call,
    argument::Int,
    entity::{Entity, EntityConnection},
    error::fault,
    filter::{Path, StringFilter},
    page::{Arguments, Filtered, Page, PageInfo, page},
    problem::{CatalogProblemConnection, problems},
    sync::LocationSync,
};

/// How a location's target is read.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::LocationType")]
pub(crate) enum LocationType {
    /// A path on the server's file system, perhaps with globs.
    File,
    /// A URL.
    Url,
    /// The repositories of an organisation at GitHub, where a provider of the configuration looks for them.
    GithubDiscovery,
    /// The people and teams of organisations at GitHub, where a provider of the configuration looks for them.
    GithubOrg,
}

/// What registered a location.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::LocationOrigin")]
pub(crate) enum LocationOrigin {
    /// The server's configuration.
    Configuration,
    /// A mutation.
    Mutation,
    /// A `Location` entity.
    Entity,
    /// A provider that finds repositories.
    Discovery,
}

/// A place that entities are read from.
#[derive(Clone)]
pub(crate) struct RegisteredLocation(pub(crate) Arc<Location>);

/// A place that entities are read from.
#[Object]
impl RegisteredLocation {
    /// Opaque; the same as long as type and target are.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.node_id().encode())
    }

    /// How it is read.
    #[graphql(name = "type")]
    async fn kind(&self) -> LocationType {
        self.0.kind.into()
    }

    /// An absolute path, perhaps with globs, or a URL.
    async fn target(&self) -> &str {
        &self.0.target
    }

    /// What registered it.
    async fn origin(&self) -> LocationOrigin {
        self.0.origin.into()
    }

    /// The Location entity that names it, where `origin` is ENTITY.
    async fn declared_by(&self, ctx: &Context<'_>) -> Option<Entity> {
        self.0.declared_by.as_ref().and_then(|it| call(ctx).entity(it))
    }

    /// What it holds, by reference.
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
    ) -> Result<EntityConnection> {
        let snapshot = call(ctx).snapshot();
        let list = snapshot.held_by(self.0.id);
        EntityConnection::of(ctx, &list, &format!("held {}", self.0.id.0), Arguments { first, after, last, before })
    }

    /// What its last reading found wrong.
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
    ) -> Result<CatalogProblemConnection> {
        let snapshot = call(ctx).snapshot();
        problems(
            snapshot.problems_at(&self.0),
            &format!("problems {}", self.0.id.0),
            Arguments { first, after, last, before },
        )
    }

    /// The latest reading since the server started, perhaps still at work.
    async fn last_sync(&self, ctx: &Context<'_>) -> Result<Option<LocationSync>> {
        let call = call(ctx);
        let latest = call.catalog.last_sync(&call.caller, self.0.id).map_err(|it| fault(&it))?;
        Ok(latest.map(LocationSync))
    }
}

/// A page of locations.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct RegisteredLocationConnection {
    /// The locations with their cursors.
    edges: Vec<RegisteredLocationEdge>,
    /// What lies around the page.
    page_info: PageInfo,
    /// How many there are over all pages.
    total_count: usize,
}

/// A location and its cursor.
#[derive(SimpleObject, Clone)]
pub(crate) struct RegisteredLocationEdge {
    /// Its place in the list.
    cursor: String,
    /// The location.
    node: RegisteredLocation,
}

#[ComplexObject]
impl RegisteredLocationConnection {
    /// The locations without their cursors.
    async fn nodes(&self) -> Vec<&RegisteredLocation> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// Which locations a list shows. All given members hold at once.
#[derive(InputObject, Default)]
pub(crate) struct LocationFilter {
    /// How it is read.
    #[graphql(name = "type")]
    kind: Option<LocationType>,
    /// What registered it.
    origin: Option<LocationOrigin>,
    /// Its target.
    target: Option<StringFilter>,
    /// Whether something is wrong there.
    has_problems: Option<bool>,
}

/// What a filter leaves of all locations, by target.
pub(crate) fn locations(
    snapshot: &Snapshot,
    filter: Option<LocationFilter>,
    arguments: Arguments,
) -> Result<RegisteredLocationConnection> {
    let LocationFilter { kind, origin, target, has_problems } = filter.unwrap_or_default();
    let (kind, origin) =
        (kind.map(plinth_catalog::LocationType::from), origin.map(plinth_catalog::LocationOrigin::from));
    let path = Path::Top("filter");
    let target = target.map(|target| target.read(&Path::Member(&path, "target"))).transpose()?;
    let name = format!("locations {kind:?} {origin:?} {target:?} {has_problems:?}");
    let passes = |it: &Arc<Location>| {
        kind.is_none_or(|kind| it.kind == kind)
            && origin.is_none_or(|origin| it.origin == origin)
            && target.as_ref().is_none_or(|target| target.holds_of(&it.target))
            && has_problems.is_none_or(|wanted| snapshot.problems_at(it).next().is_some() == wanted)
    };
    let list = Filtered { list: snapshot.locations(), passes };
    let Page { items, info } = page(&list, &name, arguments)?;
    let edges = items.into_iter().map(|(cursor, it)| RegisteredLocationEdge { cursor, node: RegisteredLocation(it) });
    Ok(RegisteredLocationConnection { edges: edges.collect(), page_info: info, total_count: list.count() })
}
