//! One socket from its first message to its end.

use std::{pin::pin, time::Duration};

use axum::{
    extract::ws::{Message as Frame, WebSocket},
    http::{HeaderMap, HeaderValue, header},
};
use futures_util::{
    FutureExt,
    future::{self, BoxFuture},
};
use plinth_auth::Caller;
use plinth_graphql::{Context, Request as Document};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::{
    close::Close,
    message::{self, Message},
    running::{Event, Running, Said},
};
use crate::{
    caller::{caller, until_refused, who},
    http::{App, Refused, RequestId},
    metrics::Transport,
    seats::{SEATS_OF_A_CALLER, Seat},
    serve::until,
};

/// How long a client may take to say who it is.
const INIT_TIME: Duration = Duration::from_secs(3);
/// How often the other side is asked whether it is there; who has not answered by the next time is gone.
const PING: Duration = Duration::from_secs(15);
/// How long the other side may take to read a message.
const SEND_TIME: Duration = Duration::from_secs(15);
/// Operations of a socket at a time.
const MOST_OPERATIONS: usize = 100;
/// Bytes of their requests together.
const MOST_BYTES: usize = 4 << 20;

/// A socket and what runs on it.
pub(super) struct Session {
    app: App,
    headers: HeaderMap,
    socket: WebSocket,
    caller: Option<(Caller, Seat)>,
    running: Running,
    /// Whether something came since the last ping.
    is_alive: bool,
    /// Whether the server stops, and only what runs is still answered.
    is_ending: bool,
}

/// How a session ends.
enum End {
    /// The other side is told.
    Told(Close),
    /// There is nobody to tell.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Told(close)
    }
}

impl Session {
    pub(super) fn new(app: App, headers: HeaderMap, socket: WebSocket) -> Self {
        Self { app, headers, socket, caller: None, running: Running::new(), is_alive: true, is_ending: false }
    }

    pub(super) async fn run(mut self) {
        let sockets = self.app.metrics.sockets.clone();
        sockets.inc();
        let end = self.talk().await;
        sockets.dec();
        let Self { socket, running, caller, .. } = self;
        // Its operations end at once, and its seat is free.
        drop((running, caller));
        if let End::Told(close) = end {
            tracing::debug!(?close, "a socket is closed");
            close.send(socket).await;
        }
    }

