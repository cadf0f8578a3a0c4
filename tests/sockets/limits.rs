//! How much and how long a socket may.

use serde_json::json;

use super::{Heard, Socket, held, long};
use crate::{
    app::{App, Database},
    raw::Raw,
};

#[tokio::test]
async fn a_page_of_another_origin_gets_no_socket() {
    let app = App::started(Database::Sqlite, &[]).await;
    let own = app.url("");
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    assert!(Socket::with(&app, &[protocol, ("origin", &own)]).await.is_ok());
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        let refused = Socket::with(&app, &[protocol, ("origin", origin)]).await.err().unwrap();
        let tokio_tungstenite::tungstenite::Error::Http(answer) = refused else { panic!("{refused}") };
        assert_eq!(answer.status(), 403);
    }
}

#[tokio::test]
async fn a_socket_has_so_many_operations_at_a_time() {
    let (app, web, _gate) = held().await;
    let mut socket = Socket::ready(&app).await;
    for at in 0..100 {
        socket.subscribe(&format!("{at}"), long(&web)).await;
    }
    socket.subscribe("more", json!({"query": "{__typename}"})).await;
    let message = socket.message().await;
    assert_eq!((&message["id"], &message["type"]), (&json!("more"), &json!("error")));
    assert_eq!(message["payload"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{message}");
    socket.say(json!({"id": "5", "type": "complete"})).await;
    socket.works().await;
    // Few, but heavy.
    let mut socket = Socket::ready(&app).await;
    let mut heavy = long(&web);
    heavy["variables"]["more"] = json!("x".repeat(1 << 19));
    for at in 0..8 {
        socket.subscribe(&format!("{at}"), heavy.clone()).await;
    }
    let message = socket.message().await;
    assert_eq!((&message["id"], &message["payload"][0]["extensions"]["code"]), (&json!("7"), &json!("LIMIT_EXCEEDED")));
}

#[tokio::test]
async fn a_caller_has_so_many_sockets() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut sockets = Vec::new();
    for _ in 0..64 {
        sockets.push(Socket::ready(&app).await);
    }
    let ask = async |app: &App| {
        let mut socket = Socket::new(app).await;
        socket.say(json!({"type": "connection_init"})).await;
        socket.hear().await
    };
    assert_eq!(ask(&app).await, Heard::Closed(1013));
    sockets.pop();
    app.until("there is a seat again", async |app| ask(app).await == Heard::Message(json!({"type": "connection_ack"})))
        .await;
}

#[tokio::test]
async fn who_reads_nothing_holds_little() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut socket = Socket::ready(&app).await;
    let types =
        json!({"query": "{__schema {types {name description fields {name description args {name description}}}}}"});
    let before = app.peak_memory();
    // Some 6 MB to read at once, again and again; the server takes no more when nobody reads.
    let mut sent = 0;
    for at in 0..2_000 {
        let id = at.to_string();
        let said = socket.subscribe(&id, types.clone());
        if tokio::time::timeout(std::time::Duration::from_secs(2), said).await.is_err() {
            break;
        }
        sent = at;
    }
    assert!(sent > 100, "{sent}");
    let grown = app.peak_memory() - before;
    assert!(grown < 100 << 10, "{grown} KiB more after {sent}");
    assert!(app.data("{catalogRevision}").await["catalogRevision"].is_i64());
}

#[tokio::test]
async fn who_is_silent_is_let_go() {
    let app = App::started(Database::Sqlite, &[]).await;
    // It never says who it is.
    let uninvited = async { Socket::new(&app).await.hear().await };
    // It is there, then it answers no ping.
    let dead = async {
        let mut raw = Raw::to(&app).await;
        raw.send(
            b"GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
              sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
              sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
        )
        .await;
        raw.until("\r\n\r\n").await;
        // One text frame, masked with zeros.
        let init = br#"{"type":"connection_init"}"#;
        let length = u8::try_from(init.len()).unwrap();
        raw.send(&[&[0x81, 0x80 | length, 0, 0, 0, 0], init.as_slice()].concat()).await;
        raw.until("connection_ack").await;
        raw.rest().await
    };
    // It answers them.
    let alive = async {
        let mut socket = Socket::ready(&app).await;
        let heard = tokio::time::timeout(std::time::Duration::from_secs(32), socket.hear()).await;
        assert!(heard.is_err(), "{heard:?}");
        socket.works().await;
    };
    let (uninvited, dead, ()) = tokio::join!(uninvited, dead, alive);
    assert_eq!(uninvited, Heard::Closed(4408));
    assert_eq!(dead, [0x89, 0], "a ping, and no more");
}

#[tokio::test]
async fn a_server_that_stops_answers_what_runs_and_then_says_goodbye() {
    let (mut app, web, gate) = held().await;
    let mut idle = Socket::ready(&app).await;
    let mut socket = Socket::ready(&app).await;
    socket.subscribe("1", long(&web)).await;
    socket.works().await;
    let began = std::time::Instant::now();
    // It waits for the sockets' goodbyes, which come from this thread.
    let stopping = tokio::task::spawn_blocking(move || app.stop());
    assert_eq!(idle.hear().await, Heard::Closed(1001));
    drop(idle);
    socket.subscribe("2", json!({"query": "{__typename}"})).await;
    let message = socket.message().await;
    assert_eq!((&message["id"], &message["payload"][0]["extensions"]["code"]), (&json!("2"), &json!("UNAVAILABLE")));
    gate.notify_one();
    assert_eq!(socket.message().await["type"], "next");
    assert_eq!(socket.message().await, json!({"id": "1", "type": "complete"}));
    assert_eq!(socket.hear().await, Heard::Closed(1001));
    drop(socket);
    assert!(stopping.await.unwrap().success());
    assert!(began.elapsed().as_secs() < 8);
}

#[tokio::test]
async fn a_mutation_may_wait_longer_than_a_query() {
    let (app, web, _gate) = held().await;
    let mut waits = long(&web);
    waits["query"] = json!(waits["query"].as_str().unwrap().replace("PT30S", "PT11S"));
    let began = std::time::Instant::now();
    let answer = app.answer(waits["query"].as_str().unwrap(), waits["variables"].clone()).await;
    assert_eq!(answer["data"]["registerLocation"]["sync"]["state"], "RUNNING", "{answer}");
    assert!(began.elapsed().as_secs() >= 11);
}
