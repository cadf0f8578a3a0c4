//! What was acknowledged is there after the server, or its Postgres, was killed, however often.

use std::{
    collections::BTreeSet,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    app::{App, BOTH, Database, component},
    changes::Changes,
    cluster::Cluster,
    web::Web,
};

const WRITERS: usize = 8;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

const REGISTER: &str =
    "mutation($target: String!) {registerLocation(input: {target: $target}) {location {target} revision}}";

/// How often a server is killed on each database; its Postgres, which takes longer to come again, a third of that.
fn rounds() -> usize {
    match std::env::var("PLINTH_TEST_KILLS") {
        Ok(number) => number.parse().expect("PLINTH_TEST_KILLS is a number"),
        Err(_) => 30,
    }
}

/// Writers, and what came back to them for sure.
struct Writers<'a> {
    app: &'a App,
    web: &'a Web,
    next: &'a AtomicUsize,
    acknowledged: &'a Acknowledged,
    /// Counts what was acknowledged.
    count: watch::Sender<usize>,
    stopped: AtomicBool,
}

/// What came back for sure.
#[derive(Default)]
struct Acknowledged {
    targets: Mutex<BTreeSet<String>>,
    revision: Mutex<i64>,
}

impl<'a> Writers<'a> {
    fn new(app: &'a App, web: &'a Web, next: &'a AtomicUsize, acknowledged: &'a Acknowledged) -> Self {
        Self { app, web, next, acknowledged, count: watch::channel(0).0, stopped: AtomicBool::new(false) }
    }

    /// All at once, each without a pause, until the server is gone or they are stopped.
    async fn write(&self) {
        futures_util::future::join_all((0..WRITERS).map(|_| self.write_one_by_one())).await;
    }

