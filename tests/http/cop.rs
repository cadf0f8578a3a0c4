//! What scanners of GraphQL servers look for.

use serde_json::{Value, json};

use crate::app::{App, Database};

/// Nothing ran.
async fn is_refused(app: &App, what: &str, body: &str) {
    let request =
        app.client().post(app.url("/graphql")).header("content-type", "application/json").body(body.to_owned());
    let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert!(answer.get("data").is_none(), "{what}: {answer}");
    assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{what}: {answer}");
}

#[tokio::test]
async fn no_document_makes_much_of_little() {
    let app = App::started(Database::Sqlite, &[]).await;
    let query = |text: &str| json!({"query": text}).to_string();
    let aliases: String = (0..=100).map(|at| format!("alias{at}:__typename ")).collect();
    is_refused(&app, "alias overloading", &query(&format!("query cop {{ {aliases} }}"))).await;
    let batch = vec![json!({"query": "query cop { __typename }"}); 10];
    is_refused(&app, "batches", &json!(batch).to_string()).await;
    let directives = "@aa".repeat(10);
    is_refused(&app, "directive overloading", &query(&format!("query cop {{ __typename {directives} }}"))).await;
    let round = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } \
                 } } } } } } } } } }";
    is_refused(&app, "circular introspection", &query(round)).await;
    is_refused(&app, "field duplication", &query(&format!("query cop {{ {} }}", "__typename ".repeat(500)))).await;
}

#[tokio::test]
async fn no_form_and_no_link_changes_anything() {
    let app = App::started(Database::Sqlite, &[]).await;
    let url = app.url("/graphql?query=mutation%20cop%20%7B__typename%7D");
    assert_eq!(app.client().get(url).send().await.unwrap().status(), 405);
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "query=mutation+cop+%7B__typename%7D"),
        ("text/plain", "{\"query\": \"mutation {__typename}\"}"),
    ] {
        let form = app.client().post(app.url("/graphql")).header("content-type", kind).body(body);
        assert_eq!(form.send().await.unwrap().status(), 415, "{kind}");
    }
    // A query by a bare GET changes nothing, and no page of another origin can read the answer.
    let get = app.client().get(app.url("/graphql?query=%7B__typename%7D")).header("origin", "https://evil.example");
    let answer = get.send().await.unwrap();
    assert!(answer.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn nothing_is_told_that_nobody_asked_for() {
    let app = App::started(Database::Sqlite, &[]).await;
    let answer = app.answer("query cop { __typename }", json!({})).await;
    let mut extensions: Vec<_> = answer["extensions"].as_object().unwrap().keys().cloned().collect();
    extensions.sort();
    assert_eq!(extensions, ["cost", "requestId", "revision"], "no trace");
    for query in ["qwerty cop { abc }", "query cop { abc }", "query { entity(ref: {}) { name } }", "{"] {
        let text = app.answer(query, json!({})).await.to_string();
        for word in ["panicked", "stacktrace", "Error(", "src/", ".rs", "/root", "exception"] {
            assert!(!text.contains(word), "{query}: {text}");
        }
    }
}
