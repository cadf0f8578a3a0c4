//! How a socket is closed.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};

/// How long the other side may take for its part of the end.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes that a reason may have by RFC 6455.
const LONGEST_REASON: usize = 123;

/// Why a socket is closed.
#[derive(Debug)]
pub(super) struct Close {
    code: u16,
    reason: String,
}

impl Close {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON));
        Self { code, reason }
    }

    /// What came is no message of the protocol.
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::new(4400, reason)
    }

    /// Says it, and stays until the other side has heard it: what it still sends would otherwise make the system throw
    /// the reason away.
    pub(super) async fn send(self, mut socket: WebSocket) {
        let Self { code, reason } = self;
        let frame = CloseFrame { code, reason: reason.into() };
        let goodbye = async {
            if socket.send(Message::Close(Some(frame))).await.is_ok() {
                while socket.recv().await.is_some_and(|it| it.is_ok()) {}
            }
        };
        // Nothing is lost when it takes longer.
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }
}
