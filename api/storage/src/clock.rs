//! The clock, as precise as both databases keep it.

use chrono::{DateTime, Utc};

/// The time to microseconds, so that what is written is what is read. For what runs on its own and for the edges of the
/// house; everything below takes the time as a parameter.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
