//! How much a caller may ask.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::messages::Answer;

/// Requests an hour, as GitHub has it with a token and without one.
const LIMIT: u64 = 5000;
const ANONYMOUS_LIMIT: u64 = 60;
const HOUR: Duration = Duration::from_secs(3600);

/// What the callers have left until the limit is renewed.
pub(super) struct Limits {
    remaining: u64,
    anonymous: u64,
    /// Seconds since 1970.
    renewed: u64,
    left: HashMap<Option<String>, u64>,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

// === impl Limits ===

impl Limits {
    /// As GitHub has it.
    pub(super) fn ordinary() -> Self {
        Self::new(LIMIT, ANONYMOUS_LIMIT, HOUR)
    }

    /// With less until it is renewed.
    pub(super) fn new(remaining: u64, anonymous: u64, renewed: Duration) -> Self {
        let renewed = now() + renewed.as_secs();
        Self { remaining, anonymous, renewed, left: HashMap::new() }
    }

    /// What a caller has left.
    pub(super) fn left(&mut self, token: &Option<String>) -> u64 {
        if now() >= self.renewed {
            *self = Self::ordinary();
        }
        let all = if token.is_some() { self.remaining } else { self.anonymous };
        *self.left.entry(token.clone()).or_insert(all)
    }

    /// Counts a request, unless its answer is 304, and tells the caller.
    pub(super) fn tell(&mut self, token: &Option<String>, answer: Answer) -> Answer {
        let left = self.left(token).saturating_sub(u64::from(answer.status != 304));
        self.left.insert(token.clone(), left);
        let limit = if token.is_some() { LIMIT } else { ANONYMOUS_LIMIT };
        let used = limit.saturating_sub(left);
        let mut answer = answer.header("x-ratelimit-resource", "core");
        for (name, number) in [("limit", limit), ("remaining", left), ("used", used), ("reset", self.renewed)] {
            answer = answer.header(&format!("x-ratelimit-{name}"), &number.to_string());
        }
        answer
    }
}
