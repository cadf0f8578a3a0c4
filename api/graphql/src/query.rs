//! What can be asked.

use async_graphql::{Context, ID, MergedObject, Object, Result};
use plinth_model::NodeId;

use crate::{
    api::call,
    argument::{EntityRef, Int},
    entity::{Asked, Entity, EntityConnection, EntityFilter, EntityOrder, entities},
    error::bad_input,
    location::{LocationFilter, RegisteredLocationConnection, locations},
    node::Node,
    page::{Arguments, LARGEST},
    problem::{CatalogProblemConnection, CatalogProblemFilter, problems},
    scalar::Revision,
    server::Server,
    viewer::Viewer,
};

/// What can be asked.
#[derive(MergedObject, Default)]
pub(crate) struct Query(NodeQuery, CatalogQuery);

#[derive(Default)]
pub(crate) struct NodeQuery;

#[derive(Default)]
pub(crate) struct CatalogQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this id; null where there is nothing to see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "An id that Plinth gave.")] id: ID) -> Option<Node> {
        let id = NodeId::decode(&id).ok()?;
        Node::find(call(ctx), &id)
    }

    /// In the order asked, null where there is nothing to see; 100 at most.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids that Plinth gave, 100 at most.")] ids: Vec<ID>,
    ) -> Option<Result<Vec<Option<Node>>>> {
        if ids.len() > LARGEST {
            return Some(Err(too_many("ids", ids.len())));
        }
        let find = |id: &ID| NodeId::decode(id).ok().and_then(|id| Node::find(call(ctx), &id));
        Some(Ok(ids.iter().map(find).collect()))
    }

    /// The caller.
    async fn viewer(&self) -> Option<Viewer> {
        Some(Viewer)
    }

    /// The server that answers.
    async fn server(&self) -> Option<Server> {
        Some(Server)
    }
}

#[Object]
impl CatalogQuery {
    /// The entity of this reference; null where it is not in the catalog.
    async fn entity(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "With its kind: `component:default/user-service`.")] reference: EntityRef,
    ) -> Option<Result<Entity>> {
        let found = reference.of("ref").map(|it| call(ctx).entity(&it));
        found.transpose()
    }

    /// In the order asked, null where there is nothing to see; 100 at most.
    async fn entities_by_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "References with their kinds, 100 at most.")] refs: Vec<EntityRef>,
    ) -> Option<Result<Vec<Option<Entity>>>> {
        if refs.len() > LARGEST {
            return Some(Err(too_many("refs", refs.len())));
        }
        let find = |it: &EntityRef| Ok(call(ctx).entity(&it.of("refs")?));
        Some(refs.iter().map(find).collect())
    }

    /// Entities of the catalog.
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when left out.")] filter: Option<EntityFilter>,
        #[graphql(
            desc = "Words, beginnings of words, small typing errors, Chinese: all of it must be found in name, title, \
                    description, tags, owner or definition. The best first, 1,000 at most, unless `orderBy` is given. 200 \
                    characters at most. Nothing is searched for when it is blank or left out."
        )]
        search: Option<String>,
        #[graphql(
            desc = "Which come first: by these fields one after the other, 10 at most, and by reference where all of \
                          them are the same. By name when left out, or the best first where there is a `search`."
        )]
        order_by: Option<Vec<EntityOrder>>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(
            desc = "Only what stands behind this cursor, which is good for the search, the filter and the order that it was \
                          given to."
        )]
        after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(
            desc = "Only what stands before this cursor, which is good for the search, the filter and the order that it was \
                          given to."
        )]
        before: Option<String>,
    ) -> Option<Result<EntityConnection>> {
        // A filter may look at every entity: between two lists the operation's time is looked at.
        tokio::task::yield_now().await;
        let arguments = Arguments { first, after, last, before };
        Some(entities(ctx, Asked { filter, search, order_by }, arguments).await)
    }

    /// The number of the catalog's last change.
    async fn catalog_revision(&self, ctx: &Context<'_>) -> Option<Revision> {
        Some(Revision(call(ctx).snapshot().revision()))
    }

    /// Places that entities are read from, by target.
    async fn locations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when left out.")] filter: Option<LocationFilter>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
    ) -> Option<Result<RegisteredLocationConnection>> {
        Some(locations(&call(ctx).snapshot(), filter, Arguments { first, after, last, before }))
    }

    /// Everything that could not be read or was refused, over all locations and the configuration, by file.
    async fn catalog_problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when left out.")] filter: Option<CatalogProblemFilter>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
    ) -> Option<Result<CatalogProblemConnection>> {
        let arguments = Arguments { first, after, last, before };
        let snapshot = call(ctx).snapshot();
        Some(CatalogProblemFilter::read(filter).and_then(|asked| {
            let all = snapshot.problems().filter(|it| asked.passes(it));
            problems(all, &format!("problems {asked:?}"), arguments)
        }))
    }
}

fn too_many(argument: &str, count: usize) -> async_graphql::Error {
    bad_input(format!("`{argument}` has {count} members; the limit is {LARGEST}"))
}
