//! Pages of entities.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use plinth_catalog::List;

use super::Entity;
use crate::page::{Arguments, Page, PageInfo, page};

/// A page of entities.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct EntityConnection {
    /// The entities with their cursors.
    edges: Vec<EntityEdge>,
    /// What lies around the page.
    page_info: PageInfo,
    /// How many there are over all pages.
    total_count: i32,
}

/// An entity and its cursor.
#[derive(SimpleObject, Clone)]
pub(crate) struct EntityEdge {
    /// Its place in the list.
    cursor: String,
    /// The entity.
    node: Entity,
}

#[ComplexObject]
impl EntityConnection {
    /// The entities without their cursors.
    async fn nodes(&self) -> Vec<Entity> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }
}

impl EntityConnection {
    /// One page of a list. It is counted only where the query asks: that may take a look at every member.
    pub(crate) fn of<L>(ctx: &Context<'_>, list: &L, name: &str, arguments: Arguments) -> Result<Self>
    where
        L: List<Item = Arc<plinth_catalog::Entity>>,
    {
        let Page { items, info } = page(list, name, arguments)?;
        let edges =
            items.into_iter().map(|(cursor, entity)| EntityEdge { cursor, node: Entity::of(&entity) }).collect();
        let counted = ctx.look_ahead().field("totalCount").exists();
        let total_count = if counted { i32::try_from(list.count()).unwrap_or(i32::MAX) } else { 0 };
        Ok(Self { edges, page_info: info, total_count })
    }
}
