//! All routes, and what is done with each request and answer.

use std::time::Duration;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing,
};
use tower_http::compression::{
    CompressionLayer,
    predicate::{DefaultPredicate, Predicate, SizeAbove},
};
use tracing::Instrument;

use super::{App, Refused, RequestId, cors, get, host, negotiation::Media, post};
use crate::{caller::caller, metrics, traces, webhooks};

/// Smaller answers are sent as they are: packing them costs more than it saves.
const PACKED_ABOVE: u16 = 4 << 10;

/// How long `/readyz` waits for the database: many who probe give up after a second.
const PROBED_WITHIN: Duration = Duration::from_millis(500);

/// All routes.
pub(crate) fn router(app: App) -> Router {
    // Event streams are left alone by the default.
    let packed = DefaultPredicate::new().and(SizeAbove::new(PACKED_ABOVE));
    let mut router = Router::new()
        .route("/graphql", routing::get(get::get).post(post::post).fallback(other_method))
        .route("/graphiql/{file}", routing::get(get::asset))
        .route("/healthz", routing::get(|| async { "ok\n" }))
        .route("/readyz", routing::get(ready))
        .route("/metrics", routing::get(scraped))
        .route("/webhooks/github", routing::post(webhooks::github))
        .layer(CompressionLayer::new().compress_when(packed));
    if let Some(cors) = app.origins.cors() {
        router = router.layer(cors::layer(cors));
    }
    router
        .layer(middleware::from_fn_with_state(app.clone(), host::check))
        .layer(middleware::from_fn(observe))
        .with_state(app)
}

/// Gives each request its id and each answer Plinth's version; logs both.
async fn observe(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", request_id = id.0, otel.kind = "server", %method, path);
    traces::join(&span, request.headers());
    request.extensions_mut().insert(id.clone());
    let began = std::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::debug!(%method, path, status, micros, "answered"));
    let headers = response.headers_mut();
    headers.insert("plinth-version", HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", id);
    }
    response
}

async fn ready(State(app): State<App>) -> Response {
    if !app.catalog.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the catalog is being read\n").into_response();
    }
    // What is known is served without the database, so it is no reason to be left out, like all others on it.
    match app.db.ping(PROBED_WITHIN).await {
        Ok(()) => (StatusCode::OK, "ready\n").into_response(),
        Err(_) => (StatusCode::OK, "ready; the database does not answer: no change is accepted\n").into_response(),
    }
}

/// For whoever may read: in development mode everybody, else who has a token.
async fn scraped(State(app): State<App>, Extension(id): Extension<RequestId>, headers: HeaderMap) -> Response {
    let caller = match caller(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refused.answer(&id, Media::Json.content_type()),
    };
    match app.metrics.scraped(&caller, &app).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            let refused =
                Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "something went wrong on our side");
            refused.answer(&id, Media::Json.content_type())
        }
    }
}

async fn other_method(Extension(id): Extension<RequestId>) -> Response {
    let message = "GraphQL is sent by POST, or a query by GET";
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message);
    refused.with(header::ALLOW, "GET, HEAD, POST").answer(&id, Media::Json.content_type())
}
