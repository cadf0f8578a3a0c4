//! `backend.cors`: what pages of other origins may read. Without it there are none.

use axum::http::{HeaderName, HeaderValue, Method, header};
use plinth_config::Cors;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::csrf::PREFLIGHT;

/// The headers of CORS for the origins listed, each compared as a whole.
pub(super) fn layer(cors: &Cors) -> CorsLayer {
    let Cors { origins, methods, credentials } = cors;
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|it| it.parse().ok()).collect();
    let methods: Vec<Method> = methods.iter().filter_map(|it| it.parse().ok()).collect();
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods(methods)
        .allow_credentials(*credentials)
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static(PREFLIGHT),
            HeaderName::from_static("plinth-revision"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            HeaderName::from_static("plinth-version"),
            HeaderName::from_static("x-request-id"),
        ])
}
