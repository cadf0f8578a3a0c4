//! `/webhooks/github`: what GitHub tells of its own accord.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension, Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use plinth_auth::Caller;
use plinth_github::{Event, Secret, verify};
use serde_json::json;

use crate::http::{App, Refused, RequestId};

/// Bytes of a payload: GitHub sends no larger one.
const LARGEST: usize = 25 << 20;
/// How long it may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Within this GitHub is told that an event is taken, or that it is not.
const WITHIN: Duration = Duration::from_secs(1);
/// Deliveries that are remembered.
const REMEMBERED: usize = 10_000;

/// What signs deliveries, and which of them came already. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Any of them may sign; there may be none.
    secrets: Vec<Secret>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    known: HashSet<String>,
    order: VecDeque<String>,
}

/// Takes a delivery: whoever can sign one may let be read again what is registered, and nothing else.
pub(crate) async fn github(State(app): State<App>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    match deliver(&app, request).await {
        Ok(answer) => answer,
        Err(refused) => refused.answer(&id, "application/json"),
    }
}

async fn deliver(app: &App, request: Request) -> Result<Response, Refused> {
    let Inner { secrets, seen } = &*app.webhooks.0;
    if secrets.is_empty() {
        let message = "webhooks are not taken; give `events.modules.github.webhookSecret` in the configuration, or the \
                       `webhookSecret` of an App";
        return Err(Refused::new(StatusCode::NOT_FOUND, "NOT_FOUND", message));
    }
    let (parts, body) = request.into_parts();
    let signature = named(&parts.headers, "x-hub-signature-256")?;
    let (event, delivery) = (named(&parts.headers, "x-github-event")?, named(&parts.headers, "x-github-delivery")?);
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, LARGEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let message = format!("the payload was cut off, or is larger than {LARGEST} bytes");
            return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED", message));
        }
        Err(_) => {
            let message = format!("the payload did not come within {} s", PATIENCE.as_secs());
            return Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message).with(header::CONNECTION, "close"));
        }
    };
    if !verify(secrets, &body, &signature) {
        let message = "the signature is not that of the payload by `events.modules.github.webhookSecret` or the \
                       `webhookSecret` of an App";
        return Err(Refused::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message));
    }
    // Under a signature that is valid, so that nobody else fills what is remembered.
    if seen.lock().unwrap_or_else(PoisonError::into_inner).known.contains(&delivery) {
        return Ok((StatusCode::OK, Json(json!({"delivery": delivery, "known": true}))).into_response());
    }
    let event = Event::read(&event, &body).map_err(|error| Refused::bad_input(error.to_string()))?;
    let told = tokio::time::timeout(WITHIN, app.catalog.tell(&Caller::system(), &event)).await;
    let locations = match told {
        Ok(Ok(locations)) => locations,
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, delivery, "a webhook could not be queued");
            return Err(later());
        }
        Err(_) => return Err(later()),
    };
    tracing::info!(delivery, ?event, locations, "webhook taken");
    // Only now: one that could not be queued may come again.
    seen.lock().unwrap_or_else(PoisonError::into_inner).remember(delivery.clone());
    Ok((StatusCode::ACCEPTED, Json(json!({"delivery": delivery, "locations": locations}))).into_response())
}

fn later() -> Refused {
    let message = "the event could not be queued; deliver it again";
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
}

fn named(headers: &HeaderMap, name: &'static str) -> Result<String, Refused> {
    let value = headers.get(name).and_then(|it| it.to_str().ok()).filter(|it| !it.is_empty() && it.len() <= 100);
    value.map(str::to_owned).ok_or_else(|| Refused::bad_input(format!("the header `{name}` is missing or no text")))
}

// === impl Webhooks ===

impl Webhooks {
    pub(crate) fn of(secrets: Vec<Secret>) -> Self {
        Self(Arc::new(Inner { secrets, seen: Mutex::default() }))
    }
}

// === impl Seen ===

impl Seen {
    fn remember(&mut self, delivery: String) {
        if self.known.insert(delivery.clone()) {
            self.order.push_back(delivery);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
