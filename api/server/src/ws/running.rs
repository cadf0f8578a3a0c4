//! The operations of a socket that have not ended.

use std::collections::HashMap;

use futures_util::StreamExt;
use plinth_graphql::{Admitted, Answer, Api, Kind};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::AbortHandle,
};
use tracing::Instrument;

/// Answers that wait for a slow client; its operations wait, too, when there are more.
const WAITING: usize = 16;

/// The operations under way, each a task of its own.
pub(super) struct Running {
    operations: HashMap<String, Operation>,
    /// Tells an operation from an earlier one of the same id.
    number: u64,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

struct Operation {
    number: u64,
    kind: Kind,
    /// What its request weighs.
    bytes: usize,
    task: AbortHandle,
}

/// What an operation has to say.
pub(super) struct Event {
    number: u64,
    pub(super) id: String,
    pub(super) said: Said,
}

/// What is said.
pub(super) enum Said {
    Next(Answer),
    /// It was refused and has ended.
    Refused(Answer),
    Complete,
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    pub(super) fn new() -> Self {
        let (sender, events) = mpsc::channel(WAITING);
        Self { operations: HashMap::new(), number: 0, sender, events }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.operations.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.operations.len()
    }

    /// What the requests under way weigh together.
    pub(super) fn bytes(&self) -> usize {
        self.operations.values().map(|it| it.bytes).sum()
    }

    pub(super) fn start(&mut self, id: String, bytes: usize, api: &Api, admitted: Admitted) {
        self.number += 1;
        let (number, kind, sender) = (self.number, admitted.kind(), self.sender.clone());
        let work = run(api.clone(), admitted, number, id.clone(), sender);
        let task = tokio::spawn(work.in_current_span()).abort_handle();
        self.operations.insert(id, Operation { number, kind, bytes, task });
    }

    /// Ends it; what it has said and is still waiting is never sent.
    pub(super) fn end(&mut self, id: &str) {
        self.operations.remove(id);
    }

    /// Ends all that would never end by themselves.
    pub(super) fn end_subscriptions(&mut self) {
        self.operations.retain(|_, operation| operation.kind != Kind::Subscription);
    }

    /// The next event of an operation that is still wanted.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            let Some(event) = self.events.recv().await else {
                // A sender is in `self`, so this cannot be.
                return std::future::pending().await;
            };
            let is_wanted = self.operations.get(&event.id).is_some_and(|it| it.number == event.number);
            if !is_wanted {
                continue;
            }
            if !matches!(event.said, Said::Next(_)) {
                self.operations.remove(&event.id);
            }
            return event;
        }
    }
}

async fn run(api: Api, admitted: Admitted, number: u64, id: String, sender: Sender<Event>) {
    let mut answers = api.stream(admitted);
    let mut is_first = true;
    while let Some(answer) = answers.next().await {
        let is_refused = is_first && !answer.executed;
        is_first = false;
        let said = if is_refused { Said::Refused(answer) } else { Said::Next(answer) };
        // Who receives is there until this task is aborted.
        let is_heard = sender.send(Event { number, id: id.clone(), said }).await.is_ok();
        if is_refused || !is_heard {
            return;
        }
    }
    let _ = sender.send(Event { number, id, said: Said::Complete }).await;
}
