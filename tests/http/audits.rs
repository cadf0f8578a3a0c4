//! GraphQL over HTTP as others check it.

use serde_json::{Value, json};

use crate::{
    app::{App, Database},
    script,
};

#[tokio::test]
async fn all_audits_of_graphql_over_http_are_passed() {
    let app = App::started(Database::Sqlite, &[]).await;
    let result = script::printed("audits.mjs", &app.url("/graphql")).await;
    assert_eq!(result["others"], json!([]), "{result:#}");
    assert_eq!(result["ok"], 61);
}

#[tokio::test]
async fn the_answer_is_written_as_the_client_likes_it_best() {
    let app = App::started(Database::Sqlite, &[]).await;
    let (json, graphql, events) = ("application/json", "application/graphql-response+json", "text/event-stream");
    for (accept, kind) in [
        ("*/*", json),
        ("application/*", json),
        ("application/json, text/plain, */*", json),
        ("application/graphql-response+json, application/json", graphql),
        ("application/json, application/graphql-response+json", graphql),
        ("application/graphql-response+json;q=0.5, application/json;q=0.9", json),
        ("application/graphql-response+json; charset=utf-8, application/json; q=0.9", graphql),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", graphql),
        ("text/event-stream", events),
        ("text/event-stream, */*;q=0.1", events),
    ] {
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
        let request = request.header("accept", accept).body("{\"query\": \"{catalogRevision}\"}");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{accept}");
        let found = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(found.starts_with(kind), "{accept}: {found}");
    }
    for accept in ["text/html", "application/xml", "application/json;q=0"] {
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
        let request = request.header("accept", accept).body("{\"query\": \"{catalogRevision}\"}");
        assert_eq!(request.send().await.unwrap().status(), 406, "{accept}");
    }
}

#[tokio::test]
async fn a_query_may_come_by_get_and_nothing_else() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mutation = "mutation{refreshEntity(input:{ref:\"component:a\"}){sync{state}}}";
    let type_of = "query($a:String!){__type(name:$a){name}}";
    for (parameters, status, code) in [
        (vec![("query", "{catalogRevision}")], 200, None),
        (vec![("query", type_of), ("variables", "{\"a\": \"Query\"}"), ("operationName", "")], 200, None),
        (vec![("query", type_of), ("variables", "{\"a\": \"Query\"}"), ("other", "x")], 200, None),
        (vec![("query", mutation)], 405, Some("BAD_USER_INPUT")),
        (vec![("query", "{a}"), ("query", "{b}")], 400, Some("BAD_USER_INPUT")),
        (vec![("query", "{a}"), ("variables", "[1]")], 400, Some("BAD_USER_INPUT")),
        (vec![("query", "{a}"), ("variables", "{")], 400, Some("BAD_USER_INPUT")),
        (vec![("variables", "{}")], 400, Some("BAD_USER_INPUT")),
        (vec![], 400, Some("BAD_USER_INPUT")),
    ] {
        let mut url = url::Url::parse(&app.url("/graphql")).unwrap();
        url.query_pairs_mut().extend_pairs(&parameters);
        let answer = app.client().get(url).send().await.unwrap();
        assert_eq!(answer.status(), status, "{parameters:?}");
        let allow = answer.headers().get("allow").map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(allow.as_deref(), (status == 405).then_some("POST"), "{parameters:?}");
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let found = answer["errors"][0]["extensions"]["code"].as_str();
        assert!(found.is_none() == code.is_none() && found.unwrap_or_default().starts_with(code.unwrap_or_default()));
    }
    let answer = app.client().get(app.url("/graphql?query=%7Bserver%7Bname%7D%7D%FF")).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let answer = app.client().put(app.url("/graphql")).body("{}").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "GET, HEAD, POST"));
}
