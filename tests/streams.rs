//! GraphQL by event stream.

use serde_json::{Value, json};

use crate::{
    app::{App, Database, component},
    raw::Raw,
    script,
    sockets::{held, long},
};

#[tokio::test]
async fn the_client_of_graphql_sse_asks_changes_and_is_told_what_is_wrong() {
    let app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let seen = script::printed("streams.mjs", &app.url("/graphql")).await;
    let first = |what: &str| -> &Value { &seen[what]["results"][0] };
    assert_eq!(first("query")["data"], json!({"entity": {"name": "a"}}), "{seen}");
    assert_eq!(first("mutation")["data"]["refreshEntity"]["sync"]["state"], "SUCCEEDED", "{seen}");
    for what in ["invalid", "subscription"] {
        let error = &first(what)["errors"][0];
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{seen}");
        assert!(error["extensions"]["requestId"].is_string(), "{seen}");
    }
    for what in ["query", "mutation", "invalid", "subscription"] {
        assert_eq!(seen[what]["results"].as_array().unwrap().len(), 1, "{what}: {seen}");
    }
}

#[tokio::test]
async fn events_are_written_as_browsers_read_them() {
    let app = App::started(Database::Sqlite, &[]).await;
    let get = |query: &str| {
        let url = app.url(&format!("/graphql?query={query}"));
        app.client().get(url).header("accept", "text/event-stream").send()
    };
    let answer = get("%7BcatalogRevision%7D").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-cache");
    let text = answer.text().await.unwrap();
    let (next, complete) = text.split_once("\n\n").unwrap();
    let data = next.strip_prefix("event: next\ndata: ").unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert!(data["data"]["catalogRevision"].is_i64() && data["extensions"]["requestId"].is_string(), "{text}");
    assert_eq!(complete, "event: complete\ndata: {}\n\n");
    let text = get("%7Bnothing%7D").await.unwrap().text().await.unwrap();
    assert!(text.contains("GRAPHQL_VALIDATION_FAILED") && text.contains("event: complete"), "{text}");
    let mutation = get("mutation%7B__typename%7D").await.unwrap();
    assert_eq!((mutation.status().as_u16(), mutation.headers()["allow"].to_str().unwrap()), (405, "POST"));
    let broken = app.client().get(app.url("/graphql")).header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(
        (broken.status().as_u16(), broken.headers()["content-type"].to_str().unwrap().contains("json")),
        (400, true)
    );
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_there_and_a_server_that_stops_answers_it() {
    let (mut app, web, gate) = held().await;
    let body = long(&web).to_string();
    let mut raw = Raw::to(&app).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n\
         accept-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    raw.send(format!("{head}{body}").as_bytes()).await;
    let head = raw.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("gzip"), "{head}");
    raw.until(":\n\n").await;
    let stopping = tokio::task::spawn_blocking(move || app.stop());
    gate.notify_one();
    let rest = String::from_utf8_lossy(&raw.rest().await).into_owned();
    assert!(rest.contains("event: next") && rest.contains("event: complete"), "{rest}");
    assert!(stopping.await.unwrap().success());
}

#[tokio::test]
async fn a_caller_has_so_many_streams_and_each_is_free_again_when_it_ends() {
    let (app, web, _gate) = held().await;
    let ask = || {
        let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
        request.header("accept", "text/event-stream").body(long(&web).to_string()).send()
    };
    let mut streams = Vec::new();
    for _ in 0..64 {
        let stream = ask().await.unwrap();
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let one_more = ask().await.unwrap();
    assert_eq!((one_more.status().as_u16(), one_more.headers()["retry-after"].to_str().unwrap()), (429, "10"));
    assert!(one_more.text().await.unwrap().contains("LIMIT_EXCEEDED"));
    streams.pop();
    app.until("there is a seat again", async |_| ask().await.unwrap().status() == 200).await;
}
