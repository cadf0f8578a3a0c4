//! From the body of a request to a GraphQL document.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt;
use plinth_graphql::Request as Document;
use serde_json::{Map, Value};

use super::{REQUEST_BYTES, Refused};

/// How long a client may take to send its body.
const BODY_TIME: Duration = Duration::from_secs(10);
/// Bytes that are read of a body that is too large.
const DROPPED_BYTES: usize = 8 << 20;

/// The document of a POST. Nothing is read of a body that says that it is no JSON, packed or far too large.
pub(super) async fn read(request: Request) -> Result<Document, Refused> {
    let headers = request.headers();
    check_type(headers)?;
    check_encoding(headers)?;
    let says = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok());
    let most = if headers.contains_key(header::EXPECT) { REQUEST_BYTES } else { DROPPED_BYTES };
    if says.is_some_and(|bytes: usize| bytes > most) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIME, collect(request.into_body())).await {
        Ok(body) => document(json(&body?)?),
        Err(_) => {
            let message = format!("the body did not come within {} s", BODY_TIME.as_secs());
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message).with(header::CONNECTION, "close"))
        }
    }
}

/// The bytes of a body. What is a little too large is read to its end and dropped, for who still sends hears no refusal.
async fn collect(body: Body) -> Result<Vec<u8>, Refused> {
    let (mut chunks, mut held, mut seen) = (body.into_data_stream(), Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refused::bad_input("the body ended before its end"))?;
        seen += chunk.len();
        if seen <= REQUEST_BYTES {
            held.extend_from_slice(&chunk);
        } else if seen > DROPPED_BYTES {
            break;
        }
    }
    if seen > REQUEST_BYTES { Err(too_large()) } else { Ok(held) }
}

/// JSON of at most 127 values inside each other: the library's own limit, which holds while it reads.
pub(crate) fn json(body: &[u8]) -> Result<Value, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::bad_input(format!("the body is no JSON: {error}")))
}

/// `{query, variables?, operationName?, extensions?}`.
pub(crate) fn document(value: Value) -> Result<Document, Refused> {
    let refused = |message: &str| Err(Refused::bad_input(message));
    let mut members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return refused("several requests at once are not taken: send one at a time"),
        _ => return refused("the body is no JSON object; expected one with `query`"),
    };
    let query = match members.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return refused("`query` is no string; expected a GraphQL document"),
        None => return refused("`query` is missing; expected a GraphQL document as a string"),
    };
    let variables = match members.remove("variables") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(variables)) => variables,
        Some(_) => return refused("`variables` is no object"),
    };
    let operation_name = match members.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return refused("`operationName` is no string"),
    };
    match members.remove("extensions") {
        // None is known here, so none changes anything.
        None | Some(Value::Null | Value::Object(_)) => Ok(Document { query, operation_name, variables }),
        Some(_) => refused("`extensions` is no object"),
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("application/json"));
    let charset = parts.find_map(|it| it.to_ascii_lowercase().strip_prefix("charset=").map(str::to_owned));
    if is_json && charset.is_none_or(|it| it.trim_matches('"') == "utf-8") {
        return Ok(());
    }
    let message = "expected the content type `application/json`, in UTF-8";
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", message))
}

fn check_encoding(headers: &HeaderMap) -> Result<(), Refused> {
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    if encodings.iter().all(|it| it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let message = "packed bodies are not taken: send it without `Content-Encoding`";
    let refused = Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", message);
    Err(refused.with(header::ACCEPT_ENCODING, "identity"))
}

fn too_large() -> Refused {
    let message = format!("the body is larger than {REQUEST_BYTES} bytes");
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED", message).with(header::CONNECTION, "close")
}
