//! Arguments that are read by the field, not by the executor: a wrong one then fails the field with our code and leaves
//! the key in the answer, where the executor would drop both.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Result, Value, registry::Registry};
use plinth_model::EntityRefError;

use crate::{error::bad_input, scalar};

/// An `Int`, of whatever size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Int(pub(crate) i64);

/// The text of an `EntityRef`.
#[derive(Debug, Clone)]
pub(crate) struct EntityRef(String);

/// The text of a `URL`.
#[derive(Debug, Clone)]
pub(crate) struct Url(String);

/// The text of a `DateTime`.
#[derive(Debug, Clone)]
pub(crate) struct DateTime(String);

// === impl Int ===

impl InputType for Int {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <i32 as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <i32 as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value {
            Some(Value::Number(number)) if !number.is_f64() => Ok(Self(number.as_i64().unwrap_or(i64::MAX))),
            other => Err(InputValueError::expected_type(other.unwrap_or_default())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

// === impl EntityRef ===

impl EntityRef {
    /// The reference that the argument of this name gives.
    pub(crate) fn of(&self, argument: &str) -> Result<plinth_model::EntityRef> {
        self.0.parse().map_err(|error| bad_input(format!("`{argument}`: {error}")))
    }

    /// The reference; the default kind is that of one that says none.
    pub(crate) fn read(&self, default_kind: Option<&str>) -> Result<plinth_model::EntityRef, EntityRefError> {
        plinth_model::EntityRef::parse(&self.0, default_kind, "default")
    }
}

// === impl Url ===

impl Url {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

// === impl DateTime ===

impl DateTime {
    /// The instant, or what is expected in its place.
    pub(crate) fn read(&self) -> Result<chrono::DateTime<chrono::Utc>, &'static str> {
        self.0.parse().map_err(|_| "expected an instant as RFC 3339 writes it: `2026-11-25T19:22:55Z`")
    }
}

/// A text whose type in the schema is a scalar.
macro_rules! text {
    ($name:ident) => {
        impl InputType for $name {
            type RawValueType = Self;

            fn type_name() -> Cow<'static, str> {
                <scalar::$name as InputType>::type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                <scalar::$name as InputType>::create_type_info(registry)
            }

            fn parse(value: Option<Value>) -> InputValueResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other.unwrap_or_default())),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }
    };
}

text!(EntityRef);
text!(Url);
text!(DateTime);
