//! The catalog's changes, followed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, Database, component},
    sockets::Socket,
    web::Web,
};

const CHANGES: &str = "subscription($filter: EntityFilter, $after: Cursor, $snapshot: Boolean) {
    catalogChanges(filter: $filter, after: $after, snapshot: $snapshot) {
    __typename ... on StreamEvent {cursor at} ... on StreamReset {reason}
    ... on CatalogChanged {revision upserted {ref title revision} deleted more}}}";

/// A stream, read by a test.
pub(crate) struct Changes {
    socket: Socket,
    cursor: Value,
}

impl Changes {
    pub(crate) async fn follow(app: &App, after: Option<&Value>, snapshot: bool) -> Self {
        Self::with(app, json!({"after": after, "snapshot": snapshot})).await
    }

    pub(crate) async fn with(app: &App, variables: Value) -> Self {
        Self::on(Socket::ready(app).await, variables).await
    }

    pub(crate) async fn on(mut socket: Socket, variables: Value) -> Self {
        socket.subscribe("1", json!({"query": CHANGES, "variables": variables})).await;
        Self { socket, cursor: Value::Null }
    }

    /// That of the latest event.
    pub(crate) fn cursor(&self) -> Value {
        self.cursor.clone()
    }

    pub(crate) async fn next(&mut self) -> Value {
        self.next_or_refused().await.unwrap_or_else(|refused| panic!("{refused}"))
    }

    /// The next event; or with what errors the stream ended.
    pub(crate) async fn next_or_refused(&mut self) -> Result<Value, Value> {
        let mut message = self.socket.message().await;
        if message["type"] == "next" && message["payload"].get("errors").is_none() {
            let event = message["payload"]["data"]["catalogChanges"].take();
            self.cursor = event["cursor"].clone();
            return Ok(event);
        }
        Err(message)
    }

    pub(crate) async fn synced(&mut self) -> Value {
        let event = self.next().await;
        assert_eq!(event["__typename"], "StreamSynced", "{event}");
        event["cursor"].clone()
    }

    /// What is told until all is: references that came and that left, and the last cursor.
    pub(crate) async fn until_synced(&mut self) -> (BTreeSet<String>, BTreeSet<String>, Value) {
        let (mut there, mut gone) = (BTreeSet::new(), BTreeSet::new());
        loop {
            let event = self.next().await;
            if event["__typename"] == "StreamSynced" {
                return (there, gone, event["cursor"].clone());
            }
            let (upserted, deleted) = (event["upserted"].as_array().unwrap(), event["deleted"].as_array().unwrap());
            assert!(upserted.len() + deleted.len() <= 100, "{event}");
            for entity in upserted {
                let reference = entity["ref"].as_str().unwrap().to_owned();
                gone.remove(&reference);
                there.insert(reference);
            }
            for reference in deleted {
                there.remove(reference.as_str().unwrap());
                gone.insert(reference.as_str().unwrap().to_owned());
            }
        }
    }
}

fn titled(title: &str) -> String {
    component("a", "").replace("  name: a\n", &format!("  name: a\n  title: {title}\n"))
}

#[tokio::test]
async fn what_is_saved_and_removed_is_told_as_it_happens() {
    for database in BOTH {
        let app = App::started(database, &[("catalog/a.yaml", &titled("One"))]).await;
        let mut changes = Changes::follow(&app, None, false).await;
        changes.synced().await;
        app.write("catalog/a.yaml", &titled("Two"));
        let event = changes.next().await;
        let reference = "component:default/a";
        let entity = json!({"ref": reference, "title": "Two", "revision": event["revision"]});
        assert_eq!(
            (&event["upserted"], &event["deleted"], &event["more"]),
            (&json!([entity]), &json!([]), &json!(false))
        );
        std::fs::remove_file(app.folder.path().join("catalog/a.yaml")).unwrap();
        let event = loop {
            let event = changes.next().await;
            if event["deleted"] != json!([]) {
                break event;
            }
        };
        assert_eq!((&event["upserted"], &event["deleted"]), (&json!([]), &json!([reference])), "{database:?}");
    }
}

