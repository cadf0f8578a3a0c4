//! Tokens: made, shown, revoked, beside a running server.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, Database},
    sockets::{Heard, Socket},
};

const VIEWER: &str =
    "{viewer {actor {subject kind displayName entity {ref}} permissions expiresAt groups {totalCount nodes {ref}}}}";

const ORG: &str = "apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: amy}
spec: {profile: {displayName: Amy}, memberOf: [team-b, team-a]}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a}
spec: {type: team, parent: area, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-b}
spec: {type: team, parent: area, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: area}
spec: {type: area, parent: team-a, children: []}
";

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// Waits until a token is taken, or refused; a second, and one more for a machine that is busy with other tests.
async fn within_a_second(app: &App, token: &str, status: u16) {
    let began = Instant::now();
    app.until("the token's state is known", async |app| app.ask_as(token, "{catalogRevision}").await.0 == status).await;
    assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
}

fn run(app: &App, arguments: &[&str]) -> (bool, String, String) {
    let done = app.command(arguments).output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[tokio::test]
async fn a_token_is_in_effect_and_revoked_within_a_second_beside_a_running_server() {
    for database in BOTH {
        let mut app = App::closed(database, &[], "").await;
        let by_name = app.token(&["--name", "ci", "--scope", "read"]);
        within_a_second(&app, &by_name, 200).await;
        let by_id = app.token(&["--name", "nightly", "--scope", "write"]);
        within_a_second(&app, &by_id, 200).await;

        let (_, listed, _) = run(&app, &["token", "list"]);
        assert!(!listed.contains(&by_name) && !listed.contains(&by_name["plinth_".len()..]), "{listed}");
        let line = listed.lines().find(|line| line.starts_with("nightly ")).unwrap();
        assert!(line.contains(" write ") && line.contains(" service:nightly ") && line.contains(" never "), "{listed}");
        let id = line.split_whitespace().last().unwrap();

        assert!(run(&app, &["token", "revoke", "ci"]).0);
        within_a_second(&app, &by_name, 401).await;
        assert_eq!(app.ask_as(&by_id, "{catalogRevision}").await.0, 200, "{database:?}");
        assert!(run(&app, &["token", "revoke", id]).0);
        within_a_second(&app, &by_id, 401).await;
        let (done, _, said) = run(&app, &["token", "revoke", "ci"]);
        assert!(!done && said.contains("there is no token `ci`"), "{said}");

        // The name is free again, and a token outlives the server.
        let again = app.token(&["--name", "ci", "--scope", "read"]);
        assert_ne!(again, by_name);
        app.kill();
        app.start().await;
        assert_eq!(app.ask_as(&again, "{catalogRevision}").await.0, 200, "{database:?}");
        assert_eq!(app.ask_as(&by_name, "{catalogRevision}").await.0, 401, "{database:?}");
        assert!(!app.log().contains(&again) && !app.log().contains(&by_name), "{}", app.log());
    }
}

#[tokio::test]
async fn a_token_may_be_made_before_the_first_start_and_is_printed_alone() {
    for database in BOTH {
        let app = App::new(database).await;
        app.configure("locations: []");
        let token = app.token(&["--name", "first", "--scope", "write", "--expires-in", "30d"]);
        let digits = token.strip_prefix("plinth_").unwrap();
        assert!(digits.len() == 64 && digits.bytes().all(|it| it.is_ascii_hexdigit()), "{token}");
        let (done, out, said) = run(&app, &["token", "create", "--name", "first", "--scope", "read"]);
        assert!(!done && out.is_empty() && said.contains("there is a token `first` already"), "{said}");
    }
}

#[tokio::test]
async fn commands_at_once_on_an_empty_database_all_succeed() {
    for database in BOTH {
        let app = App::new(database).await;
        app.configure("locations: []");
        let start = |name: &str| {
            let mut command = app.command(&["token", "create", "--name", name, "--scope", "read"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let commands = ["a", "b", "c", "d", "e", "f"].map(start);
        for command in commands {
            let done = command.wait_with_output().unwrap();
            assert!(done.status.success(), "{database:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        assert_eq!(run(&app, &["token", "list"]).1.lines().count(), 7, "{database:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_token_is_refused_with_the_reason() {
    let app = App::new(Database::Sqlite).await;
    app.configure("locations: []");
    for (arguments, expected) in [
        (&["--name", "a b", "--scope", "read"][..], "cannot name a token"),
        (&["--name", "local-developer", "--scope", "read"], "Plinth calls others so"),
        (&["--name", "a", "--scope", "all"], "[possible values: read, write]"),
        (&["--name", "a"], "--scope"),
        (&["--name", "a", "--scope", "read", "--as", "group:default/a"], "expected `user:default/NAME`"),
        (&["--name", "a", "--scope", "read", "--as", "amy"], "names no kind"),
        (&["--name", "a", "--scope", "read", "--expires-in", "soon"], "as `30d`"),
        (&["--name", "a", "--scope", "read", "--expires-in", "0s"], "as `30d`"),
    ] {
        let (done, out, said) = run(&app, &[&["token", "create"], arguments].concat());
        assert!(!done && out.is_empty() && said.contains(expected), "{arguments:?}: {said}");
    }
    let (_, listed, _) = run(&app, &["token", "list"]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    app.write("memory.yaml", "backend: {database: {client: better-sqlite3, connection: ':memory:'}}\n");
    let (done, _, said) = run(&app, &["token", "list", "--config", "memory.yaml"]);
    assert!(!done && said.contains("`:memory:`"), "{said}");
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    for database in BOTH {
        let app = App::closed(database, &[], "").await;
        let token = app.token(&["--name", "brief", "--scope", "read", "--expires-in", "3s"]);
        within_a_second(&app, &token, 200).await;
        let (_, answer) = app.ask_as(&token, VIEWER).await;
        assert!(answer["data"]["viewer"]["expiresAt"].is_string(), "{answer}");
        app.until("it expires", async |app| app.ask_as(&token, "{catalogRevision}").await.0 == 401).await;
        let (_, answer) = app.ask_as(&token, "{catalogRevision}").await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("the token expired at "), "{answer}");
        assert!(run(&app, &["token", "list"]).1.contains("(expired)"));
    }
}

#[tokio::test]
async fn a_token_for_a_user_has_the_users_groups_the_nearest_first() {
    for database in BOTH {
        let mut app = App::closed(database, &[("catalog/org.yaml", ORG)], "").await;
        let amy = app.token(&["--name", "amy-laptop", "--scope", "read", "--as", "user:default/Amy"]);
        within_a_second(&app, &amy, 200).await;
        let (_, answer) = app.ask_as(&amy, VIEWER).await;
        let viewer = &answer["data"]["viewer"];
        let actor = json!({"subject": "user:default/amy", "kind": "USER", "displayName": "Amy", "entity": {"ref": "user:default/amy"}});
        assert_eq!(viewer["actor"], actor, "{answer}");
        let refs =
            json!([{"ref": "group:default/team-a"}, {"ref": "group:default/team-b"}, {"ref": "group:default/area"}]);
        assert_eq!(viewer["groups"], json!({"totalCount": 3, "nodes": refs}), "{answer}");
        let page = "{viewer {groups(last: 1) {nodes {ref} pageInfo {hasPreviousPage}}}}";
        let (_, answer) = app.ask_as(&amy, page).await;
        let last = json!({"nodes": [{"ref": "group:default/area"}], "pageInfo": {"hasPreviousPage": true}});
        assert_eq!(answer["data"]["viewer"]["groups"], last, "{answer}");

        // Who left the catalog has left.
        app.write("catalog/org.yaml", ORG.split_once("---\n").unwrap().1);
        app.until("the user is gone", async |app| app.ask_as(&amy, "{catalogRevision}").await.0 == 401).await;
        let (_, answer) = app.ask_as(&amy, "{catalogRevision}").await;
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains("`user:default/amy` is not in the catalog"));
        assert!(app.stop().success());
    }
}

#[tokio::test]
async fn a_reader_is_told_what_it_may_and_refused_field_by_field() {
    let app = App::closed(Database::Sqlite, &[], "").await;
    let reader = app.token(&["--name", "reader", "--scope", "read"]);
    within_a_second(&app, &reader, 200).await;
    let (_, answer) = app.ask_as(&reader, VIEWER).await;
    let viewer = &answer["data"]["viewer"];
    let actor = json!({"subject": "service:reader", "kind": "SERVICE", "displayName": "reader", "entity": null});
    assert_eq!((&viewer["actor"], &viewer["expiresAt"]), (&actor, &Value::Null), "{answer}");
    let may = viewer["permissions"].as_array().unwrap();
    assert!(may.contains(&json!("entities")) && may.contains(&json!("validateEntity")), "{answer}");
    assert!(!may.contains(&json!("registerLocation")), "{answer}");

    // Under another name, in a fragment in a fragment, twice: each is refused, and the open one between them is answered.
    let document = "mutation {
            one: refreshLocation(input: {locationId: \"x\"}) {userErrors {code}}
            open: validateEntity(input: {content: \"a: 1\"}) {valid}
            ...Hidden
            away: refreshLocation(input: {locationId: \"x\"}) @skip(if: true) {userErrors {code}}
        }
        fragment Hidden on Mutation { ... on Mutation {two: unregisterLocation(input: {locationId: \"x\"}) {userErrors {code}}} }";
    let (status, answer) = app.ask_as(&reader, document).await;
    assert_eq!(status, 200);
    assert_eq!(answer["data"], json!({"one": null, "open": {"valid": false}, "two": null}), "{answer}");
    let keys: Vec<_> = answer["data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["one", "open", "two"]);
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{answer}");
    for (error, path) in errors.iter().zip(["one", "two"]) {
        assert_eq!((code(&answer), &error["path"]), ("FORBIDDEN", &json!([path])), "{answer}");
        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{answer}");
        assert!(error["extensions"]["requestId"].is_string() && error["locations"].is_array(), "{answer}");
    }
    let (_, answer) =
        app.ask_as(&reader, "mutation {refreshLocation(input: {locationId: \"x\"}) {userErrors {code}}}").await;
    assert_eq!(answer["data"], json!({"refreshLocation": null}), "{answer}");
}

#[tokio::test]
async fn no_token_or_a_bad_one_is_told_nothing_at_all() {
    let app = App::closed(Database::Sqlite, &[], "").await;
    let good = app.token(&["--name", "good", "--scope", "read"]);
    within_a_second(&app, &good, 200).await;
    let (long, half) = ("x".repeat(10 << 10), format!("Bearer {}", &good[..40]));
    let (long, twice) = (format!("Bearer {long}"), format!("Bearer {good} {good}"));
    for header in
        ["", "Bearer", "Bearer ", "Basic YTpi", "plinth_", "Bearer 北", "Bearer ' or 1=1", &half, &long, &twice, &good]
    {
        for query in ["{__schema {queryType {name}}}", "{catalogRevision}", "{", "{nothing}"] {
            let (status, answer) = app.ask(&[("authorization", header)], query).await;
            let start = &header.chars().take(20).collect::<String>();
            assert_eq!(
                (status, code(&answer), answer.get("data")),
                (401, "UNAUTHENTICATED", None),
                "{start}: {answer}"
            );
            assert!(answer["errors"][0]["extensions"]["requestId"].is_string(), "{start}: {answer}");
            assert!(answer.to_string().len() < 500, "{start}: {answer}");
        }
    }
    let both = format!("Bearer {good}");
    let (status, _) = app.ask(&[("authorization", &both), ("authorization", "Bearer x")], "{catalogRevision}").await;
    assert_eq!(status, 401);
    for (authorization, challenge) in [(None, "Bearer"), (Some("Bearer x"), "Bearer error=\"invalid_token\"")] {
        let request = app.client().post(app.url("/graphql"));
        let request = authorization.into_iter().fold(request, |it, value| it.header("authorization", value));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["www-authenticate"], challenge);
    }
    assert_eq!(app.ask(&[("authorization", &format!("bearer  {good}"))], "{catalogRevision}").await.0, 200);
    let (status, answer) =
        app.ask(&[("authorization", &both), ("plinth-act-as", "user:default/amy")], "{catalogRevision}").await;
    assert_eq!((status, code(&answer)), (403, "FORBIDDEN"), "{answer}");
    assert_eq!(app.ask(&[("plinth-act-as", "user:default/amy")], "{catalogRevision}").await.0, 401);
}

#[tokio::test]
async fn in_development_mode_one_is_the_developer_a_user_or_who_the_token_says() {
    let app = App::started(Database::Sqlite, &[("catalog/org.yaml", ORG)]).await;
    let reader = app.token(&["--name", "reader", "--scope", "read"]);
    within_a_second(&app, &reader, 200).await;
    let subject = |answer: &Value| answer["data"]["viewer"]["actor"]["subject"].as_str().unwrap_or_default().to_owned();
    assert_eq!(subject(&app.ask(&[], VIEWER).await.1), "service:local-developer");
    assert_eq!(subject(&app.ask_as(&reader, VIEWER).await.1), "service:reader");
    let (_, answer) = app.ask(&[("plinth-act-as", "user:default/amy")], VIEWER).await;
    assert_eq!(subject(&answer), "user:default/amy");
    let viewer = &answer["data"]["viewer"];
    assert!(viewer["groups"]["totalCount"] == 3 && viewer["expiresAt"].is_null(), "{answer}");
    assert!(viewer["permissions"].as_array().unwrap().contains(&json!("registerLocation")), "{answer}");
    for (name, expected) in [
        ("user:default/bob", "`user:default/bob` is not in the catalog"),
        ("group:default/area", "is no User"),
        ("amy", "expected a reference"),
        ("", "expected a reference"),
    ] {
        let (status, answer) = app.ask(&[("plinth-act-as", name)], VIEWER).await;
        assert_eq!((status, code(&answer)), (400, "BAD_USER_INPUT"), "{name}: {answer}");
        assert!(answer["errors"][0]["message"].as_str().unwrap().contains(expected), "{name}: {answer}");
    }
    assert_eq!(app.ask_as("plinth_wrong", VIEWER).await.0, 401);
    let both = [("authorization", format!("Bearer {reader}")), ("plinth-act-as", "user:default/amy".to_owned())];
    let both = both.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(app.ask(&both, VIEWER).await.0, 400);
}

#[tokio::test]
async fn a_static_token_of_the_configuration_is_a_service_that_may_write() {
    let access = "externalAccess: [{type: static, options: {token: canary-0123456789, subject: old-script}}, \
                  {type: static, options: {token: canary-restricted, subject: narrow}, accessRestrictions: [{plugin: catalog}]}]";
    let app = App::closed(Database::Sqlite, &[], access).await;
    let (_, answer) = app.ask_as("canary-0123456789", VIEWER).await;
    assert_eq!(answer["data"]["viewer"]["actor"]["subject"], "service:old-script", "{answer}");
    let may = answer["data"]["viewer"]["permissions"].as_array().unwrap();
    assert!(may.contains(&json!("registerLocation")), "{answer}");
    assert_eq!(app.ask_as("canary-restricted", VIEWER).await.0, 401);
    let (_, answer) = app.ask_as("canary-0123456789", "{catalogProblems {nodes {field message}}}").await;
    let problems = answer["data"]["catalogProblems"]["nodes"].to_string();
    assert!(problems.contains("backend.auth.externalAccess[1].accessRestrictions"), "{problems}");
    let (_, printed, _) = run(&app, &["config"]);
    for text in [problems, printed, app.log()] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn outside_development_mode_it_listens_where_it_is_told() {
    let mut app = App::closed(Database::Sqlite, &[], "").await;
    assert!(app.stop().success());
    let config = std::fs::read_to_string(app.folder.path().join("app-config.yaml")).unwrap();
    for listen in ["0.0.0.0:0", "':0'"] {
        app.write("app-config.yaml", &config.replace("127.0.0.1:0", listen));
        app.start().await;
        assert_eq!(app.ask(&[], "{catalogRevision}").await.0, 401, "{listen}");
        assert!(app.stop().success(), "{listen}");
    }
}

#[tokio::test]
async fn who_follows_is_let_go_when_the_token_is_revoked_or_over() {
    for database in BOTH {
        let app = App::closed(database, &[], "").await;
        let query = "subscription {catalogChanges {__typename}}";
        for (name, end) in [("revoked", None), ("over", Some("2s"))] {
            let mut arguments = vec!["--name", name, "--scope", "read"];
            arguments.extend(end.iter().flat_map(|end| ["--expires-in", *end]));
            let token = app.token(&arguments);
            app.until("the token is in effect", async |app| app.ask_as(&token, "{__typename}").await.0 == 200).await;
            let mut socket = Socket::new(&app).await;
            socket
                .say(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}))
                .await;
            assert_eq!(socket.message().await["type"], "connection_ack");
            socket.subscribe("1", json!({"query": query})).await;
            assert_eq!(socket.message().await["type"], "next");
            let stream = app.client().post(app.url("/graphql")).bearer_auth(&token);
            let stream = stream.header("content-type", "application/json").header("accept", "text/event-stream");
            let stream = stream.body(json!({"query": query}).to_string()).send().await.unwrap();
            assert_eq!(stream.status(), 200);
            if end.is_none() {
                assert!(app.command(&["token", "revoke", name]).output().unwrap().status.success());
            }
            assert_eq!(socket.hear().await, Heard::Closed(4403), "{database:?} {name}");
            // The stream ends.
            assert!(stream.text().await.unwrap().contains("StreamSynced"), "{database:?} {name}");
        }
    }
}
