//! The ways in: the same document by each of them, and the same answer.

use serde_json::{Value, json};

use crate::{
    app::App,
    sockets::{Heard, Socket},
};

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Post,
    Get,
    WebSocket,
    Sse,
}

/// Those that take every operation.
pub(crate) const OF_ALL: [Transport; 3] = [Transport::Post, Transport::WebSocket, Transport::Sse];
/// Those that take a query.
pub(crate) const OF_QUERIES: [Transport; 4] = [Transport::Post, Transport::Get, Transport::WebSocket, Transport::Sse];

impl Transport {
    /// The answer to a document; what a socket says by closing is an error with the code that HTTP would give.
    pub(crate) async fn ask(self, app: &App, token: Option<&str>, query: &str, variables: &Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let request = match self {
            Self::WebSocket => return socket(app, token, body).await,
            Self::Get => {
                let parameters = [("query", query), ("variables", &variables.to_string())];
                let url = reqwest::Url::parse_with_params(&app.url("/graphql"), parameters).unwrap();
                app.client().get(url)
            }
            Self::Post | Self::Sse => {
                let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
                request.body(body.to_string())
            }
        };
        let accept = if self == Self::Sse { "text/event-stream" } else { "application/json" };
        let request = request.header("accept", accept);
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        let mut response = request.send().await.unwrap();
        let mut text = String::new();
        // A subscription's stream does not end: its first event is the answer.
        while let Some(chunk) = response.chunk().await.unwrap() {
            text.push_str(std::str::from_utf8(&chunk).unwrap());
            if self == Self::Sse && text.contains("\ndata: ") && text.ends_with("\n\n") {
                break;
            }
        }
        let text = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text);
        serde_json::from_str(text).unwrap_or_else(|_| panic!("{self:?}: no JSON: {text}"))
    }
}

async fn socket(app: &App, token: Option<&str>, body: Value) -> Value {
    let mut socket = Socket::new(app).await;
    let payload = token.map(|token| json!({"authorization": format!("Bearer {token}")}));
    socket.say(json!({"type": "connection_init", "payload": payload.unwrap_or(json!({}))})).await;
    match socket.hear().await {
        Heard::Message(_) => {}
        Heard::Closed(4403) => return json!({"errors": [{"extensions": {"code": "UNAUTHENTICATED"}}]}),
        other => panic!("{other:?}"),
    }
    socket.subscribe("1", body).await;
    let mut message = socket.message().await;
    match message["type"].as_str() {
        Some("error") => json!({"errors": message["payload"].take()}),
        _ => message["payload"].take(),
    }
}
