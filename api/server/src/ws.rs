//! GraphQL by WebSocket: the `graphql-transport-ws` protocol.
//!
//! Before the handshake only the origin is looked at: who asks may be said in `connection_init`.

mod close;
mod message;
mod running;
mod session;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::HeaderMap,
    response::Response,
};
use tracing::Instrument;

use self::{close::Close, session::Session};
use crate::http::{App, REQUEST_BYTES};

/// The only subprotocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes that are read ahead for a socket.
const READ_BYTES: usize = 16 << 10;

/// Becomes a WebSocket.
pub(crate) fn answer(app: App, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    // From here on, so that a server that stops waits for it.
    let open = app.seats.open();
    let span = tracing::Span::current();
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BYTES)
        .max_message_size(REQUEST_BYTES)
        .max_frame_size(REQUEST_BYTES)
        .on_upgrade(move |socket| async move {
            speak(app, headers, socket).instrument(span).await;
            drop(open);
        })
}

async fn speak(app: App, headers: HeaderMap, socket: WebSocket) {
    if socket.protocol().is_none() {
        // Said on the socket: a browser shows nobody the status of a handshake.
        let close = Close::new(4406, format!("expected the subprotocol `{PROTOCOL}`"));
        close.send(socket).await;
        return;
    }
    Session::new(app, headers, socket).run().await;
}
