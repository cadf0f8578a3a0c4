//! Pages of entities.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use plinth_catalog::{List, Marker};

use super::{
    Entity,
    search::{self, BEST, Highlight},
};
use crate::{
    api::call,
    page::{Arguments, Page, PageInfo, page},
};

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
#[graphql(complex)]
pub(crate) struct EntityEdge {
    /// Its place in the list.
    cursor: String,
    /// The entity.
    node: Entity,
    #[graphql(skip)]
    stored: Arc<plinth_catalog::Entity>,
    /// What was searched for.
    #[graphql(skip)]
    marker: Option<Arc<Marker>>,
}

#[ComplexObject]
impl EntityEdge {
    /// Why it was found, a text of a field each: names, then description, tags, owner and definition. Empty without `search`.
    async fn highlights(&self, ctx: &Context<'_>) -> Result<Vec<Highlight>> {
        search::highlights(ctx, &self.stored, self.marker.as_deref()).await
    }
}

#[ComplexObject]
impl EntityConnection {
    /// The entities without their cursors.
    async fn nodes(&self) -> Vec<Entity> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }
}

impl EntityConnection {
    /// One page of what a search finds, the best first; of all entities where the text is blank.
    pub(crate) async fn search(ctx: &Context<'_>, text: &str, arguments: Arguments) -> Result<Self> {
        let Some(found) = search::find(ctx, text).await? else {
            return Self::by_name(ctx, arguments);
        };
        let marker = Arc::new(found.marker());
        let mut page = Self::of(ctx, &found.best(BEST), &format!("entities found by {text}"), arguments)?;
        page.edges.iter_mut().for_each(|edge| edge.marker = Some(marker.clone()));
        Ok(page)
    }

    /// One page of all entities.
    pub(crate) fn by_name(ctx: &Context<'_>, arguments: Arguments) -> Result<Self> {
        Self::of(ctx, &call(ctx).snapshot().by_name(), "entities by name", arguments)
    }

    /// One page of a list. It is counted only where the query asks: that may take a look at every member.
    pub(crate) fn of<L>(ctx: &Context<'_>, list: &L, name: &str, arguments: Arguments) -> Result<Self>
    where
        L: List<Item = Arc<plinth_catalog::Entity>>,
    {
        let Page { items, info } = page(list, name, arguments)?;
        let edge = |(cursor, stored)| EntityEdge { cursor, node: Entity::of(&stored), stored, marker: None };
        let edges = items.into_iter().map(edge).collect();
        let counted = ctx.look_ahead().field("totalCount").exists();
        let total_count = if counted { i32::try_from(list.count()).unwrap_or(i32::MAX) } else { 0 };
        Ok(Self { edges, page_info: info, total_count })
    }
}
