//! Requests and answers with their whole bodies.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, request::Parts},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::faults::Fault;

/// A request with its whole body.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// An answer with its whole body.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The connection ends here.
#[derive(Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was to be cut")
    }
}

impl std::error::Error for Cut {}

// === impl Asked ===

impl Asked {
    pub(super) fn new(parts: Parts, body: Bytes) -> Self {
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        Self { method: parts.method, path, query, headers: parts.headers, body }
    }

    /// The same caller asks for something else.
    pub(super) fn beside(&self, path: &str, query: String) -> Self {
        let headers = self.headers.clone();
        Self { method: Method::GET, path: path.to_owned(), query, headers, body: Bytes::new() }
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The bearer token of the request.
    pub(super) fn token(&self) -> Option<String> {
        let value = self.headers.get("authorization")?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        let is_bearer = ["bearer", "token"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
        is_bearer.then(|| token.trim().to_owned())
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

// === impl Answer ===

impl Answer {
    pub(super) fn new(status: u16, kind: &str, body: &str) -> Self {
        let answer = Self { status, headers: HeaderMap::new(), body: Bytes::copy_from_slice(body.as_bytes()) };
        answer.header("content-type", kind)
    }

    pub(super) fn of(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", &body.to_string())
    }

    /// A refusal as GitHub words it.
    pub(super) fn message(status: u16, message: &str) -> Self {
        let documentation = "https://docs.github.com/rest";
        Self::of(status, &json!({"message": message, "documentation_url": documentation, "status": status.to_string()}))
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    /// With a strong validator, or 304 when the caller has it already.
    pub(super) fn conditional(self, asked: &Asked) -> Self {
        if self.status != 200 || !matches!(asked.method, Method::GET | Method::HEAD) {
            return self;
        }
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.body);
        let tag = format!("\"{}\"", hash.as_ref().iter().map(|it| format!("{it:02x}")).collect::<String>());
        let has = asked.headers.get_all("if-none-match").iter().filter_map(|it| it.to_str().ok());
        let has = has.flat_map(|it| it.split(',')).any(|it| matches!(it.trim(), it if it == "*" || it == tag));
        let answer = self.header("etag", &tag).header("cache-control", "private, max-age=60, s-maxage=60");
        if has { Self { status: 304, body: Bytes::new(), ..answer } } else { answer }
    }

    pub(super) fn into_response(self, fault: Option<Fault>) -> Result<Response<Body>, Cut> {
        let (length, half) = (self.body.len(), self.body.len() / 2);
        let (first, rest) = (self.body.slice(..half), self.body.slice(half..));
        let body = match fault {
            Some(Fault::Cut) => return Err(Cut),
            Some(Fault::HalfBody) => {
                let rest = stream::once(async {
                    // The first half is sent before the end comes.
                    tokio::task::yield_now().await;
                    Err(Cut)
                });
                Body::from_stream(stream::iter([Ok(first)]).chain(rest))
            }
            Some(Fault::SlowBody(gate)) => {
                let rest = stream::once(async move {
                    gate.pass().await;
                    Ok::<_, Infallible>(rest)
                });
                Body::from_stream(stream::iter([Ok(first)]).chain(rest))
            }
            _ => Body::from(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        *response.headers_mut() = self.headers;
        if !matches!(self.status, 204 | 304) {
            response.headers_mut().insert("content-length", length.into());
        }
        Ok(response)
    }
}