    async fn talk(&mut self) -> End {
        let mut stopped = pin!(until(self.app.stopped.clone()));
        let mut init = pin!(sleep(INIT_TIME));
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut refused: BoxFuture<'static, Refused> = future::pending().boxed();
        let mut is_known = false;
        loop {
            if let Some((caller, _)) = self.caller.as_ref().filter(|_| !is_known) {
                is_known = true;
                refused = until_refused(self.app.clone(), self.headers.clone(), caller.expires_at()).boxed();
            }
            let done = tokio::select! {
                refused = &mut refused => Err(Close::new(4403, refused.message).into()),
                frame = self.socket.recv() => self.hear(frame).await,
                event = self.running.next() => self.tell(event).await,
                () = &mut init, if self.caller.is_none() => {
                    Err(Close::new(4408, "`connection_init` did not come in time").into())
                }
                _ = ping.tick() => self.ping().await,
                () = &mut stopped, if !self.is_ending => {
                    self.is_ending = true;
                    self.running.end_subscriptions();
                    Ok(())
                }
            };
            if let Err(end) = done {
                return end;
            }
            if self.is_ending && self.running.len() == 0 {
                return Close::new(1001, "the server stops").into();
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if !std::mem::take(&mut self.is_alive) {
            return Err(End::Gone);
        }
        self.send(Frame::Ping(axum::body::Bytes::new())).await
    }

    async fn hear(&mut self, frame: Option<Result<Frame, axum::Error>>) -> Result<(), End> {
        self.is_alive = true;
        let text = match frame {
            None => return Err(End::Gone),
            Some(Err(_)) => return Err(Close::invalid("the message is too large, or no text").into()),
            Some(Ok(Frame::Binary(_))) => return Err(Close::invalid("the message is no text").into()),
            // A close is answered by the next read, which then tells that there is no more; a ping by the next write.
            Some(Ok(Frame::Close(_) | Frame::Ping(_) | Frame::Pong(_))) => return Ok(()),
            Some(Ok(Frame::Text(text))) => text,
        };
        match Message::read(&text)? {
            Message::Init { authorization } => self.init(authorization).await,
            Message::Ping { payload } => self.say(message::pong(payload)).await,
            Message::Pong => Ok(()),
            Message::Subscribe { id, document } => self.subscribe(id, text.len(), document).await,
            Message::Complete { id } => {
                self.running.end(&id);
                Ok(())
            }
        }
    }

    async fn init(&mut self, authorization: Option<String>) -> Result<(), End> {
        if self.caller.is_some() {
            return Err(Close::new(4429, "`connection_init` came twice").into());
        }
        if let Some(authorization) = authorization {
            let value = HeaderValue::from_str(&authorization);
            let mut value = value.map_err(|_| Close::new(4403, "`authorization` cannot be a header"))?;
            value.set_sensitive(true);
            self.headers.insert(header::AUTHORIZATION, value);
        }
        let caller = caller(&self.app, &self.headers).map_err(|refused| Close::new(4403, refused.message))?;
        let Some(seat) = self.app.seats.take(&caller) else {
            let reason = format!("there are {SEATS_OF_A_CALLER} streams of yours already; end one of them");
            return Err(Close::new(1013, reason).into());
        };
        self.caller = Some((caller, seat));
        self.say(message::ack()).await
    }

    async fn subscribe(&mut self, id: String, bytes: usize, document: Document) -> Result<(), End> {
        let Some((caller, _)) = &self.caller else {
            return Err(Close::new(4401, "`subscribe` came before `connection_ack`").into());
        };
        if self.running.has(&id) {
            return Err(Close::new(4409, format!("there is an operation `{id}` already")).into());
        }
        let RequestId(request_id) = RequestId::new();
        // This socket may not have come to it yet, where another one was told already.
        if self.is_ending || *self.app.stopped.borrow() {
            return self.say(message::refused(&id, "UNAVAILABLE", "the server stops", &request_id)).await;
        }
        if self.running.len() == MOST_OPERATIONS || self.running.bytes() + bytes > MOST_BYTES {
            let message = format!(
                "a socket may have {MOST_OPERATIONS} operations at a time, of {MOST_BYTES} bytes together; end one first"
            );
            return self.say(message::refused(&id, "LIMIT_EXCEEDED", &message, &request_id)).await;
        }
        let span = tracing::info_span!("operation", request_id);
        let who = who(&self.app, &self.headers);
        let context = Context { caller: caller.clone(), who, request_id };
        match self.app.api.admit(document, context) {
            Err(refused) => {
                self.app.metrics.answered(Transport::WebSocket, &refused, None);
                self.say(message::error(&id, &refused)).await
            }
            Ok(admitted) => {
                let _entered = span.enter();
                self.running.start(id, bytes, &self.app.api, admitted);
                Ok(())
            }
        }
    }

    async fn tell(&mut self, Event { id, said, .. }: Event) -> Result<(), End> {
        if let Said::Next(answer) | Said::Refused(answer) = &said {
            self.app.metrics.answered(Transport::WebSocket, answer, None);
        }
        let text = match said {
            Said::Next(answer) => message::next(&id, &answer),
            Said::Refused(answer) => message::error(&id, &answer),
            Said::Complete => message::complete(&id),
        };
        self.say(text).await
    }

    async fn say(&mut self, text: String) -> Result<(), End> {
        self.send(Frame::Text(text.into())).await
    }

    async fn send(&mut self, frame: Frame) -> Result<(), End> {
        match timeout(SEND_TIME, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            // Gone, or it does not read.
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}
