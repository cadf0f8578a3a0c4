//! What the server is measured against: a bare async-graphql resolver over a `Vec`, and a handler that sends bytes.

use std::collections::HashMap;

use anyhow::Result;
use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};
use axum::{Router, body::Bytes, http::header, routing::post};

/// An entity with as many fields as the queries ask for.
#[derive(SimpleObject, Clone)]
struct Plain {
    #[graphql(name = "ref")]
    reference: String,
    name: String,
    title: String,
    kind: String,
    lifecycle: String,
    #[graphql(skip)]
    owner: usize,
}

#[derive(SimpleObject, Clone)]
struct Owner {
    #[graphql(name = "ref")]
    reference: String,
    name: String,
}

struct Owned(Plain);

#[Object]
impl Owned {
    #[graphql(name = "ref")]
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn title(&self) -> &str {
        &self.0.title
    }

    async fn kind(&self) -> &str {
        &self.0.kind
    }

    async fn lifecycle(&self) -> &str {
        &self.0.lifecycle
    }

    async fn owner<'c>(&self, ctx: &Context<'c>) -> Option<&'c Owner> {
        ctx.data_unchecked::<Data>().owners.get(self.0.owner)
    }
}

#[derive(SimpleObject)]
struct Page {
    nodes: Vec<Owned>,
}

struct Data {
    all: Vec<Plain>,
    places: HashMap<String, usize>,
    owners: Vec<Owner>,
}

struct Query;

#[Object]
impl Query {
    async fn entity<'c>(&self, ctx: &Context<'c>, #[graphql(name = "ref")] reference: String) -> Option<&'c Plain> {
        let data = ctx.data_unchecked::<Data>();
        data.places.get(&reference).and_then(|place| data.all.get(*place))
    }

    async fn entities(&self, ctx: &Context<'_>, first: usize) -> Page {
        let data = ctx.data_unchecked::<Data>();
        Page { nodes: data.all.iter().take(first).cloned().map(Owned).collect() }
    }
}

/// Serves the bare resolver; answers its URL.
pub(crate) async fn graphql(size: usize) -> Result<String> {
    let plain = |number: usize| Plain {
        reference: format!("component:default/service-{number}"),
        name: format!("service-{number}"),
        title: format!("Service {number}"),
        kind: "Component".to_owned(),
        lifecycle: "production".to_owned(),
        owner: number % 100,
    };
    let all: Vec<Plain> = (0..size).map(plain).collect();
    let places = all.iter().enumerate().map(|(place, it)| (it.reference.clone(), place)).collect();
    let owner = |team| Owner { reference: format!("group:default/team-{team}"), name: format!("team-{team}") };
    let data = Data { all, places, owners: (0..100).map(owner).collect() };
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).data(data).finish();
    let handler = move |body: Bytes| {
        let schema = schema.clone();
        async move {
            let request = serde_json::from_slice(&body).unwrap_or_else(|_| async_graphql::Request::new(""));
            let answer = schema.execute(request).await;
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
