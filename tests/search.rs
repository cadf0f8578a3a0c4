//! Finding entities by what a person types.

use serde_json::{Value, json};

use crate::app::{App, BOTH, Database, repository};

const FIND: &str = "query($text: String, $first: Int, $after: String) {entities(search: $text, first: $first, after: $after) \
                    {totalCount nodes {ref} pageInfo {hasNextPage endCursor}}}";

/// The references of a page.
fn references(page: &Value) -> Vec<String> {
    page["nodes"].as_array().unwrap().iter().map(|it| it["ref"].as_str().unwrap().to_owned()).collect()
}

async fn find(app: &App, text: &str) -> Vec<String> {
    let data = app.run(FIND, json!({"text": text, "first": 100})).await;
    references(&data["entities"])
}

/// Waits until a search finds this first.
async fn until_found(app: &App, text: &str, first: &str) {
    let what = format!("`{text}` finds `{first}`");
    app.until(&what, async |app| find(app, text).await.first().is_some_and(|it| it == first)).await;
}

/// `text => reference` of each line.
fn first_hits() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("search/first-hits.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" => ").unwrap()).collect()
}

fn component(name: &str, more: &str) -> String {
    format!(
        "{{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {{name: {name}{more}}}, \
         spec: {{type: service, lifecycle: production, owner: team}}}}\n---\n"
    )
}

