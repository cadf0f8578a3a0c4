//! HTTP: GraphQL by POST, GraphiQL, health.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Request, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use plinth_auth::Auth;
use plinth_catalog::Catalog;
use plinth_graphql::{Api, Context, Request as Document};
use plinth_model::Ids;
use serde_json::{Map, Value, json};
use tracing::Instrument;

use crate::{caller::caller, graphiql};

/// Bytes of a request's body.
pub(crate) const REQUEST_BYTES: usize = 1 << 20;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) api: Api,
    pub(crate) catalog: Catalog,
    pub(crate) auth: Auth,
    pub(crate) development: bool,
}

/// Why a request is not executed.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    /// `extensions.code`.
    code: &'static str,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Names a request in logs and answers.
#[derive(Clone)]
struct RequestId(String);

/// All routes.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/graphql", get(page).post(graphql))
        .route("/graphiql/{file}", get(asset))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES))
        .layer(middleware::from_fn(observe))
        .with_state(app)
}

/// Gives each request its id and each answer Plinth's version; logs both.
async fn observe(mut request: Request, next: Next) -> Response {
    let id = Ids.ordered().simple().to_string();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", request_id = id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = std::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::debug!(%method, path, status, micros, "answered"));
    let headers = response.headers_mut();
    headers.insert("plinth-version", HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    response
}

async fn ready(State(app): State<App>) -> Response {
    if app.catalog.is_ready() {
        (StatusCode::OK, "ready\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the catalog is being read\n").into_response()
    }
}

/// GraphiQL for a browser in development mode.
async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    let html = accepts(&headers, "text/html");
    if html && app.development && graphiql::EMBEDDED {
        let headers =
            [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, graphiql::POLICY)];
        return (headers, graphiql::PAGE).into_response();
    }
    let message = if html && !app.development {
        "GraphiQL is served in development mode only; send GraphQL by POST"
    } else if html {
        "this binary was built without GraphiQL (feature `graphiql`); send GraphQL by POST"
    } else {
        "send GraphQL by POST"
    };
    let allow = if html { "GET, POST" } else { "POST" };
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allow)], format!("{message}\n")).into_response()
}

async fn asset(State(app): State<App>, Path(name): Path<String>) -> Response {
    match graphiql::file(&name).filter(|_| app.development) {
        Some((kind, content)) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

async fn graphql(State(app): State<App>, request: Request) -> Response {
    let id = request.extensions().get::<RequestId>().map(|it| it.0.clone()).unwrap_or_default();
    let headers = request.headers().clone();
    let caller = match caller(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refused.answer(&id),
    };
    if !is_json(&headers) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return refused(status, "BAD_USER_INPUT", "expected the content type `application/json`", &id);
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(BytesRejection::FailedToBufferBody(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("the body is larger than {REQUEST_BYTES} bytes");
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED", &message, &id);
        }
        Err(rejection) => return refused(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &rejection.body_text(), &id),
    };
    let document = match document(&body) {
        Ok(document) => document,
        Err(message) => return refused(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &message, &id),
    };
    let context = Context { caller, request_id: id };
    let answer = app.api.execute(document, context).await;
    // By GraphQL over HTTP, who accepts only JSON gets 200 also for a document that was refused.
    let graphql = accepts(&headers, GRAPHQL);
    let status = if answer.executed || !graphql { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let kind = if graphql { GRAPHQL } else { JSON };
    (status, [(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], answer.body).into_response()
}

/// `{query, variables?, operationName?, extensions?}`.
fn document(body: &[u8]) -> Result<Document, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let Value::Object(mut members) = value else {
        return Err("the body is no JSON object; expected one with `query`".to_owned());
    };
    let query = match members.remove("query") {
        Some(Value::String(query)) => query,
        _ => return Err("`query` is missing; expected a GraphQL document as a string".to_owned()),
    };
    let variables = match members.remove("variables") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(variables)) => variables,
        Some(_) => return Err("`variables` is no object".to_owned()),
    };
    let operation_name = match members.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err("`operationName` is no string".to_owned()),
    };
    Ok(Document { query, operation_name, variables })
}

fn refused(status: StatusCode, code: &'static str, message: &str, id: &str) -> Response {
    Refused::new(status, code, message).answer(id)
}

// === impl Refused ===

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    /// What the caller gave cannot be taken.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    fn answer(self, id: &str) -> Response {
        let Self { status, code, message, headers } = self;
        let body = json!({"errors": [{"message": message, "extensions": {"code": code, "requestId": id}}]});
        let mut response = (status, axum::Json(body)).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JSON)
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let all = headers.get_all(header::ACCEPT);
    all.iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .any(|it| it.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind))
}
