//! What is around GraphQL: statuses, headers, refusals, starting and stopping.

mod audits;
mod bounds;
mod browser;
mod cop;

use serde_json::{Value, json};

use crate::app::{App, Database};

#[tokio::test]
async fn a_refused_request_says_why_with_a_code_and_an_id() {
    let app = App::started(Database::Sqlite, &[]).await;
    let big = format!("{{\"query\": \"{}\"}}", " ".repeat(1 << 20));
    for (kind, body, status, code) in [
        ("application/json", "{\"query\": \"{\"}", 200, "GRAPHQL_PARSE_FAILED"),
        ("application/json", "{\"query\": \"{nothing}\"}", 200, "GRAPHQL_VALIDATION_FAILED"),
        ("application/json", "{\"query\": \"{entity(ref: 5) {name}}\"}", 200, "GRAPHQL_VALIDATION_FAILED"),
        (
            "application/json",
            "{\"query\": \"query A {catalogRevision}\", \"operationName\": \"B\"}",
            200,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("application/json", "{\"query\": 5}", 400, "BAD_USER_INPUT"),
        ("application/json", "[]", 400, "BAD_USER_INPUT"),
        ("application/json", "no", 400, "BAD_USER_INPUT"),
        ("application/json", &big, 413, "LIMIT_EXCEEDED"),
        ("text/plain", "{\"query\": \"{catalogRevision}\"}", 415, "BAD_USER_INPUT"),
    ] {
        let request = app.client().post(app.url("/graphql")).header("content-type", kind).body(body.to_owned());
        let answer = request.send().await.unwrap();
        let start = &body[..body.len().min(80)];
        assert_eq!(answer.status(), status, "{start}");
        assert!(answer.headers().contains_key("plinth-version"), "{start}");
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{start}: {answer}");
        assert!(answer["errors"][0]["extensions"]["requestId"].is_string(), "{start}: {answer}");
        assert_eq!(answer.get("data"), None, "{start}");
    }
}

#[tokio::test]
async fn a_reference_in_a_variable_that_is_none_is_bad_input() {
    let app = App::started(Database::Sqlite, &[]).await;
    let answer =
        app.answer("query($ref: EntityRef!) {entity(ref: $ref) {name} catalogRevision}", json!({"ref": "a:"})).await;
    assert!(
        answer["errors"][0]["message"].as_str().unwrap().contains("expected `[kind:][namespace/]name`"),
        "{answer}"
    );
}

#[tokio::test]
async fn health_is_told_and_ctrl_c_ends_it_cleanly() {
    let mut app = App::started(Database::Sqlite, &[]).await;
    assert_eq!(app.client().get(app.url("/healthz")).send().await.unwrap().status(), 200);
    let data =
        app.data("{server {name version limits {pageSize requestBytes}} viewer {actor {kind} permissions}}").await;
    assert_eq!(data["server"]["name"], "Test");
    assert_eq!(data["server"]["limits"], json!({"pageSize": 100, "requestBytes": 1 << 20}));
    assert_eq!(data["viewer"]["actor"]["kind"], "LOCAL_DEVELOPER");
    assert!(app.stop().success());
}

#[tokio::test]
async fn a_second_server_on_one_data_directory_is_refused_and_told_who_holds_it() {
    let app = App::started(Database::Sqlite, &[]).await;
    let second = app.command(&["serve"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("is in use by process") && said.contains("--data-dir"), "{said}");
}

#[tokio::test]
async fn in_development_mode_it_listens_on_loopback_only() {
    let app = App::new(Database::Sqlite).await;
    for host in ["0.0.0.0:0", "'[::]:0'"] {
        let text = format!("backend:\n  listen: {host}\n  auth: {{dangerouslyDisableDefaultAuthPolicy: true}}\n");
        app.write("app-config.yaml", &text);
        let refused = app.command(&["serve", "--data-dir", "data"]).output().unwrap();
        assert_eq!(refused.status.code(), Some(1), "{host}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains("app-config.yaml:2: backend.listen") && said.contains("127.0.0.1"), "{said}");
    }
}
