//! What lies around an entity.

use async_graphql::{Context, Enum, Object, Result};
use plinth_catalog::{RelationType, Walk};

use crate::{api::call, argument::Int, entity::Entity, error::bad_input, relation::Relation};

/// Steps where none are given, and at most.
const DEPTH: (usize, usize) = (2, 10);
/// Entities where no number is given.
pub(crate) const NODES: usize = 200;
/// Entities at most.
pub(crate) const MOST_NODES: usize = 1000;

/// Which way a graph goes along relations in their forward types (`ownedBy`, `dependsOn`).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::Direction")]
pub(crate) enum GraphDirection {
    /// From the source to the target: to what an entity needs and whom it belongs to.
    Outgoing,
    /// From the target to the source: to what needs it or belongs to it.
    Incoming,
    /// Both ways at each step.
    Both,
}

/// What lies around an entity.
pub(crate) struct EntityGraph(plinth_catalog::Graph);

/// What a graph takes.
pub(crate) struct GraphArguments {
    pub(crate) direction: Option<GraphDirection>,
    pub(crate) depth: Option<Int>,
    pub(crate) relation_types: Option<Vec<String>>,
    pub(crate) max_nodes: Option<Int>,
}

/// What lies around an entity.
#[Object]
impl EntityGraph {
    /// The entities, this one first, then the nearest; as many as `maxNodes` says at most.
    async fn nodes(&self) -> Vec<Entity> {
        self.0.nodes.iter().map(Entity::of).collect()
    }

    /// The relations between them, once each, in their forward types. One may lead to a reference that is not in the catalog,
    /// and so to none of `nodes`. Ten times `maxNodes` at most.
    async fn edges(&self) -> Vec<Relation> {
        self.0.edges.iter().cloned().map(Relation).collect()
    }

    /// Whether `maxNodes` or `depth` left something out.
    async fn truncated(&self) -> bool {
        self.0.truncated
    }
}

/// The graph around an entity.
pub(crate) fn graph(
    ctx: &Context<'_>,
    reference: &plinth_model::EntityRef,
    arguments: GraphArguments,
) -> Result<EntityGraph> {
    let GraphArguments { direction, depth, relation_types, max_nodes } = arguments;
    let kinds = match relation_types {
        None => RelationType::ALL.to_vec(),
        Some(names) => names.iter().filter_map(|name| RelationType::named(name)).collect(),
    };
    let walk = Walk {
        direction: direction.unwrap_or(GraphDirection::Both).into(),
        depth: bounded("depth", depth, DEPTH.0, 0, DEPTH.1)?,
        kinds,
        most: bounded("maxNodes", max_nodes, NODES, 1, MOST_NODES)?,
    };
    Ok(EntityGraph(call(ctx).snapshot().graph(reference, &walk)))
}

fn bounded(argument: &str, given: Option<Int>, usual: usize, least: usize, most: usize) -> Result<usize> {
    let Some(Int(given)) = given else { return Ok(usual) };
    match usize::try_from(given) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(bad_input(format!("`{argument}` is {given}; expected {least} to {most}"))),
    }
}
