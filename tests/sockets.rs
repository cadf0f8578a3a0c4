//! GraphQL by WebSocket.

mod limits;
mod protocol;

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::Notify};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::{
    app::{App, Database},
    web::Web,
};

/// A socket to the server.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes from a socket.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Message(Value),
    Closed(u16),
    /// Without a word.
    Gone,
}

impl Socket {
    pub(crate) async fn with(app: &App, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = app.url("/graphql").replace("http://", "ws://").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(stream, _)| Self(stream))
    }

    /// One that has said nothing yet.
    pub(crate) async fn new(app: &App) -> Self {
        Self::with(app, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// One that may ask.
    pub(crate) async fn ready(app: &App) -> Self {
        let mut socket = Self::new(app).await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, Heard::Message(json!({"type": "connection_ack"})));
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        // The server may have closed it; what it said is heard next.
        let _ = self.0.send(message).await;
    }

    pub(crate) async fn subscribe(&mut self, id: &str, payload: Value) {
        self.say(json!({"id": id, "type": "subscribe", "payload": payload})).await;
    }

    /// The next message that is no ping.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Heard::Message(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Gone,
            }
        }
    }

    /// The next message, which is one.
    pub(crate) async fn message(&mut self) -> Value {
        match self.hear().await {
            Heard::Message(message) => message,
            other => panic!("no message: {other:?}"),
        }
    }

    /// The server still answers on it.
    pub(crate) async fn works(&mut self) {
        self.subscribe("works", json!({"query": "{__typename}"})).await;
        assert_eq!(self.message().await["payload"]["data"], json!({"__typename": "Query"}));
        assert_eq!(self.message().await, json!({"id": "works", "type": "complete"}));
    }
}

/// A server, and another one that answers when it is told so.
pub(crate) async fn held() -> (App, Web, Arc<Notify>) {
    let web = Web::start().await;
    let gate = web.hold();
    let mut app = App::new(Database::Sqlite).await;
    app.configure_with(&web.allowed(), "locations: []");
    app.start().await;
    (app, web, gate)
}

/// A mutation that waits for the other server.
pub(crate) fn long(web: &Web) -> Value {
    let query =
        "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT30S\"}) {sync {state}}}";
    json!({"query": query, "variables": {"target": web.url("/a.yaml")}})
}
