//! One execution for all who follow the same.
//!
//! Each follower begins with an execution of its own: what it missed is its own affair. At the end of what there is to tell,
//! it joins those who ask the same with the same rights: for each change one of them is executed, and all are given its bytes.
//! Nobody is waited for: who reads slowly falls out and goes on alone from its place until it has caught up.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_graphql::{Response, Value};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use plinth_auth::Caller;
use plinth_catalog::Who;
use plinth_model::ActorKind;
use tokio::sync::watch;

use crate::{
    answer::{About, Answer, Asked},
    api::{Api, Call},
    error,
};

/// Events that are kept for those who have not read them yet.
const MOST_EVENTS: usize = 64;

/// What is followed by several, and how much was executed for it.
#[derive(Default)]
pub(crate) struct Topics {
    topics: Mutex<HashMap<Key, Arc<Topic>>>,
    executed: AtomicU64,
    told: AtomicU64,
}

/// What must be the same for all who share an execution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    query: String,
    operation_name: Option<String>,
    variables: String,
    rights: String,
}

/// What is told to all who ask the same.
struct Topic {
    asked: Arc<Asked>,
    events: watch::Sender<Events>,
}

/// The latest events.
struct Events {
    /// The number of the first that is kept.
    first: u64,
    kept: VecDeque<Event>,
    /// Where the stream is.
    mark: String,
    is_over: bool,
}

/// An event, from one place to the next.
#[derive(Clone)]
struct Event {
    from: String,
    to: String,
    /// JSON; `None` where something failed, which each is told for itself.
    data: Option<Arc<str>>,
    revision: i64,
}

/// Somebody who follows.
struct Follower {
    api: Api,
    about: About,
    caller: Caller,
    who: Who,
    mark: Option<String>,
    state: State,
}

enum State {
    Alone(Alone),
    With { events: watch::Receiver<Events>, next: u64 },
    Over,
}

/// An execution for one follower.
struct Alone {
    responses: BoxStream<'static, Result<Response, ()>>,
    call: Arc<Call>,
}

/// What a follower has joined, and behind which event.
struct Joined {
    asked: Arc<Asked>,
    events: watch::Receiver<Events>,
    next: u64,
}

/// Follows what a request asks for.
pub(crate) fn follow(
    api: Api,
    request: async_graphql::Request,
    call: Arc<Call>,
    about: About,
) -> BoxStream<'static, Answer> {
    let (caller, who) = (call.caller.clone(), call.who.clone());
    let state = State::Alone(Alone::of(&api, request, call));
    let follower = Follower { api, about, caller, who, mark: None, state };
    stream::unfold(follower, Follower::next).boxed()
}

// === impl Follower ===

impl Follower {
    async fn next(mut self) -> Option<(Answer, Self)> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Alone(mut alone) => {
                    let Ok(response) = alone.responses.next().await? else {
                        return Some((self.about.refusal(error::panicked(), &alone.call), self));
                    };
                    let answer = self.about.answer(response, &alone.call, &self.api.types);
                    self.api.topics.count_execution();
                    self.api.topics.told.fetch_add(1, Ordering::Relaxed);
                    let (mark, is_at_end) = alone.call.mark();
                    self.mark = mark.or(self.mark);
                    self.state = match (&self.mark, is_at_end) {
                        (Some(mark), true) => self.join(alone, mark.clone()),
                        _ => State::Alone(alone),
                    };
                    return Some((answer, self));
                }
                State::With { mut events, next } => match next_event(&mut events, next).await {
                    Some(Event { to, data: Some(data), revision, .. }) => {
                        self.mark = Some(to);
                        self.state = State::With { events, next: next + 1 };
                        self.api.topics.told.fetch_add(1, Ordering::Relaxed);
                        return Some((self.about.shared(&data, revision), self));
                    }
                    _ => self.state = self.go_alone()?,
                },
                State::Over => return None,
            }
        }
    }

    fn join(&mut self, alone: Alone, mark: String) -> State {
        let key = Key::of(&self.about.asked, &self.caller);
        match self.api.topics.join(&self.api, key, &self.about.asked, alone, mark) {
            Ok(Joined { asked, events, next }) => {
                // One copy for all of them.
                self.about.asked = asked;
                State::With { events, next }
            }
            Err(alone) => State::Alone(alone),
        }
    }

    /// Begins an execution of its own at its place.
    fn go_alone(&self) -> Option<State> {
        let (request, call) = self.api.again(&self.about, &self.caller, &self.who, self.mark.clone())?;
        Some(State::Alone(Alone::of(&self.api, request, call)))
    }
}

/// The event of a number; `None` where it is not kept any more, or will never come.
async fn next_event(events: &mut watch::Receiver<Events>, number: u64) -> Option<Event> {
    loop {
        {
            let events = events.borrow_and_update();
            let place = usize::try_from(number.checked_sub(events.first)?).ok()?;
            if let Some(event) = events.kept.get(place) {
                return Some(event.clone());
            }
            if events.is_over {
                return None;
            }
        }
        events.changed().await.ok()?;
    }
}

