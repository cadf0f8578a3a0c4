//! What was acknowledged is there after the server was killed, however often.

use std::{
    collections::BTreeSet,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    app::{App, BOTH, Database, component},
    web::Web,
};

const ROUNDS: usize = 30;
const WRITERS: usize = 8;

const REGISTER: &str =
    "mutation($target: String!) {registerLocation(input: {target: $target}) {location {target} revision}}";

/// What came back for sure.
#[derive(Default)]
struct Acknowledged {
    targets: Mutex<BTreeSet<String>>,
    revision: Mutex<i64>,
}

/// Registers one URL after the other until the server is gone.
async fn write(app: &App, web: &Web, next: &AtomicUsize, acknowledged: &Acknowledged, count: &watch::Sender<usize>) {
    loop {
        let target = web.url(&format!("/{}.yaml", next.fetch_add(1, Ordering::Relaxed)));
        let body = json!({"query": REGISTER, "variables": {"target": target}}).to_string();
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json").body(body);
        let Ok(response) = request.send().await else { return };
        let Ok(text) = response.text().await else { return };
        let answer: Value = serde_json::from_str(&text).unwrap();
        let done = &answer["data"]["registerLocation"];
        assert_eq!(done["location"]["target"], json!(target), "{answer}");
        acknowledged.targets.lock().unwrap().insert(target);
        let mut revision = acknowledged.revision.lock().unwrap();
        *revision = done["revision"].as_i64().unwrap().max(*revision);
        count.send_modify(|count| *count += 1);
    }
}

async fn registered(app: &App) -> BTreeSet<String> {
    let query = "query($after: String) {locations(first: 100, after: $after) {nodes {target} pageInfo {hasNextPage endCursor}}}";
    let (mut found, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let page = app.run(query, json!({"after": after})).await["locations"].take();
        let nodes = page["nodes"].as_array().unwrap();
        found.extend(nodes.iter().map(|it| it["target"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_mutations_survive_thirty_kills() {
    for database in BOTH {
        let web = Web::start().await;
        let mut app = App::new(database).await;
        app.configure_with(&web.allowed(), "locations: []");
        let acknowledged = Arc::new(Acknowledged::default());
        let next = AtomicUsize::new(0);
        for round in 0..ROUNDS {
            app.start().await;
            let revision = app.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap();
            assert!(revision >= *acknowledged.revision.lock().unwrap(), "{database:?}: round {round}");
            let process = app.process().to_string();
            let count = watch::channel(0).0;
            let writers = (0..WRITERS).map(|_| write(&app, &web, &next, &acknowledged, &count));
            let kill = async {
                // In the midst of the others' writing, at another place each time.
                let mut seen = count.subscribe();
                seen.wait_for(|count| *count >= 3 + round * 7 % 20).await.unwrap();
                assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
            };
            tokio::join!(futures_util::future::join_all(writers), kill);
            app.kill();
        }
        app.start().await;
        let there = registered(&app).await;
        let acknowledged = acknowledged.targets.lock().unwrap();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(acknowledged.len() > ROUNDS * 3 && lost.is_empty(), "{database:?}: {lost:?} of {}", acknowledged.len());
    }
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_an_empty_database_agree() {
    let mut first = App::new(Database::Postgres).await;
    let mut second = first.beside();
    first.write("catalog/a.yaml", &component("a", ""));
    let target = first.folder.path().join("catalog/*.yaml");
    for app in [&first, &second] {
        app.configure(&format!("locations: [{{type: file, target: '{}'}}]", target.display()));
    }
    tokio::join!(first.start(), second.start());
    let query = "{server {dataId} catalogRevision entities {totalCount nodes {ref revision}} locations {totalCount}}";
    first
        .until("both know the same", async |app| {
            let (ours, theirs) = (app.data(query).await, second.data(query).await);
            ours == theirs && ours["entities"]["totalCount"] == 1
        })
        .await;
}
