//! Requests that are not executed.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::RequestId;

/// Why a request is not executed.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    /// `extensions.code`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    /// What the caller gave cannot be taken.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    /// Something failed on our side; the reason goes to the log.
    pub(crate) fn fault(error: plinth_catalog::Error) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request could not be begun");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "something went wrong on our side")
    }

    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// The answer, in JSON of this media type.
    pub(crate) fn answer(self, id: &RequestId, media_type: &'static str) -> Response {
        let Self { status, code, message, headers } = self;
        let body = json!({"errors": [{"message": message, "extensions": {"code": code, "requestId": id.0}}]});
        let mut response = (status, [(header::CONTENT_TYPE, media_type)], body.to_string()).into_response();
        response.headers_mut().extend(headers);
        response
    }
}
