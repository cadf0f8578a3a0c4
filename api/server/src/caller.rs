//! Who asks: the one place where a request's headers become an actor.

use axum::http::HeaderMap;
use plinth_model::Actor;

use crate::http::{App, Refused};

/// Who sends these headers. Every transport asks here before it reads anything else; a WebSocket adds the `authorization`
/// of its `connection_init` to the headers of its upgrade.
#[expect(clippy::unnecessary_wraps, reason = "this version authorises nobody, so it refuses nobody")]
pub(crate) fn caller(_app: &App, _headers: &HeaderMap) -> Result<Actor, Refused> {
    Ok(Actor::local_developer())
}
