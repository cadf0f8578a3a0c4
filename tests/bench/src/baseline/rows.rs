//! The rows of the bare resolver, in the shape of the real schema as far as the queries ask for it.

use async_graphql::{ComplexObject, Enum, SimpleObject};
use serde::Deserialize;

use super::GraphDirection;

#[derive(SimpleObject, Deserialize, Clone, Default)]
#[graphql(complex)]
#[serde(default)]
pub(super) struct Entity {
    #[graphql(name = "ref")]
    #[serde(rename = "ref")]
    pub(super) reference: String,
    name: String,
    title: Option<String>,
    kind: String,
    lifecycle: Option<String>,
    owner: Option<Owner>,
    #[graphql(skip)]
    graph: Option<Graph>,
}

impl Entity {
    /// One that nobody asks for.
    pub(super) fn named(reference: String) -> Self {
        Self { reference, ..Self::default() }
    }
}

#[ComplexObject]
impl Entity {
    async fn graph(&self, direction: Option<GraphDirection>, depth: Option<u32>) -> Option<&Graph> {
        let _ready = (direction, depth);
        self.graph.as_ref()
    }
}

#[derive(SimpleObject, Deserialize, Clone, Default)]
#[serde(default)]
struct Owner {
    #[graphql(name = "ref")]
    #[serde(rename = "ref")]
    reference: String,
    name: String,
}

#[derive(SimpleObject, Deserialize, Clone)]
struct Graph {
    nodes: Vec<Entity>,
    edges: Vec<Relation>,
    truncated: bool,
}

#[derive(SimpleObject, Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct Relation {
    #[graphql(name = "type")]
    r#type: String,
    source_ref: String,
    target_ref: String,
}

#[derive(SimpleObject, Deserialize, Default)]
#[graphql(complex)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Page {
    nodes: Vec<Entity>,
    total_count: usize,
    #[graphql(skip)]
    facets: Vec<Facet>,
}

#[ComplexObject]
impl Page {
    async fn facets(&self, fields: Vec<FacetField>) -> &[Facet] {
        let _ready = fields;
        &self.facets
    }
}

#[derive(SimpleObject, Deserialize)]
struct Facet {
    field: FacetField,
    values: Vec<FacetValue>,
}

#[derive(SimpleObject, Deserialize)]
struct FacetValue {
    value: String,
    count: usize,
}

#[derive(Enum, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum FacetField {
    Kind,
    Tag,
}
