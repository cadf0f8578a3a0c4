//! Streams with a filter, and streams that begin anew.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, Database, component},
    changes::Changes,
    sockets::{Heard, Socket},
};

fn filtered(after: Option<&Value>, filter: Value) -> Value {
    json!({"after": after, "snapshot": false, "filter": filter})
}

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("component:default/{name}")).collect()
}

fn in_lifecycle(name: &str, lifecycle: &str) -> String {
    component(name, "").replace("lifecycle: production", &format!("lifecycle: {lifecycle}"))
}

/// The next event that tells something: what came, and what is gone.
async fn told(changes: &mut Changes) -> (BTreeSet<String>, BTreeSet<String>) {
    let event = changes.next().await;
    let refs = |list: &Value| {
        let all = list.as_array().unwrap_or_else(|| panic!("{event}")).iter();
        all.map(|it| it["ref"].as_str().or(it.as_str()).unwrap().to_owned()).collect()
    };
    (refs(&event["upserted"]), refs(&event["deleted"]))
}

#[tokio::test]
async fn what_leaves_the_filter_is_told_as_deleted_and_only_to_who_saw_it() {
    for database in BOTH {
        let save = |app: &App, name: &str, lifecycle: &str| {
            app.write(&format!("catalog/{name}.yaml"), &in_lifecycle(name, lifecycle));
        };
        let files = ["a", "b"].map(|name| {
            (
                format!("catalog/{name}.yaml"),
                in_lifecycle(name, if name == "a" { "production" } else { "experimental" }),
            )
        });
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let mut app = App::started(database, &files).await;
        let production = json!({"lifecycle": {"eq": "Production"}});
        let mut changes = Changes::with(&app, filtered(None, production.clone())).await;
        let cursor = changes.synced().await;

        save(&app, "a", "deprecated");
        assert_eq!(told(&mut changes).await, (named(&[]), named(&["a"])), "{database:?}");
        // Of what was never seen, nothing is told: the next word is about another one.
        save(&app, "b", "deprecated");
        app.until("it is read", async |app| {
            app.data("{entity(ref: \"component:b\") {lifecycle}}").await["entity"]["lifecycle"] == "deprecated"
        })
        .await;
        save(&app, "c", "production");
        assert_eq!(told(&mut changes).await, (named(&["c"]), named(&[])), "{database:?}");
        save(&app, "a", "production");
        assert_eq!(told(&mut changes).await, (named(&["a"]), named(&[])), "{database:?}");

        // The same from the database, by who was away meanwhile.
        app.kill();
        save(&app, "a", "deprecated");
        save(&app, "b", "experimental");
        save(&app, "d", "production");
        std::fs::remove_file(app.folder.path().join("catalog/c.yaml")).unwrap();
        app.start().await;
        app.until("all is read", async |app| {
            app.data("{entity(ref: \"component:d\") {ref}}").await["entity"].is_object()
        })
        .await;
        let mut changes = Changes::with(&app, filtered(Some(&cursor), production)).await;
        let (there, gone, _) = changes.until_synced().await;
        assert_eq!((there, gone), (named(&["d"]), named(&["a", "c"])), "{database:?}");
    }
}

#[tokio::test]
async fn what_others_declare_lets_an_entity_come_into_a_filter_and_leave_it() {
    for database in BOTH {
        let mut app = App::started(database, &[("catalog/a.yaml", &component("a", ""))]).await;
        let needed = json!({"relation": {"type": "dependencyOf", "target": {"eq": "component:x"}}});
        let mut changes = Changes::with(&app, filtered(None, needed.clone())).await;
        let cursor = changes.synced().await;
        app.write("catalog/x.yaml", &component("x", "  dependsOn: [component:a]\n"));
        assert_eq!(told(&mut changes).await, (named(&["a"]), named(&[])), "{database:?}");
        let seen = changes.cursor();
        app.write("catalog/x.yaml", &component("x", ""));
        assert_eq!(told(&mut changes).await, (named(&[]), named(&["a"])), "{database:?}");

        app.kill();
        app.start().await;
        let mut changes = Changes::with(&app, filtered(Some(&seen), needed.clone())).await;
        let (there, gone, _) = changes.until_synced().await;
        assert_eq!((there, gone), (named(&[]), named(&["a"])), "{database:?}");
        app.write("catalog/x.yaml", &component("x", "  dependsOn: [component:a]\n"));
        assert_eq!(told(&mut changes).await.0, named(&["a"]), "{database:?}");
        app.kill();
        app.start().await;
        let mut changes = Changes::with(&app, filtered(Some(&cursor), needed)).await;
        assert_eq!(changes.until_synced().await.0, named(&["a"]), "{database:?}");
    }
}

