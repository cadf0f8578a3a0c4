//! Places of streams: a caller has only so many, and the server waits for all of them when it stops.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use plinth_auth::Caller;
use tokio::sync::watch;

/// How many sockets and event streams one caller may hold at a time.
pub(crate) const SEATS_OF_A_CALLER: usize = 64;

/// Counts the streams of each caller. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Seats(Arc<Inner>);

struct Inner {
    callers: Mutex<HashMap<String, usize>>,
    open: watch::Sender<usize>,
}

/// One of a caller's; free again when dropped.
pub(crate) struct Seat {
    seats: Seats,
    subject: String,
}

/// Something that the server waits for.
pub(crate) struct Open(Seats);

impl Seats {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner { callers: Mutex::default(), open: watch::Sender::new(0) }))
    }

    /// A seat of the caller; `None` when all are taken.
    pub(crate) fn take(&self, caller: &Caller) -> Option<Seat> {
        let mut callers = self.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = callers.entry(caller.actor().subject.clone()).or_default();
        if *taken == SEATS_OF_A_CALLER {
            return None;
        }
        *taken += 1;
        Some(Seat { seats: self.clone(), subject: caller.actor().subject.clone() })
    }

    /// Lets the server wait until this is dropped.
    pub(crate) fn open(&self) -> Open {
        self.0.open.send_modify(|open| *open += 1);
        Open(self.clone())
    }

    /// Waits until nothing is open.
    pub(crate) async fn all_closed(&self) {
        // The sender is in `self`, so this cannot fail.
        let _ = self.0.open.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut callers = self.seats.0.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = callers.get_mut(&self.subject) {
            *taken -= 1;
            if *taken == 0 {
                callers.remove(&self.subject);
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.open.send_modify(|open| *open -= 1);
    }
}