#[tokio::test]
async fn a_cursor_goes_on_after_the_server_was_killed_with_exactly_what_it_missed() {
    for database in BOTH {
        let names = |range: std::ops::Range<usize>| {
            range.map(|it| format!("component:default/c{it:03}")).collect::<BTreeSet<_>>()
        };
        let write = |app: &App, range: std::ops::Range<usize>, more: &str| {
            for number in range {
                app.write(&format!("catalog/c{number:03}.yaml"), &component(&format!("c{number:03}"), more));
            }
        };
        let mut app = App::new(database).await;
        write(&app, 0..20, "");
        app.configure("locations: [{type: file, target: 'catalog/*.yaml'}]");
        app.start().await;
        let cursor = Changes::follow(&app, None, false).await.synced().await;
        app.kill();
        write(&app, 10..250, "  system: other\n");
        for number in 0..5 {
            std::fs::remove_file(app.folder.path().join(format!("catalog/c{number:03}.yaml"))).unwrap();
        }
        app.start().await;
        app.until("all is read", async |app| {
            app.data("{entities {totalCount}}").await["entities"]["totalCount"] == 245
        })
        .await;
        let (there, gone, last) = Changes::follow(&app, Some(&cursor), false).await.until_synced().await;
        assert_eq!((there, gone), (names(10..250), names(0..5)), "{database:?}");
        let (there, gone, _) = Changes::follow(&app, Some(&last), false).await.until_synced().await;
        assert!(there.is_empty() && gone.is_empty(), "{database:?}: nothing comes twice");
    }
}

