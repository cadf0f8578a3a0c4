//! Scalars with a specification behind them.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Instant, SecondsFormat, Utc};

/// An instant in UTC, as RFC 3339 writes it: `2026-11-25T19:22:55.123456Z`.
pub(crate) struct DateTime(pub(crate) Instant<Utc>);

/// An instant in UTC, as RFC 3339 writes it: `2026-11-25T19:22:55.123456Z`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    fn is_valid(given: &Value) -> bool {
        // The text itself is read by the field, which can name it.
        matches!(given, Value::String(_))
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match given {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }
}

/// ISO 8601 duration: `PT10S`.
pub(crate) struct Duration(String);

impl Duration {
    pub(crate) fn of(duration: std::time::Duration) -> Self {
        Self(format!("PT{}S", duration.as_secs_f64()))
    }

    /// The duration, where the text is one.
    pub(crate) fn get(&self) -> Option<std::time::Duration> {
        plinth_model::iso_duration(&self.0)
    }
}

/// ISO 8601 duration: `PT10S`.
#[Scalar(specified_by_url = "https://www.iso.org/standard/70907.html")]
impl ScalarType for Duration {
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn is_valid(given: &Value) -> bool {
        // The text itself is read by the field, which can name it.
        matches!(given, Value::String(_))
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match given {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }
}

/// A place in a stream: say it as `after` to go on from there.
pub(crate) struct Cursor(pub(crate) String);

/// A place in a stream: say it as `after` to go on from there.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc4648#section-5")]
impl ScalarType for Cursor {
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn is_valid(given: &Value) -> bool {
        // The text itself is read by the field, which can name it.
        matches!(given, Value::String(_))
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match given {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }
}

/// An absolute URL.
pub(crate) struct Url(pub(crate) String);

/// An absolute URL.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match given {
            Value::String(text) => Ok(Self(url::Url::parse(&text)?.into())),
            other => Err(InputValueError::expected_type(other)),
        }
    }
}

/// Any value that JSON can write.
pub(crate) struct Json(pub(crate) serde_json::Value);

/// Any value that JSON can write.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        Ok(Self(given.into_json()?))
    }
}

/// `[kind:][namespace/]name`, always answered in full and in lower case: `component:default/user-service`. A kind may
/// be left out only where the field has one by default.
pub(crate) struct EntityRef(pub(crate) plinth_model::EntityRef);

/// `[kind:][namespace/]name`, always answered in full and in lower case: `component:default/user-service`. A kind may
/// be left out only where the field has one by default.
#[Scalar(specified_by_url = "https://backstage.io/docs/features/software-catalog/references")]
impl ScalarType for EntityRef {
    fn to_value(&self) -> Value {
        Value::String(self.0.as_str().to_owned())
    }

    fn is_valid(given: &Value) -> bool {
        // The text itself is read by the field, which can name the argument and keeps its key in the answer.
        matches!(given, Value::String(_))
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match given {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }
}

/// Number of a catalog change, a JSON integer. Rises by one with each accepted change; to compare only while
/// `Server.dataId` stays.
pub(crate) struct Revision(pub(crate) plinth_model::Revision);

/// Number of a catalog change, a JSON integer. Rises by one with each accepted change; to compare only while
/// `Server.dataId` stays.
#[Scalar(specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Revision {
    fn to_value(&self) -> Value {
        self.0.0.into()
    }

    fn parse(given: Value) -> InputValueResult<Self> {
        match &given {
            Value::Number(number) => match number.as_i64() {
                Some(number) => Ok(Self(plinth_model::Revision(number))),
                None => Err(InputValueError::expected_type(given)),
            },
            _ => Err(InputValueError::expected_type(given)),
        }
    }
}
