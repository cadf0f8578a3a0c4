//! The graph around an entity.

use serde_json::{Value, json};

use crate::app::{App, BOTH, Database};

/// `web -> shop -> pay -> bank`, owned by `team`; `shop` needs what is not there.
const CHAIN: &str = "\
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: web}, \
  spec: {type: website, lifecycle: production, owner: team, dependsOn: ['component:shop']}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: shop}, \
  spec: {type: service, lifecycle: production, owner: team, dependsOn: ['component:pay', 'resource:missing']}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: pay}, \
  spec: {type: service, lifecycle: production, owner: team, dependsOn: ['component:bank']}}
---
{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: bank}, \
  spec: {type: service, lifecycle: production, owner: team}}
---
{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team}, spec: {type: team, children: []}}
";

/// The graph of `component:shop`: its entities' names, its edges as `source type target`, and whether it was cut.
async fn graph(app: &App, arguments: &str) -> (Vec<String>, Vec<String>, bool) {
    let query = format!(
        "{{entity(ref: \"component:shop\") {{graph{arguments} {{truncated nodes {{name}} edges {{type sourceRef targetRef \
         target {{ref}}}}}}}}}}"
    );
    let mut data = app.data(&query).await;
    let graph = data["entity"]["graph"].take();
    let name = |reference: &Value| reference.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let nodes = graph["nodes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    let edges = graph["edges"].as_array().unwrap().iter().map(|it| {
        assert_eq!(it["target"].is_null(), name(&it["targetRef"]) == "missing", "{it}");
        format!("{} {} {}", name(&it["sourceRef"]), it["type"].as_str().unwrap(), name(&it["targetRef"]))
    });
    (nodes, edges.collect(), graph["truncated"].as_bool().unwrap())
}

#[tokio::test]
async fn a_graph_goes_along_forward_types_as_far_as_it_is_asked() {
    for database in BOTH {
        let app = App::started(database, &[("catalog/all.yaml", CHAIN)]).await;
        let needs = "relationTypes: [\"dependsOn\"]";
        let (nodes, edges, truncated) = graph(&app, &format!("(direction: OUTGOING, {needs})")).await;
        assert_eq!(nodes, ["shop", "pay", "bank"]);
        assert_eq!(edges, ["pay dependsOn bank", "shop dependsOn pay", "shop dependsOn missing"]);
        assert!(!truncated);
        let (nodes, edges, truncated) = graph(&app, &format!("(direction: OUTGOING, depth: 1, {needs})")).await;
        assert_eq!((nodes, truncated), (vec!["shop".to_owned(), "pay".to_owned()], true));
        assert_eq!(edges, ["shop dependsOn pay", "shop dependsOn missing"]);
        let (nodes, edges, truncated) = graph(&app, &format!("(direction: INCOMING, {needs})")).await;
        assert_eq!((nodes, truncated), (vec!["shop".to_owned(), "web".to_owned()], false));
        assert_eq!(edges, ["web dependsOn shop"]);
        // The reverse type means the same relations.
        let reverse = graph(&app, "(direction: INCOMING, relationTypes: [\"dependencyOf\"])").await;
        assert_eq!(reverse.1, ["web dependsOn shop"]);
        let (nodes, edges, truncated) = graph(&app, "").await;
        assert_eq!(nodes, ["shop", "team", "pay", "web", "bank"]);
        assert_eq!((edges.len(), truncated), (8, false));
        let (nodes, _, truncated) = graph(&app, "(depth: 0)").await;
        assert_eq!((nodes, truncated), (vec!["shop".to_owned()], true));
        let (nodes, edges, truncated) = graph(&app, "(maxNodes: 2)").await;
        assert_eq!((nodes, truncated), (vec!["shop".to_owned(), "team".to_owned()], true));
        assert_eq!(edges, ["shop ownedBy team"]);
    }
}

#[tokio::test]
async fn a_graph_of_too_many_steps_or_entities_is_refused() {
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", CHAIN)]).await;
    for (argument, message) in [
        ("depth: 11", "`depth` is 11; expected 0 to 10"),
        ("depth: -1", "`depth` is -1; expected 0 to 10"),
        ("maxNodes: 0", "`maxNodes` is 0; expected 1 to 1000"),
        ("maxNodes: 1001", "`maxNodes` is 1001; expected 1 to 1000"),
    ] {
        let query = format!("{{entity(ref: \"component:shop\") {{graph({argument}) {{truncated}}}}}}");
        let answer = app.answer(&query, json!({})).await;
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(answer["data"], json!({"entity": null}));
    }
}

#[tokio::test]
async fn a_graph_costs_as_much_as_it_may_have() {
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", CHAIN)]).await;
    let cost = async |arguments: &str| {
        let query =
            format!("{{entity(ref: \"component:shop\") {{graph{arguments} {{nodes {{ref}} edges {{type}}}}}}}}");
        app.answer(&query, json!({})).await["extensions"]["cost"]["asked"].as_u64().unwrap()
    };
    let (usual, all) = (cost("").await, cost("(maxNodes: 1000)").await);
    assert_eq!(all - usual, 800 * 3, "one field of each entity, and one of each of two relations");
    let query = "{entities(first: 100) {nodes {graph(maxNodes: 1000) {nodes {ref}}}}}";
    let refused = app.answer(query, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
}
