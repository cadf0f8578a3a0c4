//! Pages of entities.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use plinth_catalog::{Best, EntityOrder, List, Marker, Selection};

use super::{
    Entity,
    facet::{self, EntityFacetField, Facet, facets},
    search::{self, Highlight},
};
use crate::{
    api::call,
    argument::Int,
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
    /// The whole list, where it is counted by facets.
    #[graphql(skip)]
    whole: Option<Selection>,
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

    /// Values and how often they stand in the whole list, for each field that is asked for, 8 at most.
    async fn facets(
        &self,
        #[graphql(desc = "Which fields, 8 at most.")] fields: Vec<EntityFacetField>,
        #[graphql(desc = "How many values of each, 100 at most; 20 when left out.")] limit: Option<Int>,
        #[graphql(
            desc = "Only values that begin so, for looking one up in a long list; of a reference, the whole or the \
                          name may."
        )]
        starts_with: Option<String>,
        #[graphql(desc = "Count each field as if the filter's own top-level member for it were away: what a list of \
                          check boxes shows. False when left out.")]
        except_own: Option<bool>,
    ) -> Result<Vec<Facet>> {
        let except_own = except_own.unwrap_or(false);
        let asked = facet::Asked { fields, limit, starts_with, except_own };
        self.whole.as_ref().map_or_else(|| Ok(Vec::new()), |whole| facets(whole, asked))
    }
}

impl EntityConnection {
    /// One page of a list. It is counted only where the query asks: that may take a look at every member.
    pub(crate) fn of<L>(ctx: &Context<'_>, list: &L, name: &str, arguments: Arguments) -> Result<Self>
    where
        L: List<Item = Arc<plinth_catalog::Entity>>,
    {
        let counts = |field| ctx.look_ahead().field(field).exists();
        let whole = counts("facets").then(|| {
            let all = list.all();
            Selection::of(&call(ctx).snapshot(), all.iter().map(|entity| &entity.reference))
        });
        let total_count = if counts("totalCount") { i32::try_from(list.count()).unwrap_or(i32::MAX) } else { 0 };
        let Page { items, info } = page(list, name, arguments)?;
        Ok(Self { edges: edges(items), page_info: info, total_count, whole })
    }

    /// One page of what a filter leaves, in an order.
    pub(crate) fn selected(
        whole: Selection,
        order: Vec<EntityOrder>,
        name: &str,
        arguments: Arguments,
    ) -> Result<Self> {
        let total_count = i32::try_from(whole.count()).unwrap_or(i32::MAX);
        let Page { items, info } = page(&whole.ordered(order), name, arguments)?;
        Ok(Self { edges: edges(items), page_info: info, total_count, whole: Some(whole) })
    }

    /// One page of the best of what a search found. Over the whole of it, where that was gathered, facets count.
    pub(crate) fn best(best: &Best, whole: Option<Selection>, name: &str, arguments: Arguments) -> Result<Self> {
        let total_count = i32::try_from(best.count()).unwrap_or(i32::MAX);
        let Page { items, info } = page(best, name, arguments)?;
        Ok(Self { edges: edges(items), page_info: info, total_count, whole })
    }

    /// The same with what was searched for, which the edges tell.
    #[must_use]
    pub(crate) fn marked(mut self, marker: Marker) -> Self {
        let marker = Arc::new(marker);
        self.edges.iter_mut().for_each(|edge| edge.marker = Some(marker.clone()));
        self
    }
}

fn edges(items: Vec<(String, Arc<plinth_catalog::Entity>)>) -> Vec<EntityEdge> {
    let edge = |(cursor, stored)| EntityEdge { cursor, node: Entity::of(&stored), stored, marker: None };
    items.into_iter().map(edge).collect()
}
