//! What goes wrong on demand.

use std::sync::Arc;

use tokio::sync::watch;

use super::{PATIENCE, messages::Answer};

/// What goes wrong with a request. Numbers are seconds.
#[derive(Clone)]
pub(crate) enum Fault {
    /// 502 with a page of HTML, as from the machines before GitHub's own.
    BadGateway,
    /// 403 of the secondary limit with `Retry-After`.
    RetryAfter(u64),
    /// 403 of the secondary limit without it.
    SecondaryLimit,
    /// 403 that is no limit: the App lacks a permission.
    Forbidden,
    /// 404: it is not there, or the caller may not see it.
    NotFound,
    /// 429, perhaps with `Retry-After`.
    TooManyRequests(Option<u64>),
    /// The connection ends before the answer.
    Cut,
    /// The connection ends in the middle of the answer.
    HalfBody,
    /// Half of the answer comes at once, the rest when the gate is opened.
    SlowBody(Gate),
    /// Nothing happens until the gate is opened; then the answer is right.
    Held(Gate),
}

impl Fault {
    /// The answer that stands for GitHub's own, if this is such a fault.
    pub(super) fn answer(&self) -> Option<Answer> {
        let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let answer = match self {
            Self::BadGateway => Answer::new(502, "text/html", "<html><title>Unicorn!</title></html>"),
            Self::RetryAfter(seconds) => Answer::message(403, secondary).header("retry-after", &seconds.to_string()),
            Self::SecondaryLimit => Answer::message(403, secondary),
            Self::Forbidden => Answer::message(403, "Resource not accessible by integration"),
            Self::NotFound => Answer::message(404, "Not Found"),
            Self::TooManyRequests(None) => Answer::message(429, secondary),
            Self::TooManyRequests(Some(seconds)) => {
                Answer::message(429, secondary).header("retry-after", &seconds.to_string())
            }
            Self::Cut | Self::HalfBody | Self::SlowBody(_) | Self::Held(_) => return None,
        };
        Some(answer)
    }
}

/// Where requests wait until the test lets them go on.
#[derive(Clone)]
pub(crate) struct Gate(Arc<watch::Sender<At>>);

/// How many have come to a gate, and whether it is open.
#[derive(Clone, Copy, Default)]
struct At {
    reached: usize,
    is_open: bool,
}

// === impl Gate ===

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }

    /// Waits until this many requests have come to it.
    pub(crate) async fn reached(&self, requests: usize) {
        let mut at = self.0.subscribe();
        let reached = at.wait_for(|at| at.reached >= requests);
        tokio::time::timeout(PATIENCE, reached).await.expect("requests come to the gate").unwrap();
    }

    /// Lets all go on, also those that come later.
    pub(crate) fn open(&self) {
        self.0.send_modify(|at| at.is_open = true);
    }

    /// What a request does.
    pub(super) async fn pass(&self) {
        self.0.send_modify(|at| at.reached += 1);
        // It cannot close: this is a sender of it.
        self.0.subscribe().wait_for(|at| at.is_open).await.unwrap();
    }
}
