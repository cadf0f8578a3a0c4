//! Pages: both ways, bounded, with cursors that only their own list takes.

use serde_json::{Value, json};

use crate::app::{App, Database, component};

async fn app() -> App {
    let all: String = (0..23).map(|number| format!("---\n{}", component(&format!("c{number:02}"), ""))).collect();
    App::started(Database::Sqlite, &[("catalog/all.yaml", &all)]).await
}

async fn page(app: &App, arguments: &str) -> Value {
    app.data(&format!("{{entities({arguments}) {{totalCount edges {{cursor node {{name}}}} pageInfo {{hasNextPage hasPreviousPage startCursor endCursor}}}}}}"))
        .await["entities"]
        .take()
}

fn names(page: &Value) -> Vec<String> {
    page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn walking_forwards_and_backwards_meets_each_entity_once() {
    let app = app().await;
    let all: Vec<String> = (0..23).map(|number| format!("c{number:02}")).collect();
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    let mut arguments = "first: 5".to_owned();
    loop {
        let page = page(&app, &arguments).await;
        assert_eq!(page["totalCount"], 23);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!forwards.is_empty()));
        forwards.extend(names(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        arguments = format!("first: 5, after: {}", page["pageInfo"]["endCursor"]);
    }
    arguments = "last: 5".to_owned();
    loop {
        let page = page(&app, &arguments).await;
        assert_eq!(page["pageInfo"]["hasNextPage"], json!(!backwards.is_empty()));
        backwards.splice(0..0, names(&page));
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
        arguments = format!("last: 5, before: {}", page["pageInfo"]["startCursor"]);
    }
    assert_eq!((&forwards, &backwards), (&all, &all));
    assert_eq!(names(&page(&app, "first: 0").await), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_page_is_refused_with_the_way_out() {
    let app = app().await;
    let relations =
        app.data("{entity(ref: \"component:default/c00\") {relations(first: 1) {pageInfo {endCursor}}}}").await;
    let foreign = relations["entity"]["relations"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    for (arguments, expected) in [
        ("first: 101", "`first` is 101; expected 0 to 100"),
        ("last: -1", "`last` is -1; expected 0 to 100"),
        ("first: 1, last: 1", "`first` and `last` cannot stand together"),
        ("after: \"x\"", "`after` is no cursor of this list; say back one that it gave"),
        (&format!("before: \"{foreign}\""), "`before` is no cursor of this list; say back one that it gave"),
    ] {
        let answer = app.answer(&format!("{{entities({arguments}) {{totalCount}} catalogRevision}}"), json!({})).await;
        assert_eq!(answer["errors"][0]["message"], expected);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(answer["errors"][0]["extensions"]["requestId"].is_string());
        // One refused field does not take the others with it.
        assert_eq!(answer["data"]["entities"], json!(null));
        assert!(answer["data"]["catalogRevision"].is_i64(), "{answer}");
    }
}

#[tokio::test]
async fn a_node_is_found_by_its_id_whatever_it_is() {
    let app = app().await;
    let data = app.data("{entities(first: 1) {nodes {id}} locations {nodes {id lastSync {id}}}}").await;
    let ids = json!([
        data["entities"]["nodes"][0]["id"],
        "nonsense",
        data["locations"]["nodes"][0]["id"],
        data["locations"]["nodes"][0]["lastSync"]["id"]
    ]);
    let query =
        "query($ids: [ID!]!) {nodes(ids: $ids) {__typename id ... on Entity {ref} ... on Component {lifecycle}}}";
    let answer = app.answer(query, json!({"ids": ids})).await;
    assert_eq!(
        answer["data"]["nodes"],
        json!([
            {"__typename": "Component", "id": ids[0], "ref": "component:default/c00", "lifecycle": "production"},
            null,
            {"__typename": "RegisteredLocation", "id": ids[2]},
            {"__typename": "LocationSync", "id": ids[3]},
        ]),
        "{answer}"
    );
    let data = app
        .data(
            "{entitiesByRefs(refs: [\"component:default/c01\", \"component:none\", \"Component:default/C02\"]) {name}}",
        )
        .await;
    assert_eq!(data["entitiesByRefs"], json!([{"name": "c01"}, null, {"name": "c02"}]));
}
