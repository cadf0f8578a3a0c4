//! The protocol `graphql-transport-ws`, message by message.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{Heard, Socket, held, long};
use crate::{
    app::{App, Database, component},
    script,
};

#[tokio::test]
async fn the_client_of_graphql_ws_asks_changes_and_is_told_what_is_wrong() {
    let app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let seen = script::printed("sockets.mjs", &app.url("/graphql").replace("http://", "ws://")).await;
    assert_eq!(seen["query"]["results"][0]["data"], json!({"entity": {"name": "a"}}), "{seen}");
    let mutation = &seen["mutation"]["results"][0]["data"]["refreshEntity"];
    assert_eq!(mutation["sync"]["state"], "SUCCEEDED", "{seen}");
    for (what, code) in [
        ("invalid", "GRAPHQL_VALIDATION_FAILED"),
        ("unreadable", "GRAPHQL_PARSE_FAILED"),
        ("subscription", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let error = &seen[what]["refused"][0];
        assert_eq!(error["extensions"]["code"], code, "{seen}");
        assert!(error["extensions"]["requestId"].is_string() && error["message"].is_string(), "{seen}");
    }
    assert!(seen["partial"]["results"][0]["data"]["catalogRevision"].is_i64(), "{seen}");
    assert_eq!(seen["many"], 90, "{seen}");
    assert_eq!(seen["events"], json!(["connected", "closed 1000"]));
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_close_code() {
    let app = App::started(Database::Sqlite, &[]).await;
    let init = json!({"type": "connection_init"}).to_string();
    let query = json!({"query": "{__typename}"});
    let subscribe = |id: Value, payload: &Value| json!({"id": id, "type": "subscribe", "payload": payload}).to_string();
    let first = [
        ("no".to_owned(), 4400),
        ("[]".to_owned(), 4400),
        ("{}".to_owned(), 4400),
        (json!({"type": "start"}).to_string(), 4400),
        (json!({"type": "connection_ack"}).to_string(), 4400),
        (json!({"type": "connection_init", "payload": 5}).to_string(), 4400),
        (json!({"type": "connection_init", "payload": {"authorization": 5}}).to_string(), 4400),
        (json!({"type": "connection_init", "payload": {"authorization": "a\nb"}}).to_string(), 4403),
        (subscribe(json!("1"), &query), 4401),
    ];
    for (text, code) in first {
        let mut socket = Socket::new(&app).await;
        socket.send(Message::text(text.clone())).await;
        assert_eq!(socket.hear().await, Heard::Closed(code), "{text}");
    }
    let later = [
        (init.clone(), 4429),
        (subscribe(json!(1), &query), 4400),
        (subscribe(json!(""), &query), 4400),
        (subscribe(json!("x".repeat(257)), &query), 4400),
        (subscribe(json!("1"), &json!(null)), 4400),
        (subscribe(json!("1"), &json!({"query": 5})), 4400),
        (subscribe(json!("1"), &json!({"query": "{a}", "variables": []})), 4400),
        (json!({"type": "complete"}).to_string(), 4400),
        (json!({"type": "ping", "payload": "x"}).to_string(), 4400),
        (format!("{{\"type\": \"ping\", \"payload\": {}", "{\"a\":".repeat(100_000)), 4400),
        (subscribe(json!("1"), &json!({"query": " ".repeat(1 << 20)})), 4400),
    ];
    for (text, code) in later {
        let mut socket = Socket::ready(&app).await;
        socket.send(Message::text(text.clone())).await;
        assert_eq!(socket.hear().await, Heard::Closed(code), "{text:.200}");
    }
    let mut socket = Socket::ready(&app).await;
    socket.send(Message::binary(init.into_bytes())).await;
    assert_eq!(socket.hear().await, Heard::Closed(4400));
    // What comes after the breach does not drown the reason.
    let mut socket = Socket::new(&app).await;
    socket.say(json!({"type": "start"})).await;
    for _ in 0..100 {
        socket.say(json!({"type": "ping"})).await;
    }
    assert_eq!(socket.hear().await, Heard::Closed(4400));
    Socket::ready(&app).await.works().await;
}

#[tokio::test]
async fn a_socket_without_the_subprotocol_is_told_so() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut socket = Socket::with(&app, &[]).await.unwrap();
    assert_eq!(socket.hear().await, Heard::Closed(4406));
    assert!(Socket::with(&app, &[("sec-websocket-protocol", "graphql-ws")]).await.is_err());
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    let mut socket = Socket::with(&app, &both).await.unwrap();
    socket.say(json!({"type": "connection_init", "payload": {}})).await;
    assert_eq!(socket.message().await, json!({"type": "connection_ack"}));
    let request = app.client().get(app.url("/graphql")).header("connection", "upgrade").header("upgrade", "websocket");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("BAD_USER_INPUT"));
}

#[tokio::test]
async fn an_operation_that_runs_keeps_its_id_until_it_ends() {
    let (app, web, gate) = held().await;
    let mut socket = Socket::ready(&app).await;
    socket.subscribe("1", long(&web)).await;
    socket.say(json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(socket.message().await, json!({"type": "pong", "payload": {"a": 1}}));
    socket.works().await;
    // Ended by the client: its id is free at once, and nothing more of it is heard.
    socket.say(json!({"id": "1", "type": "complete"})).await;
    socket.say(json!({"id": "nobody", "type": "complete"})).await;
    socket.subscribe("1", json!({"query": "{__typename}"})).await;
    assert_eq!(socket.message().await["payload"]["data"], json!({"__typename": "Query"}));
    assert_eq!(socket.message().await, json!({"id": "1", "type": "complete"}));
    // Ended by itself.
    socket.subscribe("1", long(&web)).await;
    socket.works().await;
    gate.notify_one();
    let message = socket.message().await;
    assert_eq!((&message["id"], &message["type"]), (&json!("1"), &json!("next")));
    assert_eq!(message["payload"]["data"]["registerLocation"]["sync"]["state"], "FAILED", "{message}");
    assert_eq!(socket.message().await, json!({"id": "1", "type": "complete"}));
    // A second one beside it.
    let (app, web, _gate) = held().await;
    let mut socket = Socket::ready(&app).await;
    socket.subscribe("1", long(&web)).await;
    socket.subscribe("1", json!({"query": "{__typename}"})).await;
    assert_eq!(socket.hear().await, Heard::Closed(4409));
}

#[tokio::test]
async fn what_is_refused_is_an_error_without_an_end_and_the_socket_goes_on() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut socket = Socket::ready(&app).await;
    let deep = format!("{{entity(ref:{}", "[".repeat(2_000));
    let bomb: String =
        (0..14).map(|at| format!("fragment F{at} on Query {{{}}} ", format!("...F{} ", at + 1).repeat(4))).collect();
    let bomb = format!("{{...F0}} {bomb} fragment F14 on Query {{catalogRevision}}");
    for (query, code) in [
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        (&deep, "LIMIT_EXCEEDED"),
        (&bomb, "LIMIT_EXCEEDED"),
        ("query($a: Int!) {__typename @include(if: $a)}", "BAD_USER_INPUT"),
        ("subscription {a b}", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {a}", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.subscribe("1", json!({"query": query})).await;
        let message = socket.message().await;
        assert_eq!((&message["id"], &message["type"]), (&json!("1"), &json!("error")), "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
        assert!(message["payload"][0]["extensions"]["requestId"].is_string(), "{message}");
    }
    socket.works().await;
}