#[tokio::test]
async fn a_snapshot_holds_what_the_filter_shows_and_ends_even_where_that_is_nothing() {
    let files: Vec<_> = (0..230)
        .map(|it| {
            (
                format!("catalog/c{it}.yaml"),
                in_lifecycle(&format!("c{it}"), if it % 2 == 0 { "production" } else { "old" }),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let app = App::started(Database::Sqlite, &files).await;
    let ask = |lifecycle: &str| json!({"after": null, "snapshot": true, "filter": {"lifecycle": {"eq": lifecycle}}});
    assert_eq!(Changes::with(&app, ask("production")).await.until_synced().await.0.len(), 115);
    let mut nothing = Changes::with(&app, ask("none")).await;
    let event = nothing.next().await;
    assert_eq!(
        (&event["__typename"], &event["upserted"], &event["more"]),
        (&json!("CatalogChanged"), &json!([]), &json!(false))
    );
    nothing.synced().await;
}

#[tokio::test]
async fn no_cursor_comes_twice_and_more_is_always_ended() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut changes = Changes::with(&app, json!({"after": null, "snapshot": true})).await;
    let mut cursors = BTreeSet::new();
    let mut note = |event: &Value| assert!(cursors.insert(event["cursor"].as_str().unwrap().to_owned()), "{event}");
    loop {
        let event = changes.next().await;
        note(&event);
        if event["__typename"] == "StreamSynced" {
            break;
        }
    }
    // A hundred in one revision, and a row about their location beside.
    let all: Vec<_> = (0..100).map(|it| component(&format!("c{it}"), "")).collect();
    app.write("catalog/all.yaml", &format!("{}---\nkind: Component\n", all.join("---\n")));
    let mut count = 0;
    loop {
        let event = changes.next().await;
        note(&event);
        count += event["upserted"].as_array().unwrap().len();
        if event["more"] == false {
            break;
        }
    }
    assert_eq!(count, 100);
}

#[tokio::test]
async fn a_cursor_that_the_log_does_not_reach_is_told_to_be_too_old() {
    for database in BOTH {
        let mut app = App::new(database).await;
        app.write("catalog/a.yaml", &component("a", ""));
        app.configure("changeLog: {maxRows: 5}\n  locations: [{type: file, target: 'catalog/*.yaml'}]");
        app.start().await;
        let limits = app.data("{server {limits {streamReplay}}}").await;
        assert_eq!(limits["server"]["limits"]["streamReplay"], "PT604800S");
        let cursor = Changes::follow(&app, None, false).await.synced().await;
        for number in 0..20 {
            app.write(&format!("catalog/b{number}.yaml"), &component(&format!("b{number}"), ""));
            let query = format!("{{entity(ref: \"component:b{number}\") {{ref}}}}");
            app.until("it is read", async |app| app.data(&query).await["entity"].is_object()).await;
        }
        app.kill();
        app.start().await;
        app.until("the log is pruned", async |app| app.log().contains("the log of changes was pruned")).await;
        for snapshot in [true, false] {
            let mut changes = Changes::follow(&app, Some(&cursor), snapshot).await;
            let reset = changes.next().await;
            assert_eq!((&reset["__typename"], &reset["reason"]), (&json!("StreamReset"), &json!("CURSOR_TOO_OLD")));
            let (there, ..) = changes.until_synced().await;
            assert_eq!(there.len(), if snapshot { 21 } else { 0 }, "{database:?}");
        }
        // What the catalog still names is there still.
        let manifests = app.data("{entities(first: 100) {nodes {manifest}}}").await;
        assert_eq!(manifests["entities"]["nodes"].as_array().unwrap().len(), 21);
    }
}

const ORG: &str = "apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: amy}
spec: {memberOf: [GROUPS]}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-b}
spec: {type: team, children: []}
";

#[tokio::test]
async fn whose_groups_change_is_told_at_once_and_sees_by_the_new_ones() {
    let org = |groups: &str| ORG.replace("GROUPS", groups);
    let files = [("catalog/org.yaml", &*org("team-b")), ("catalog/a.yaml", &*component("a", ""))];
    let app = App::closed(Database::Sqlite, &files, "").await;
    let token = app.token(&["--name", "amy", "--scope", "read", "--as", "user:default/amy"]);
    app.until("the token is known", async |app| app.ask_as(&token, "{catalogRevision}").await.0 == 200).await;
    let mut socket = Socket::new(&app).await;
    socket.say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})).await;
    assert_eq!(socket.hear().await, Heard::Message(json!({"type": "connection_ack"})));
    let variables = json!({"after": null, "snapshot": true, "filter": {"mine": true, "kind": {"eq": "Component"}}});
    let mut changes = Changes::on(socket, variables).await;
    assert_eq!(changes.until_synced().await.0, named(&[]), "it is a team's that she is not in");

    app.write("catalog/org.yaml", &org("team-a"));
    let reset = changes.next().await;
    assert_eq!((&reset["__typename"], &reset["reason"]), (&json!("StreamReset"), &json!("ACCESS_CHANGED")));
    assert_eq!(changes.until_synced().await.0, named(&["a"]));

    // Who is no User any more is no caller: the stream ends, and so does the socket.
    app.write("catalog/org.yaml", &org("team-a").replace("amy", "bob"));
    let end = changes.next_or_refused().await.unwrap_err();
    assert_eq!(end, json!({"id": "1", "type": "complete"}));
}