#[tokio::test]
async fn what_a_person_types_finds_what_is_meant_first() {
    let mut app = App::new(Database::Sqlite).await;
    let root = repository().join("deploy/sample/catalog-info.yaml");
    app.configure(&format!("locations: [{{type: file, target: {}}}]", root.display()));
    app.start().await;
    // Whatever there is, is found by its name once it is indexed.
    for reference in find(&app, "").await {
        let name = reference.rsplit('/').next().unwrap();
        app.until(&reference, async |app| find(app, name).await.contains(&reference)).await;
    }
    let hits = first_hits();
    assert!(hits.len() >= 40, "{}", hits.len());
    let mut wrong = Vec::new();
    for (text, expected) in hits {
        let found = find(&app, text).await;
        if found.first().is_none_or(|it| it != expected) {
            wrong.push(format!("`{text}` should find {expected}, finds {:?}", found.get(..5).unwrap_or(&found)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_comes_changes_and_goes_is_found_accordingly() {
    for database in BOTH {
        let app = App::started(database, &[("catalog/one.yaml", &component("harbour", ""))]).await;
        until_found(&app, "harbour", "component:default/harbour").await;
        assert_eq!(find(&app, "lighthouse").await, Vec::<String>::new());
        app.write("catalog/one.yaml", &component("harbour", ", title: Lighthouse"));
        until_found(&app, "lighthouse", "component:default/harbour").await;
        app.write("catalog/two.yaml", &component("jetty", ""));
        until_found(&app, "jetty", "component:default/jetty").await;
        std::fs::remove_file(app.folder.path().join("catalog/one.yaml")).unwrap();
        app.until("it left", async |app| find(app, "lighthouse").await.is_empty()).await;
    }
}

#[tokio::test]
async fn a_definition_is_searched() {
    for database in BOTH {
        let api = "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: quay}, spec: {type: openapi, lifecycle: \
                   production, owner: team, definition: 'paths: {/containers: {get: {operationId: listContainers}}}'}}\n";
        let app = App::started(database, &[("catalog/api.yaml", api)]).await;
        until_found(&app, "listcontainers", "api:default/quay").await;
        let query = "{entities(search: \"listCont\") {edges {highlights {field parts {text match}}}}}";
        let data = app.data(query).await;
        let highlights = &data["entities"]["edges"][0]["highlights"];
        assert_eq!(highlights[0]["field"], "definition");
        let parts = highlights[0]["parts"].as_array().unwrap();
        let matched: Vec<_> = parts.iter().filter(|it| it["match"] == true).map(|it| &it["text"]).collect();
        assert_eq!(matched, ["listCont"]);
    }
}

/// All that indexes and relations tell of the catalog.
const TOLD: &str = "{entities(first: 40, orderBy: [{field: KIND}, {field: NAME, direction: DESC}]) {totalCount nodes {ref title \
                    relations {nodes {type targetRef}} owner {ref}} facets(fields: [KIND, TAG, OWNER]) {field values {value count}}} \
                    owned: entities(filter: {owner: {eq: \"team\"}}) {totalCount nodes {ref}} \
                    related: entities(filter: {relation: {type: \"ownedBy\"}}) {totalCount}}";

#[tokio::test]
async fn what_is_stored_is_told_and_found_after_a_restart_as_before() {
    for database in BOTH {
        let api = "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: quay}, spec: {type: openapi, lifecycle: \
                   production, owner: team, definition: 'paths: {/containers: {get: {operationId: listContainers}}}'}}\n---\n";
        let components =
            (0..30).map(|it| component(&format!("c{it}"), &format!(", tags: [t{}], title: Crane {it}", it % 3)));
        let text: String = components.chain([api.to_owned()]).collect();
        let mut app = App::started(database, &[("catalog/all.yaml", &text)]).await;
        until_found(&app, "listcontainers", "api:default/quay").await;
        let searches = ["crane", "crane 7", "craen", "c12", "quay", "listcontainers", "production"];
        let told = async |app: &App| {
            let mut found = vec![app.data(TOLD).await];
            for text in searches {
                found.push(json!(find(app, text).await));
            }
            found
        };
        let before = told(&app).await;
        assert_eq!(before[0]["entities"]["totalCount"], 31, "{before:?}");
        app.stop();
        app.start().await;
        assert_eq!(told(&app).await, before);
        app.write("catalog/all.yaml", &text.replace("listContainers", "countContainers").replace("Crane 7", "Gantry"));
        until_found(&app, "countcontainers", "api:default/quay").await;
        until_found(&app, "gantry", "component:default/c7").await;
        assert!(find(&app, "listcontainers").await.is_empty());
    }
}

#[tokio::test]
async fn a_definition_that_cannot_be_read_at_the_start_is_searched_when_it_can() {
    let api = "{apiVersion: backstage.io/v1alpha1, kind: API, metadata: {name: quay}, spec: {type: openapi, lifecycle: \
               production, owner: team, definition: 'operationId: listContainers'}}\n";
    let mut app = App::started(Database::Postgres, &[("catalog/api.yaml", api)]).await;
    until_found(&app, "listcontainers", "api:default/quay").await;
    app.stop();
    let change = async |app: &App, sql: &'static str| {
        sqlx::raw_sql(sql).execute(&mut app.connect().await).await.unwrap();
    };
    change(&app, "create table kept as select * from plinth.body; update plinth.body set content = '\\x00'").await;
    app.start().await;
    assert_eq!(find(&app, "quay").await, ["api:default/quay"]);
    assert!(find(&app, "listcontainers").await.is_empty());
    let line = "a definition cannot be read";
    app.until("the log tells of it", async |app| app.log().contains(line)).await;
    change(&app, "update plinth.body set content = kept.content from kept where kept.hash = body.hash").await;
    until_found(&app, "listcontainers", "api:default/quay").await;
}

#[tokio::test]
async fn highlights_say_why_something_was_found() {
    let more = ", title: 码头管理, description: Where ships moor., tags: [harbour]";
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", &component("quay-service", more))]).await;
    until_found(&app, "码头", "component:default/quay-service").await;
    let shown = async |text: &str| {
        let query = "query($text: String) {entities(search: $text) {edges {highlights {field parts {text match}}}}}";
        let data = app.run(query, json!({"text": text})).await;
        let highlights = data["entities"]["edges"][0]["highlights"].as_array().unwrap().clone();
        let part = |it: &Value| match it["match"].as_bool().unwrap() {
            true => format!("[{}]", it["text"].as_str().unwrap()),
            false => it["text"].as_str().unwrap().to_owned(),
        };
        let one = |it: &Value| {
            let parts: String = it["parts"].as_array().unwrap().iter().map(part).collect();
            format!("{}: {parts}", it["field"].as_str().unwrap())
        };
        highlights.iter().map(one).collect::<Vec<_>>()
    };
    assert_eq!(shown("quay").await, ["name: [quay]-service"]);
    assert_eq!(shown("serv ship").await, ["name: quay-[serv]ice", "description: Where [ship]s moor."]);
    assert_eq!(shown("servcie").await, ["name: quay-[service]"]);
    assert_eq!(shown("管理").await, ["title: 码头[管理]"]);
    assert_eq!(shown("harb team").await, ["tags: [harb]our", "owner: [team]"]);
    assert_eq!(shown("").await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_of_a_search_hold_together_and_count_all() {
    let all: String = (0..120).map(|number| component(&format!("crane-{number}"), "")).collect();
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", &all)]).await;
    until_found(&app, "crane-119", "component:default/crane-119").await;
    let mut seen = Vec::new();
    let mut after = Value::Null;
    loop {
        let data = app.run(FIND, json!({"text": "crane", "first": 50, "after": after})).await;
        assert_eq!(data["entities"]["totalCount"], 120);
        seen.extend(references(&data["entities"]));
        after = data["entities"]["pageInfo"]["endCursor"].clone();
        if data["entities"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
        // What comes and goes meanwhile moves nothing.
        let name = format!("crane-new-{}", seen.len());
        app.write("catalog/new.yaml", &component(&name, ""));
        until_found(&app, &name, &format!("component:default/{name}")).await;
        std::fs::remove_file(app.folder.path().join("catalog/new.yaml")).unwrap();
        app.until("it left", async |app| !find(app, &name).await.contains(&format!("component:default/{name}"))).await;
    }
    assert_eq!(seen.len(), 120);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
    // A cursor of another search is refused.
    let refused = app.answer(FIND, json!({"text": "cranes", "first": 5, "after": after})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_blank_search_is_none_and_a_long_one_is_refused() {
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", &component("harbour", ""))]).await;
    for blank in [json!(null), json!(""), json!(" \u{3000}")] {
        let data = app.run(FIND, json!({"text": blank})).await;
        assert_eq!(references(&data["entities"]), ["component:default/harbour"]);
    }
    assert_eq!(find(&app, "!?").await, Vec::<String>::new());
    let words: Vec<_> = (0..33).map(|number| number.to_string()).collect();
    for (text, message) in [("x".repeat(201), "201 characters; the limit is 200"), (words.join(" "), "the limit is 32")]
    {
        let refused = app.answer(FIND, json!({"text": text})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains(message), "{refused}");
        assert_eq!(refused["data"], json!({"entities": null}));
    }
}

#[tokio::test]
async fn search_filter_order_and_facets_go_together() {
    let all: String = (0..5).map(|number| component(&format!("crane-{number}"), ", tags: [steel]")).collect();
    let database = "{apiVersion: backstage.io/v1alpha1, kind: Resource, metadata: {name: crane-db}, \
                    spec: {type: database, owner: team}}\n---\n";
    let other = component("quay", ", tags: [steel]");
    let app = App::started(Database::Sqlite, &[("catalog/all.yaml", &format!("{all}{database}{other}"))]).await;
    until_found(&app, "quay", "component:default/quay").await;
    let query = "query($text: String, $filter: EntityFilter, $order: [EntityOrder!]) {\
                   entities(search: $text, filter: $filter, orderBy: $order, first: 2) {\
                     totalCount nodes {ref} pageInfo {hasNextPage endCursor} edges {highlights {field}} \
                     facets(fields: [KIND], exceptOwn: true) {values {value count}}}}";
    let resources = json!({"kind": {"eq": "Resource"}});
    let data = app.run(query, json!({"text": "crane", "filter": resources})).await;
    let found = &data["entities"];
    assert_eq!((references(found), &found["totalCount"]), (vec!["resource:default/crane-db".to_owned()], &json!(1)));
    assert_eq!(found["edges"][0]["highlights"][0]["field"], "name");
    let kinds = json!([{"value": "Component", "count": 5}, {"value": "Resource", "count": 1}]);
    assert_eq!(found["facets"][0]["values"], kinds, "of what the search finds, as if the filter's kind were away");
    let steel = json!({"tag": {"eq": "steel"}});
    let order = json!([{"field": "NAME", "direction": "DESC"}]);
    let data = app.run(query, json!({"text": "crane", "filter": steel, "order": order})).await;
    let found = &data["entities"];
    assert_eq!(references(found), ["component:default/crane-4", "component:default/crane-3"]);
    assert_eq!((&found["totalCount"], &found["pageInfo"]["hasNextPage"]), (&json!(5), &json!(true)));
    assert_eq!(found["edges"][1]["highlights"][0]["field"], "name");
    let data = app.run(query, json!({"text": "crane", "filter": steel})).await;
    assert_eq!(references(&data["entities"]), ["component:default/crane-0", "component:default/crane-1"]);
    // A cursor is good for its own filter.
    let after = data["entities"]["pageInfo"]["endCursor"].as_str().unwrap();
    let refused =
        app.answer(&format!("{{entities(search: \"crane\", after: \"{after}\") {{totalCount}}}}"), json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
