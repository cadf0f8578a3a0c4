//! Relations.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use plinth_catalog::RelationType;

use crate::{
    api::call,
    entity::Entity,
    page::{Arguments, Gathered, Page, PageInfo, page},
    scalar::EntityRef,
};

/// One entity's relation to another, which need not be in the catalog.
#[derive(Clone)]
pub(crate) struct Relation(pub(crate) plinth_catalog::Relation);

/// One entity's relation to another, which need not be in the catalog.
#[Object]
impl Relation {
    /// As Backstage names it: `ownedBy`, `dependsOn`.
    #[graphql(name = "type")]
    async fn kind(&self) -> &str {
        self.0.kind.as_str()
    }

    /// Where it begins.
    async fn source_ref(&self) -> EntityRef {
        EntityRef(self.0.source.clone())
    }

    /// Where it leads.
    async fn target_ref(&self) -> EntityRef {
        EntityRef(self.0.target.clone())
    }

    /// The entity that it leads to; null where that is not in the catalog.
    async fn target(&self, ctx: &Context<'_>) -> Option<Entity> {
        call(ctx).entity(&self.0.target)
    }
}

/// A page of relations.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct RelationConnection {
    /// The relations with their cursors.
    edges: Vec<RelationEdge>,
    /// What lies around the page.
    page_info: PageInfo,
    /// How many there are over all pages.
    total_count: usize,
}

/// A relation and its cursor.
#[derive(SimpleObject, Clone)]
pub(crate) struct RelationEdge {
    /// Its place in the list.
    cursor: String,
    /// The relation.
    node: Relation,
}

#[ComplexObject]
impl RelationConnection {
    /// The relations without their cursors.
    async fn nodes(&self) -> Vec<&Relation> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// The relations of an entity; `types` none means all.
pub(crate) fn relations(
    ctx: &Context<'_>,
    reference: &plinth_model::EntityRef,
    types: Option<Vec<String>>,
    arguments: Arguments,
) -> Result<RelationConnection> {
    let mut kinds: Vec<RelationType> = match &types {
        None => RelationType::ALL.to_vec(),
        Some(names) => names.iter().filter_map(|name| RelationType::named(name)).collect(),
    };
    kinds.sort();
    kinds.dedup();
    let all = call(ctx).snapshot().relations(reference, &kinds);
    let mut all: Vec<_> = all.into_iter().map(|it| (format!("{} {}", it.kind.as_str(), it.target), it)).collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    let list = Gathered(all);
    let Page { items, info } = page(&list, &format!("relations {reference}"), arguments)?;
    let edges = items.into_iter().map(|(cursor, it)| RelationEdge { cursor, node: Relation(it) }).collect();
    Ok(RelationConnection { edges, page_info: info, total_count: list.0.len() })
}
