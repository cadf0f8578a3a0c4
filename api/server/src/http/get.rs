//! GET: queries, subscriptions by event stream, WebSockets, and GraphiQL for a browser in development mode.

use axum::{
    Extension,
    extract::{FromRequestParts, Path, Request, State, WebSocketUpgrade},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use plinth_graphql::{Context, Request as Document};
use serde_json::{Map, Value};

use super::{
    App, Refused, RequestId, body, csrf,
    execute::{self, Operations},
    negotiation::Accepted,
    revision,
};
use crate::{
    caller::{caller, who},
    graphiql, ws,
};

pub(super) async fn get(State(app): State<App>, Extension(id): Extension<RequestId>, request: Request) -> Response {
    let accepted = Accepted::of(request.headers());
    let answer = if asks_for_socket(request.headers()) {
        upgrade(app, request).await
    } else if accepted.html && app.development && graphiql::EMBEDDED {
        let headers =
            [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, graphiql::POLICY)];
        Ok((headers, graphiql::PAGE).into_response())
    } else {
        query(&app, &id, accepted, request.uri(), request.headers()).await
    };
    answer.unwrap_or_else(|refused| refused.answer(&id, accepted.refusal()))
}

/// A file of GraphiQL.
pub(super) async fn asset(State(app): State<App>, Path(name): Path<String>) -> Response {
    match graphiql::file(&name).filter(|_| app.development) {
        Some((kind, content)) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

fn asks_for_socket(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn upgrade(app: App, request: Request) -> Result<Response, Refused> {
    csrf::check_origin(&app, request.headers())?;
    let (mut parts, _) = request.into_parts();
    match WebSocketUpgrade::from_request_parts(&mut parts, &app).await {
        Ok(upgrade) => Ok(ws::answer(app, parts.headers, upgrade)),
        Err(rejection) => Err(Refused::new(rejection.status(), "BAD_USER_INPUT", rejection.body_text())),
    }
}

async fn query(
    app: &App,
    id: &RequestId,
    accepted: Accepted,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    csrf::check(app, &Method::GET, headers)?;
    let caller = caller(app, headers)?;
    let document = document(uri.query().unwrap_or_default()).map_err(|refused| hint(app, accepted, refused))?;
    revision::wait(app, &caller, headers).await?;
    let context = Context { caller, who: who(app, headers), request_id: id.0.clone() };
    execute::answer(app, headers, document, context, accepted, Operations::Reading).await
}

/// What a browser without a query is told.
fn hint(app: &App, accepted: Accepted, refused: Refused) -> Refused {
    if !accepted.html {
        return refused;
    }
    let why = match app.development {
        true => "this binary was built without GraphiQL (feature `graphiql`)",
        false => "GraphiQL is served in development mode only",
    };
    Refused { message: format!("{why}; {}", refused.message), ..refused }
}

/// `query`, `variables` and `extensions` as JSON, `operationName`; others are nobody's.
fn document(parameters: &str) -> Result<Document, Refused> {
    let mut members = Map::new();
    for (name, value) in parameters.split('&').filter_map(|it| it.split_once('=')) {
        let value = decoded(value)?;
        let value = match name {
            "variables" | "operationName" | "extensions" if value.is_empty() => Value::Null,
            "query" | "operationName" => Value::String(value),
            "variables" | "extensions" => body::json(value.as_bytes()).map_err(|refused| {
                let message = refused.message.replacen("the body", &format!("`{name}`"), 1);
                Refused { message, ..refused }
            })?,
            _ => continue,
        };
        if members.insert(name.to_owned(), value).is_some() {
            return Err(Refused::bad_input(format!("`{name}` is there twice")));
        }
    }
    body::document(Value::Object(members))
}

/// As forms write it: `+` is a space.
fn decoded(text: &str) -> Result<String, Refused> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(Into::into).map_err(|_| Refused::bad_input("the URL is not UTF-8"))
}
