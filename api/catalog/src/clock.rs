//! The catalog's clock: what runs on its own has no caller that could say what time it is.

use chrono::{DateTime, Utc};

/// The time, to microseconds, as Postgres keeps it.
#[expect(
    clippy::disallowed_methods,
    reason = "the worker runs on its own; everything below it takes the time as a parameter"
)]
pub(crate) fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
