//! `Host`: a page whose name was made to mean this machine must not be taken for one of our own.
//!
//! A foreign page may let its own name point to 127.0.0.1 after it was loaded; the browser then takes this server for the
//! page's origin and lets it read everything. Only the name in `Host` shows it.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header, uri::Authority},
    middleware::Next,
    response::Response,
};
use url::Url;

use super::{App, Refused, RequestId, negotiation::Accepted};

/// The names that requests may call a server by. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Hosts {
    /// Whoever reaches it knows how; a token says who it is.
    Any,
    /// On loopback: its names, and this one.
    Loopback(Arc<Option<String>>),
}

impl Hosts {
    /// Those of loopback, and the one of `backend.baseUrl`, which a proxy may pass on.
    pub(crate) fn of_loopback(base_url: Option<&Url>) -> Self {
        Self::Loopback(Arc::new(base_url.and_then(Url::host_str).map(str::to_ascii_lowercase)))
    }

    fn include(&self, authority: &str) -> bool {
        let Self::Loopback(own) = self else { return true };
        let Some(authority) = authority.parse::<Authority>().ok().filter(|it| !it.as_str().contains('@')) else {
            return false;
        };
        let host = authority.host().to_ascii_lowercase();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok_and(|it| it.to_canonical().is_loopback())
            || host == "localhost"
            || host.ends_with(".localhost")
            || own.as_deref() == Some(host.as_str())
    }
}

/// Refuses requests for another host. One without any comes from no browser.
pub(super) async fn check(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let named = headers.get_all(header::HOST).iter().map(|it| it.to_str().unwrap_or_default());
    let mut named = named.chain(request.uri().authority().map(Authority::as_str));
    if named.all(|it| app.hosts.include(it)) {
        return next.run(request).await;
    }
    let message = "this server is not known by that name: ask it by `localhost`, or by the host of `backend.baseUrl`";
    let refused = Refused::new(StatusCode::MISDIRECTED_REQUEST, "FORBIDDEN", message);
    refused.answer(&id, Accepted::of(headers).refusal())
}
