//! The catalog's lists: rates and times of each query, beside the baselines.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{baseline, load, plinth::Plinth};

/// Connections of the load.
const CONNECTIONS: [usize; 2] = [1, 16];

const QUERIES: [(&str, &str); 9] = [
    ("entity by reference", "{entity(ref: \"component:default/service-500\") {ref name title kind lifecycle}}"),
    (
        "page of 20, filtered",
        "{entities(first: 20, filter: {kind: {eq: \"Component\"}, lifecycle: {eq: \"production\"}, \
         owner: {eq: \"team-7\"}}) {totalCount nodes {ref name title kind lifecycle}}}",
    ),
    (
        "page of 20, ordered by two fields",
        "{entities(first: 20, orderBy: [{field: LIFECYCLE}, {field: UPDATED_AT, direction: DESC}]) \
         {nodes {ref name title kind lifecycle}}}",
    ),
    ("page of 20 with owner", "{entities(first: 20) {nodes {ref name title kind lifecycle owner {ref name}}}}"),
    (
        "page of 20, filtered and ordered, with owner",
        "{entities(first: 20, filter: {kind: {eq: \"Component\"}, lifecycle: {eq: \"production\"}}, \
         orderBy: [{field: LIFECYCLE}, {field: NAME, direction: DESC}]) \
         {totalCount nodes {ref name title kind lifecycle owner {ref name}}}}",
    ),
    (
        "search with a typing error",
        "{entities(first: 20, search: \"servce 500\") {totalCount nodes {ref name title kind}}}",
    ),
    ("search with many hits", "{entities(first: 20, search: \"telemetry\") {totalCount nodes {ref name title kind}}}"),
    (
        "facets of kind and tags",
        "{entities(first: 20, filter: {lifecycle: {eq: \"production\"}}) {totalCount facets(fields: [KIND, TAG]) \
         {field values {value count}}}}",
    ),
    (
        "graph of three steps",
        "{entity(ref: \"component:default/service-500\") {ref graph(depth: 3, direction: BOTH) \
         {nodes {ref name kind} edges {type sourceRef targetRef} truncated}}}",
    ),
];

/// Measures every query; `record` takes the lines.
pub(crate) async fn measure(server: &Plinth, size: usize, mut record: impl FnMut(Value) -> Result<()>) -> Result<()> {
    for (name, query) in QUERIES {
        let body = json!({"query": query}).to_string();
        let answer = load::once(&server.url, &body)?;
        let bare = baseline::graphql(size, &answer).await?;
        ensure!(data(&load::once(&bare, &body)?)? == data(&answer)?, "the bare resolver answers something else");
        let bytes = baseline::bytes(answer.clone()).await?;
        let compared = [("plinth", &*server.url), ("bare async-graphql", &bare), ("axum handler", &bytes)];
        let urls = compared.map(|(_, url)| url);
        // The first second of a query is not counted.
        for url in urls {
            load::Load::start(url, std::slice::from_ref(&body), CONNECTIONS[0], 1)?.finish()?;
        }
        for connections in CONNECTIONS {
            let load::Compared { measured, share } = load::compare(urls, &body, connections)?;
            for (at, ((who, _), measured)) in compared.iter().zip(measured).enumerate() {
                let mut line = json!(measured);
                line["what"] = name.into();
                line["who"] = (*who).into();
                line["entities"] = size.into();
                line["connections"] = connections.into();
                line["answerBytes"] = answer.len().into();
                if at == 0 {
                    line["ofBare"] = share.to_vec().into();
                }
                record(line)?;
            }
        }
    }
    Ok(())
}

fn data(answer: &str) -> Result<Value> {
    Ok(serde_json::from_str::<Value>(answer)?["data"].take())
}