#[tokio::test]
async fn a_replica_begins_with_all_that_there_is_also_when_it_was_interrupted() {
    let files: Vec<_> = (0..250).map(|it| (format!("catalog/c{it}.yaml"), component(&format!("c{it}"), ""))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut app = App::started(Database::Sqlite, &files).await;
    let (all, gone, _) = Changes::follow(&app, None, true).await.until_synced().await;
    assert_eq!((all.len(), gone.len()), (250, 0));
    let mut changes = Changes::follow(&app, None, true).await;
    let first = changes.next().await;
    assert_eq!((first["upserted"].as_array().unwrap().len(), &first["more"]), (100, &json!(true)));
    drop(changes);
    app.kill();
    std::fs::remove_file(app.folder.path().join("catalog/c0.yaml")).unwrap();
    app.start().await;
    app.until("it is read", async |app| app.data("{entities {totalCount}}").await["entities"]["totalCount"] == 249)
        .await;
    let (rest, gone, _) = Changes::follow(&app, Some(&first["cursor"]), true).await.until_synced().await;
    let told = first["upserted"].as_array().unwrap().iter().map(|it| it["ref"].as_str().unwrap().to_owned());
    let held: BTreeSet<_> = told.chain(rest).filter(|it| !gone.contains(it)).collect();
    assert_eq!(held.len(), 249);
    assert!(gone.contains("component:default/c0"));
}

#[tokio::test]
async fn a_cursor_of_other_data_is_told_and_what_is_none_is_refused() {
    let one = App::started(Database::Sqlite, &[]).await;
    let cursor = Changes::follow(&one, None, false).await.synced().await;
    let other = App::started(Database::Sqlite, &[("catalog/a.yaml", &titled("One"))]).await;
    let mut changes = Changes::follow(&other, Some(&cursor), true).await;
    let reset = changes.next().await;
    assert_eq!((&reset["__typename"], &reset["reason"]), (&json!("StreamReset"), &json!("CURSOR_FOREIGN")));
    assert_eq!(changes.until_synced().await.0.len(), 1);
    let mut socket = Socket::ready(&other).await;
    socket.subscribe("1", json!({"query": CHANGES, "variables": {"after": "x"}})).await;
    let message = socket.message().await;
    let payload = &message["payload"];
    let code = payload[0]["extensions"]["code"].as_str().or(payload["errors"][0]["extensions"]["code"].as_str());
    assert_eq!(code, Some("BAD_USER_INPUT"), "{message}");
}

#[tokio::test]
async fn a_cursor_of_one_server_goes_on_at_another() {
    let mut first = App::new(Database::Postgres).await;
    first.write("catalog/a.yaml", &titled("One"));
    let target = first.folder.path().join("catalog/*.yaml");
    let mut second = first.beside();
    for app in [&first, &second] {
        app.configure(&format!("locations: [{{type: file, target: '{}'}}]", target.display()));
    }
    first.start().await;
    let cursor = Changes::follow(&first, None, false).await.synced().await;
    second.start().await;
    first.kill();
    for number in 0..50 {
        first.write(&format!("catalog/b{number}.yaml"), &component(&format!("b{number}"), ""));
    }
    second
        .until("all is read", async |app| app.data("{entities {totalCount}}").await["entities"]["totalCount"] == 51)
        .await;
    let (there, gone, _) = Changes::follow(&second, Some(&cursor), false).await.until_synced().await;
    assert_eq!((there.len(), gone.len()), (50, 0), "{there:?}");
    assert!(!there.contains("component:default/a"));
}

#[tokio::test]
async fn a_cursor_goes_on_at_another_server_with_exactly_the_states_that_the_log_says_have_changed() {
    let web = Web::start().await;
    let titled = |range: std::ops::Range<usize>, title: &str| -> Vec<String> {
        range
            .map(|it| component(&format!("c{it}"), "").replace("  name: ", &format!("  title: {title}\n  name: ")))
            .collect()
    };
    let write = |parts: &[Vec<String>]| web.write("/all.yaml", &parts.concat().join("\n---\n"));
    let mut first = App::new(Database::Postgres).await;
    let mut second = first.beside();
    for app in [&first, &second] {
        app.configure_with(&web.allowed(), "locations: []");
    }
    tokio::join!(first.start(), second.start());
    write(&[titled(0..300, "Zero")]);
    let register = "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT20S\"}) {location {id} sync {state}}}";
    let done = first.run(register, json!({"target": web.url("/all.yaml")})).await["registerLocation"].take();
    assert_eq!(done["sync"]["state"], "SUCCEEDED");
    let cursor = Changes::follow(&first, None, false).await.synced().await;
    let revision = first.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap();
    first.kill();

    let refresh = "mutation($id: ID!) {refreshLocation(input: {locationId: $id, wait: \"PT20S\"}) {sync {state}}}";
    for parts in [
        vec![titled(0..800, "One")],
        // Those at the beginning change again and again; some leave,
        vec![titled(0..100, "Two"), titled(100..200, "One"), titled(250..800, "One")],
        // some come again, and some came only to leave.
        vec![titled(0..100, "Three"), titled(100..200, "One"), titled(240..790, "One")],
    ] {
        write(&parts);
        let read = second.run(refresh, json!({"id": done["location"]["id"]})).await;
        assert_eq!(read["refreshLocation"]["sync"]["state"], "SUCCEEDED");
    }
    let mut database = second.connect().await;
    let log =
        "select ref, count(*) from plinth.catalog_log where revision > $1 and operation <> 'location' group by ref";
    let log: BTreeMap<String, i64> =
        sqlx::query_as(log).bind(revision).fetch_all(&mut database).await.unwrap().into_iter().collect();
    assert!(log.values().sum::<i64>() >= 1000 && log.values().max() == Some(&3), "{log:?}");
    let now = sqlx::query_as("select ref, revision from plinth.entity").fetch_all(&mut database).await.unwrap();
    let now: BTreeMap<String, i64> = now.into_iter().collect();

    let mut changes = Changes::follow(&second, Some(&cursor), false).await;
    let mut told: Vec<(String, Option<i64>)> = Vec::new();
    loop {
        let event = changes.next().await;
        if event["__typename"] == "StreamSynced" {
            break;
        }
        let upserted = event["upserted"].as_array().unwrap().iter();
        told.extend(upserted.map(|it| (it["ref"].as_str().unwrap().to_owned(), it["revision"].as_i64())));
        told.extend(event["deleted"].as_array().unwrap().iter().map(|it| (it.as_str().unwrap().to_owned(), None)));
    }
    told.sort();
    let expected: Vec<_> = log.into_keys().map(|it| (it.clone(), now.get(&it).copied())).collect();
    assert_eq!(expected.iter().filter(|(_, revision)| revision.is_none()).count(), 50);
    assert_eq!(told, expected, "each once, as it is now");
}
