//! Refusals that one can foresee.

use async_graphql::{Enum, SimpleObject};

/// What sort of refusal it is. There will be more sorts.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UserErrorCode {
    /// The input is wrong.
    Invalid,
    /// What the input names is not there.
    NotFound,
    /// It is not what it was.
    Conflict,
    /// No rule allows it.
    NotAllowed,
    /// Not what can be done with it now (decided, ended, at work).
    WrongState,
    /// It is larger or longer than what is taken.
    LimitExceeded,
    /// The same key came with another input.
    IdempotencyKeyReused,
    /// Something that it needs cannot be reached.
    Unavailable,
}

/// A refusal that one can foresee; the payload's object is then null.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct UserError {
    /// What sort of refusal it is.
    code: UserErrorCode,
    /// For a person: what is wrong, and the way out.
    message: String,
    /// The path into the input, indexes as text: `["values", "hosts", "0"]`; as long as the input is deep. Null where it is
    /// about the whole.
    field: Option<Vec<String>>,
}

impl UserError {
    /// A refusal of one field of the input.
    pub(crate) fn of(field: &str, code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(vec![field.to_owned()]) }
    }
}
