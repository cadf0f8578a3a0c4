//! Errors as clients see them: a code, the request's id, no internal text.

use std::time::Duration;

use async_graphql::{Error, ErrorExtensionValues, ServerError, Value};
use plinth_model::ErrorKind;

use crate::api::Kind;

/// A refusal of what the caller gave.
pub(crate) fn bad_input(message: impl Into<String>) -> Error {
    with_code(message, ErrorKind::Invalid.code())
}

/// The caller may not.
pub(crate) fn forbidden(message: impl Into<String>) -> Error {
    with_code(message, ErrorKind::Forbidden.code())
}

/// A fault: its text goes to the log, the client learns only what sort it is.
pub(crate) fn fault(error: &plinth_catalog::Error) -> Error {
    if let plinth_catalog::Error::Forbidden(refused) = error {
        return forbidden(refused.to_string());
    }
    tracing::error!(error = error as &dyn std::error::Error, "a field could not be read");
    let message = match error {
        plinth_catalog::Error::SearchEnded => "the search has ended; the server must be started anew",
        _ if error.kind() == ErrorKind::Unavailable => "the database does not answer; try again later",
        _ => "something went wrong on our side",
    };
    with_code(message, error.kind().code())
}

/// What is stored does not mean what it must; the reason goes to the log.
pub(crate) fn damaged(error: &(dyn std::error::Error + 'static)) -> Error {
    tracing::error!(error, "a stored document could not be read");
    with_code("something went wrong on our side", ErrorKind::Internal.code())
}

fn with_code(message: impl Into<String>, code: &str) -> Error {
    let mut error = Error::new(message);
    let mut values = ErrorExtensionValues::default();
    values.set("code", code);
    error.extensions = Some(values);
    error
}

/// A resolver panicked; where stands in the log.
pub(crate) fn panicked() -> ServerError {
    let mut error = ServerError::new("something went wrong on our side", None);
    set_code(&mut error, ErrorKind::Internal.code());
    error
}

/// The time of an operation was over.
pub(crate) fn timed_out(patience: Duration, kind: Kind) -> ServerError {
    let seconds = patience.as_secs();
    let hint = match kind {
        Kind::Mutation => "whether it did what it should is not known: look before you try again",
        Kind::Query | Kind::Subscription => "ask for less at once, or try again later",
    };
    let mut error = ServerError::new(format!("it took longer than {seconds} s; {hint}"), None);
    set_code(&mut error, "TIMEOUT");
    error
}

/// Gives an error its code.
pub(crate) fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_default().set("code", code);
}

/// The code of an error.
pub(crate) fn code(error: &ServerError) -> String {
    match error.extensions.as_ref().and_then(|it| it.get("code")) {
        Some(Value::String(code)) => code.clone(),
        _ => String::new(),
    }
}

/// Gives an error its request's id and, where it has none, a code.
pub(crate) fn complete(error: &mut ServerError, executed: bool, request_id: &str) {
    if code(error).is_empty() {
        // What the library refuses while it executes is an argument that a scalar does not take.
        set_code(error, if executed { "BAD_USER_INPUT" } else { "GRAPHQL_VALIDATION_FAILED" });
    }
    error.extensions.get_or_insert_default().set("requestId", request_id);
}