async fn counts(app: &App) -> (u64, u64) {
    let text = app.get("/metrics").await.text().await.unwrap();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{text}"));
        line.trim().parse().unwrap()
    };
    (value("plinth_stream_executions_total"), value("plinth_stream_events_total"))
}

#[tokio::test]
async fn those_who_follow_the_same_share_one_execution() {
    let app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let mut all = Vec::new();
    for number in 0..20 {
        let variables = json!({"after": null, "snapshot": number % 2 == 0});
        let mut changes = Changes::with(&app, variables).await;
        changes.until_synced().await;
        all.push(changes);
    }
    let (executed, told) = counts(&app).await;
    for round in 0_u64..5 {
        app.write("catalog/a.yaml", &in_lifecycle("a", &format!("l{round}")));
        let mut cursors = BTreeSet::new();
        for changes in &mut all {
            let event = changes.next().await;
            assert_eq!(event["upserted"][0]["ref"], "component:default/a", "{event}");
            cursors.insert(event["cursor"].to_string());
        }
        assert_eq!(cursors.len(), 1);
        // Two documents: with and without a snapshot.
        assert_eq!(counts(&app).await, (executed + 2 * (round + 1), told + 20 * (round + 1)));
    }
    // Who comes from an earlier place catches up alone, and then shares, too.
    let cursor = all[0].cursor();
    app.write("catalog/b.yaml", &component("b", ""));
    for changes in &mut all {
        assert_eq!(changes.next().await["upserted"][0]["ref"], "component:default/b");
    }
    drop(all.split_off(2));
    let mut late = Changes::with(&app, json!({"after": cursor, "snapshot": true})).await;
    assert_eq!(late.until_synced().await.0, named(&["b"]));
    all.push(late);
    let (executed, told) = counts(&app).await;
    app.write("catalog/c.yaml", &component("c", ""));
    for changes in &mut all {
        assert_eq!(changes.next().await["upserted"][0]["ref"], "component:default/c");
    }
    assert_eq!(counts(&app).await, (executed + 2, told + 3));
}