// === impl Alone ===

impl Alone {
    fn of(api: &Api, request: async_graphql::Request, call: Arc<Call>) -> Self {
        let responses = AssertUnwindSafe(api.schema.execute_stream(request)).catch_unwind();
        Self { responses: responses.map(|response| response.map_err(drop)).boxed(), call }
    }
}

// === impl Topics ===

impl Topics {
    /// How many events were executed, and how many were told.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.executed.load(Ordering::Relaxed), self.told.load(Ordering::Relaxed))
    }

    fn count_execution(&self) {
        self.executed.fetch_add(1, Ordering::Relaxed);
    }

    /// Joins those who ask the same, or is the first of them; refused where they are not at the same place.
    fn join(&self, api: &Api, key: Key, asked: &Arc<Asked>, alone: Alone, mark: String) -> Result<Joined, Alone> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(topic) = topics.get(&key) {
            let events = topic.events.subscribe();
            let next = events.borrow().behind(&mark);
            return match next {
                Some(next) => Ok(Joined { asked: topic.asked.clone(), events, next }),
                None => Err(alone),
            };
        }
        let empty = Events { first: 0, kept: VecDeque::new(), mark: mark.clone(), is_over: false };
        let topic = Arc::new(Topic { asked: asked.clone(), events: watch::Sender::new(empty) });
        let events = topic.events.subscribe();
        topics.insert(key.clone(), topic.clone());
        tokio::spawn(drive(api.clone(), key, topic, alone, mark));
        Ok(Joined { asked: asked.clone(), events, next: 0 })
    }

    /// Removes a topic that nobody follows any more.
    fn leave(&self, key: &Key, topic: &Topic) -> bool {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let is_unused = topic.events.receiver_count() == 0;
        if is_unused {
            topics.remove(key);
        }
        is_unused
    }

    fn end(&self, key: &Key, topic: &Topic) {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        topic.events.send_modify(|events| events.is_over = true);
    }
}

/// Executes one event after the other, as long as anybody follows.
async fn drive(api: Api, key: Key, topic: Arc<Topic>, mut alone: Alone, mut from: String) {
    loop {
        let response = tokio::select! {
            response = alone.responses.next() => response,
            () = topic.events.closed() => match api.topics.leave(&key, &topic) {
                true => return,
                false => continue,
            },
        };
        let Some(Ok(response)) = response else { return api.topics.end(&key, &topic) };
        api.topics.count_execution();
        let to = alone.call.mark().0.unwrap_or_else(|| from.clone());
        let event = Event {
            from: std::mem::replace(&mut from, to.clone()),
            to,
            data: written(response),
            revision: alone.call.snapshot().revision().0,
        };
        topic.events.send_modify(|events| events.push(event));
    }
}

/// The data of an answer without errors.
fn written(response: Response) -> Option<Arc<str>> {
    if !response.errors.is_empty() || response.data == Value::Null {
        return None;
    }
    serde_json::to_string(&response.data).ok().map(Into::into)
}

// === impl Events ===

impl Events {
    fn push(&mut self, event: Event) {
        self.mark.clone_from(&event.to);
        self.kept.push_back(event);
        while self.kept.len() > MOST_EVENTS {
            self.kept.pop_front();
            self.first += 1;
        }
    }

    /// The number of the event behind a place.
    fn behind(&self, mark: &str) -> Option<u64> {
        let number = |place: usize| self.first + u64::try_from(place).unwrap_or(u64::MAX);
        if self.is_over {
            None
        } else if self.mark == mark {
            Some(number(self.kept.len()))
        } else {
            self.kept.iter().position(|event| event.from == mark).map(number)
        }
    }
}

// === impl Key ===

impl Key {
    fn of(asked: &Asked, caller: &Caller) -> Self {
        let mut variables = asked.variables.clone();
        for name in &asked.places {
            // Where each has come from does not matter any more.
            variables.remove(name);
        }
        // What somebody may see hangs on the scope and, for a person, on who it is.
        let person = (caller.actor().kind == ActorKind::User).then(|| &caller.actor().subject);
        Self {
            query: asked.query.clone(),
            operation_name: asked.operation_name.clone(),
            variables: serde_json::Value::Object(variables).to_string(),
            rights: format!("{} {person:?} {:?}", caller.scope(), caller.groups()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_joins_behind_its_place_or_not_at_all() {
        let mut events = Events { first: 0, kept: VecDeque::new(), mark: "0".to_owned(), is_over: false };
        assert_eq!((events.behind("0"), events.behind("1")), (Some(0), None));
        for number in 0..100 {
            let (from, to) = (number.to_string(), (number + 1).to_string());
            events.push(Event { from, to, data: None, revision: 0 });
        }
        assert_eq!((events.behind("100"), events.behind("99"), events.behind("36")), (Some(100), Some(99), Some(36)));
        assert_eq!((events.behind("35"), events.behind("101")), (None, None));
        events.is_over = true;
        assert_eq!(events.behind("100"), None);
    }
}
