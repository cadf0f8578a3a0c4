//! What the server is measured against: a bare async-graphql resolver, and a handler that sends bytes.

mod rows;

use std::collections::HashMap;

use anyhow::Result;
use async_graphql::{Context, EmptyMutation, EmptySubscription, Enum, InputObject, Object, Schema};
use axum::{Router, body::Bytes, http::header, routing::post};
use serde_json::Value;

use self::rows::{Entity, Page};

/// The arguments of the real schema that the queries use.
#[derive(InputObject)]
struct Filter {
    kind: Option<Equal>,
    lifecycle: Option<Equal>,
    owner: Option<Equal>,
}

#[derive(InputObject)]
struct Equal {
    eq: Option<String>,
}

#[derive(InputObject)]
struct Order {
    field: OrderField,
    direction: Option<OrderDirection>,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum OrderField {
    Name,
    Lifecycle,
    UpdatedAt,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum OrderDirection {
    Asc,
    Desc,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum GraphDirection {
    Outgoing,
    Incoming,
    Both,
}

/// The rows that are answered. An entity is looked up among as many as the catalog has; a page or a graph is not: its rows
/// stand ready, as the server under test answered them. So the bare resolver reads its arguments and executes the same
/// selection over the same rows, and leaves out to filter, search, order, count and walk, callers, limits and snapshots.
struct Data {
    all: Vec<Entity>,
    places: HashMap<String, usize>,
    page: Option<Page>,
}

struct Query;

#[Object]
impl Query {
    async fn entity<'c>(&self, ctx: &Context<'c>, #[graphql(name = "ref")] reference: String) -> Option<&'c Entity> {
        let data = ctx.data_unchecked::<Data>();
        data.places.get(&reference).and_then(|place| data.all.get(*place))
    }

    async fn entities<'c>(
        &self,
        ctx: &Context<'c>,
        first: Option<usize>,
        filter: Option<Filter>,
        search: Option<String>,
        order_by: Option<Vec<Order>>,
    ) -> Option<&'c Page> {
        let _ready = (first, filter, search, order_by);
        ctx.data_unchecked::<Data>().page.as_ref()
    }
}

/// Serves the bare resolver for an answer of the server under test; answers its URL.
pub(crate) async fn graphql(size: usize, answer: &str) -> Result<String> {
    let answer: Value = serde_json::from_str(answer)?;
    let found = |field: &str| answer["data"].get(field).cloned();
    let entity: Option<Entity> = found("entity").map(serde_json::from_value).transpose()?;
    let page: Option<Page> = found("entities").map(serde_json::from_value).transpose()?;
    let plain = |number: usize| {
        let reference = format!("component:default/service-{number}");
        let named = entity.iter().find(|it| it.reference == reference).cloned();
        named.unwrap_or_else(|| Entity::named(reference))
    };
    let all: Vec<Entity> = (0..size).map(plain).collect();
    let places = all.iter().enumerate().map(|(place, it)| (it.reference.clone(), place)).collect();
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).data(Data { all, places, page }).finish();
    let extensions = async_graphql::Value::from_json(answer["extensions"].clone())?;
    let handler = move |body: Bytes| {
        let (schema, extensions) = (schema.clone(), extensions.clone());
        async move {
            let request = serde_json::from_slice(&body).unwrap_or_else(|_| async_graphql::Request::new(""));
            let mut answer = schema.execute(request).await;
            // As long as the real ones.
            if let async_graphql::Value::Object(all) = extensions {
                answer.extensions.extend(all.into_iter().map(|(name, value)| (name.to_string(), value)));
            }
            ([(header::CONTENT_TYPE, "application/json")], serde_json::to_vec(&answer).unwrap_or_default())
        }
    };
    serve(Router::new().route("/graphql", post(handler))).await
}

/// Serves the same bytes to everyone; answers its URL.
pub(crate) async fn bytes(answer: String) -> Result<String> {
    let answer = Bytes::from(answer);
    let handler = move |_: Bytes| {
        let answer = answer.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], answer) }
    };
    serve(Router::new().route("/graphql", post(handler))).await
}

async fn serve(router: Router) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/graphql", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}
