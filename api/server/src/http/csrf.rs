//! Requests that a foreign page makes a browser send.
//!
//! A page can make a browser send what needs no preflight: a GET, a form, a WebSocket, each with the cookies of this
//! server. Forms and texts are refused by their content type. A GET changes nothing, and the page cannot read the answer.
//! What is left is refused here: a wrong `Origin`, and a cookie without a sign that the sender is no foreign page.

use axum::http::{HeaderMap, Method, StatusCode, header};

use super::{App, Refused};

/// A header that no page may send elsewhere without a preflight, which CORS refuses.
pub(super) const PREFLIGHT: &str = "graphql-require-preflight";

/// Refuses what a foreign page may have sent.
pub(super) fn check(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), Refused> {
    if *method != Method::GET {
        check_origin(app, headers)?;
    }
    let only_cookie = headers.contains_key(header::COOKIE) && !headers.contains_key(header::AUTHORIZATION);
    // Cookies know no port: on the developer's own machine those of other programs come along and mean nothing.
    if !only_cookie || app.development {
        return Ok(());
    }
    if !headers.contains_key(PREFLIGHT) {
        let message = "a request that only a cookie authenticates needs the header `GraphQL-Require-Preflight: 1`";
        return Err(Refused::new(StatusCode::FORBIDDEN, "FORBIDDEN", message));
    }
    check_origin(app, headers)
}

/// Refuses a page of another origin. Who sends no `Origin` is no page, or one of our own that reads.
pub(super) fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Refused> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    if origin.to_str().is_ok_and(|origin| app.origins.permit(origin, host)) {
        return Ok(());
    }
    let message = "pages of this origin may not ask here; `backend.cors.origin` lists those that may";
    Err(Refused::new(StatusCode::FORBIDDEN, "FORBIDDEN", message))
}
