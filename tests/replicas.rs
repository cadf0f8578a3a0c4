//! Several servers on one Postgres.

use serde_json::{Value, json};

use crate::{
    app::{App, Database, component},
    changes::Changes,
    web::Web,
};

const REGISTER: &str = "mutation($input: RegisterLocationInput!) {registerLocation(input: $input) {location {id} sync {state} revision userErrors {message}}}";
const REFRESH: &str =
    "mutation($input: RefreshLocationInput!) {refreshLocation(input: $input) {sync {state added changed removed}}}";

async fn two(web: &Web) -> (App, App) {
    let mut first = App::new(Database::Postgres).await;
    first.configure_with(&web.allowed(), "locations: []");
    first.start().await;
    let mut second = first.beside();
    second.configure_with(&web.allowed(), "locations: []");
    second.start().await;
    (first, second)
}

fn titled(title: &str) -> String {
    component("a", "").replace("  name: a\n", &format!("  name: a\n  title: {title}\n"))
}

async fn title(app: &App) -> Value {
    app.data("{entity(ref: \"component:a\") {title}}").await["entity"]["title"].clone()
}

#[tokio::test]
async fn each_server_sees_what_another_changes() {
    let web = Web::start().await;
    web.write("/a.yaml", &titled("One"));
    let (first, second) = two(&web).await;
    let input = json!({"input": {"target": web.url("/a.yaml"), "wait": "PT20S"}});
    let done = first.run(REGISTER, input).await["registerLocation"].take();
    // Who says up to where it wants to see need not look twice.
    let revision = done["revision"].to_string();
    let headers = [("plinth-revision", revision.as_str())];
    let (status, answer) = second.ask(&headers, "{entity(ref: \"component:a\") {title}}").await;
    assert_eq!((status, &answer["data"]["entity"]["title"]), (200, &json!("One")), "{answer}");
    let (status, answer) = second.ask(&[("plinth-revision", "1000000")], "{catalogRevision}").await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")), "{answer}");
    let (status, _) = second.ask(&[("plinth-revision", "x")], "{catalogRevision}").await;
    assert_eq!(status, 400);
    let locations = "{catalogRevision locations {nodes {id origin}} entities {totalCount nodes {id revision}}}";
    assert_eq!(first.data(locations).await, second.data(locations).await);

    web.write("/a.yaml", &titled("Two"));
    let input = json!({"input": {"locationId": done["location"]["id"], "wait": "PT20S"}});
    let read = second.run(REFRESH, input.clone()).await["refreshLocation"].take();
    assert_eq!(read["sync"], json!({"state": "SUCCEEDED", "added": 0, "changed": 1, "removed": 0}));
    first.until("the first sees it", async |app| title(app).await == "Two").await;

    web.remove("/a.yaml");
    let unregister = "mutation($input: UnregisterLocationInput!) {unregisterLocation(input: $input) {removedCount}}";
    let gone = second.run(unregister, json!({"input": {"locationId": done["location"]["id"]}})).await;
    assert_eq!(gone["unregisterLocation"]["removedCount"], 1);
    first.until("it left the first", async |app| title(app).await.is_null()).await;
    assert_eq!(first.data(locations).await, second.data(locations).await);
}

#[tokio::test]
async fn both_may_write_at_once_and_agree() {
    let web = Web::start().await;
    let (first, second) = two(&web).await;
    let names: Vec<String> = (0..12).map(|number| format!("c{number}")).collect();
    for name in &names {
        web.write(&format!("/{name}.yaml"), &component(name, ""));
    }
    let register = async |app: &App, name: &String| {
        let input = json!({"input": {"target": web.url(&format!("/{name}.yaml")), "wait": "PT20S"}});
        let done = app.run(REGISTER, input).await["registerLocation"].take();
        assert_eq!(done["sync"]["state"], "SUCCEEDED", "{done}");
    };
    let (left, right) = names.split_at(6);
    let all = async |app: &App, names: &[String]| {
        for name in names {
            register(app, name).await;
        }
    };
    tokio::join!(all(&first, left), all(&second, right));
    let query = "{catalogRevision entities {totalCount nodes {ref revision}} locations {totalCount}}";
    first
        .until("both know all", async |app| {
            let (ours, theirs) = (app.data(query).await, second.data(query).await);
            ours == theirs && ours["entities"]["totalCount"] == 12 && ours["locations"]["totalCount"] == 12
        })
        .await;
}

#[tokio::test]
async fn a_lost_notification_is_made_up_for() {
    let web = Web::start().await;
    web.write("/a.yaml", &titled("One"));
    let (first, second) = two(&web).await;
    // Whoever listens loses its connection, and with it what is told meanwhile. A server is ready before it listens.
    let who = "from pg_stat_activity where datname = current_database() and query ilike 'listen%'";
    let ended = format!("select count(pg_terminate_backend(pid)) {who} and (select count(*) {who}) = 2");
    first
        .until("both listened", async |app| {
            let ended = sqlx::query_as::<_, (i64,)>(sqlx::AssertSqlSafe(ended.as_str()));
            ended.fetch_one(&mut app.connect().await).await.unwrap() == (2,)
        })
        .await;
    let input = json!({"input": {"target": web.url("/a.yaml"), "wait": "PT20S"}});
    first.run(REGISTER, input).await;
    second.until("the second sees it", async |app| title(app).await == "One").await;
}

#[tokio::test]
async fn a_database_that_was_put_back_is_read_anew() {
    let web = Web::start().await;
    for name in ["a", "b", "c"] {
        web.write(&format!("/{name}.yaml"), &component(name, ""));
    }
    let mut app = App::new(Database::Postgres).await;
    app.configure_with(&web.allowed(), "locations: []");
    app.start().await;
    let register = async |name: &str| {
        let input = json!({"input": {"target": web.url(&format!("/{name}.yaml")), "wait": "PT20S"}});
        let done = app.run(REGISTER, input).await["registerLocation"].take();
        assert_eq!(done["sync"]["state"], "SUCCEEDED", "{done}");
    };
    register("a").await;
    let revision = app.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap();
    register("b").await;
    let cursor = Changes::follow(&app, None, false).await.synced().await;

    // As a failover does to a replica that lagged behind.
    let lost = format!(
        "begin; delete from plinth.entity where revision > {revision}; delete from plinth.catalog_log where revision > {revision}; \
         delete from plinth.location where target like '%/b.yaml'; \
         update plinth.log set last = {revision} where name = 'catalog'; commit"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(lost)).execute(&mut app.connect().await).await.unwrap();
    app.until("what is lost is gone", async |app| {
        app.data("{entity(ref: \"component:b\") {ref}}").await["entity"].is_null()
    })
    .await;
    let mut changes = Changes::follow(&app, Some(&cursor), true).await;
    assert_eq!(changes.next().await["reason"], "CURSOR_FOREIGN");
    assert_eq!(changes.until_synced().await.0.len(), 1);
    register("c").await;
    assert_eq!(app.data("{entities {totalCount}}").await["entities"]["totalCount"], 2);
}