    async fn write_one_by_one(&self) {
        while !self.stopped.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            self.web.write(&format!("/{number}.yaml"), &component(&format!("c{number}"), ""));
            let target = self.web.url(&format!("/{number}.yaml"));
            let body = json!({"query": REGISTER, "variables": {"target": target}}).to_string();
            let (url, client) = (self.app.url("/graphql"), self.app.client());
            let request = client.post(url).header("content-type", "application/json").body(body);
            let Ok(response) = request.send().await else { return };
            let Ok(text) = response.text().await else { return };
            let answer: Value = serde_json::from_str(&text).unwrap();
            if let Some(error) = answer.get("errors").map(|errors| &errors[0]) {
                // Nobody knows whether it was committed. Nothing else may be wrong.
                assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{answer}");
                assert_eq!(error["message"], "the database does not answer; try again later", "{answer}");
                continue;
            }
            let done = &answer["data"]["registerLocation"];
            assert_eq!(done["location"]["target"], json!(target), "{answer}");
            self.acknowledged.targets.lock().unwrap().insert(target);
            let mut revision = self.acknowledged.revision.lock().unwrap();
            *revision = done["revision"].as_i64().unwrap().max(*revision);
            self.count.send_modify(|count| *count += 1);
        }
    }

    /// Waits until so many more were acknowledged.
    async fn acknowledged(&self, more: usize) {
        let mut seen = self.count.subscribe();
        let enough = *seen.borrow() + more;
        let acknowledged = tokio::time::timeout(PATIENCE, seen.wait_for(|count| *count >= enough)).await;
        acknowledged.unwrap_or_else(|_| panic!("nothing is acknowledged any more; {}", self.app.log())).unwrap();
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
async fn acknowledged_mutations_survive_kills_of_the_server() {
    for database in BOTH {
        let web = Web::start().await;
        let mut app = App::new(database).await;
        app.configure_with(&web.allowed(), "locations: []");
        let (acknowledged, next) = (Acknowledged::default(), AtomicUsize::new(0));
        for round in 0..rounds() {
            app.start().await;
            let revision = app.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap();
            assert!(revision >= *acknowledged.revision.lock().unwrap(), "{database:?}: round {round}");
            let process = app.process().to_string();
            let writers = Writers::new(&app, &web, &next, &acknowledged);
            let kill = async {
                // In the midst of the others' writing, at another place each time.
                writers.acknowledged(3 + round * 7 % 20).await;
                assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
            };
            tokio::join!(writers.write(), kill);
            app.kill();
        }
        app.start().await;
        let there = registered(&app).await;
        let acknowledged = acknowledged.targets.lock().unwrap();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(
            acknowledged.len() > rounds() * 3 && lost.is_empty(),
            "{database:?}: {lost:?} of {}",
            acknowledged.len()
        );
    }
}

/// Follows the catalog until all of these were told; goes on where it was when the stream ends with an error.
async fn told(app: &App, all: &watch::Sender<Option<BTreeSet<String>>>) {
    let mut changes = Changes::follow(app, None, false).await;
    let (mut told, mut cursor) = (BTreeSet::new(), Value::Null);
    let is_all = |told: &BTreeSet<String>| all.borrow().as_ref().is_some_and(|all| all.is_subset(told));
    while !is_all(&told) {
        let next = tokio::select! {
            next = changes.next_or_refused() => next,
            // Then there is an end to look for.
            () = until_set(all), if all.borrow().is_none() => continue,
        };
        match next {
            Ok(event) => {
                assert_ne!(event["__typename"], "StreamReset", "{event}");
                cursor = event["cursor"].clone();
                let upserted = event["upserted"].as_array().into_iter().flatten();
                told.extend(upserted.map(|it| it["ref"].as_str().unwrap().to_owned()));
            }
            Err(refused) => {
                assert!(refused.to_string().contains("UNAVAILABLE"), "{refused}");
                changes = Changes::follow(app, Some(&cursor).filter(|it| !it.is_null()), false).await;
            }
        }
    }
}

async fn until_set(all: &watch::Sender<Option<BTreeSet<String>>>) {
    all.subscribe().wait_for(Option::is_some).await.unwrap();
}

async fn column(app: &App, sql: &'static str) -> BTreeSet<String> {
    let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut app.connect().await).await.unwrap();
    rows.into_iter().map(|(text,)| text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_mutations_survive_kills_of_postgres_and_the_server_goes_on() {
    let (web, cluster) = (Web::start().await, Cluster::start().await);
    let mut app = App::on(&cluster);
    app.configure_with(&web.allowed(), "locations: []");
    app.start().await;
    let (acknowledged, next) = (Acknowledged::default(), AtomicUsize::new(0));
    let writers = Writers::new(&app, &web, &next, &acknowledged);
    let all = watch::channel(None).0;
    let kills = async {
        for round in 0..(rounds() / 3).max(1) {
            writers.acknowledged(3 + round * 7 % 20).await;
            cluster.kill().await;
            // What is known is served meanwhile.
            let revision = app.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap();
            assert!(revision >= *acknowledged.revision.lock().unwrap(), "round {round}");
            cluster.start_again().await;
            // More than were under way: it goes on by itself.
            writers.acknowledged(2 * WRITERS).await;
            assert_eq!(app.get("/readyz").await.status(), 200);
        }
        writers.stopped.store(true, Ordering::Relaxed);
    };
    let following = async {
        tokio::join!(writers.write(), kills);
        let targets = acknowledged.targets.lock().unwrap().clone();
        let stored = column(&app, "select target from plinth.location").await;
        let lost: Vec<_> = targets.difference(&stored).collect();
        assert!(targets.len() > rounds() && lost.is_empty(), "{lost:?} of {}", targets.len());
        let name = |target: &String| target.rsplit_once('/').unwrap().1.replace(".yaml", "");
        let names = targets.iter().map(|target| format!("component:default/c{}", name(target))).collect();
        all.send_replace(Some(names));
    };
    let followed = async {
        // It ends once there is an end to look for, which has a time-out of its own.
        let told = told(&app, &all);
        tokio::pin!(told);
        tokio::select! {
            () = &mut told => return,
            () = until_set(&all) => {}
        }
        tokio::time::timeout(PATIENCE, told).await.expect("the stream tells everything that was acknowledged");
    };
    tokio::join!(following, followed);
    let entities = column(&app, "select ref from plinth.entity").await;
    let lost: Vec<_> = all.borrow().iter().flatten().filter(|it| !entities.contains(*it)).cloned().collect();
    assert!(lost.is_empty(), "{lost:?} are not read");
    app.until("the server knows what is stored, and nothing else", async |app| {
        registered(app).await == column(app, "select target from plinth.location").await
    })
    .await;
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

#[tokio::test]
async fn a_second_server_on_one_sqlite_directory_is_refused_and_told_who_holds_it() {
    let mut first = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let mut second = first.beside();
    second.configure("locations: []");
    let refused = second.command(&["serve"]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    let holder = format!("is in use by process {} at {}; stop that server, or", first.process(), first.url(""));
    assert!(said.contains(&holder), "{said}");
    assert_eq!(first.data("{entities {totalCount}}").await["entities"]["totalCount"], 1, "the first goes on");
    first.kill();
    second.start().await;
}
