//! Turns: who began first goes first, however long it took.

use std::collections::BTreeSet;

use tokio::sync::watch;

/// Gives turns in the order in which they are taken.
#[derive(Debug)]
pub(crate) struct Turns {
    given: u64,
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whose turn it is.
    next: u64,
    /// Those behind it that are over already.
    over: BTreeSet<u64>,
}

/// A turn; it is over when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    number: u64,
    state: watch::Sender<State>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { given: 0, state: watch::channel(State::default()).0 }
    }

    /// The turn behind all that were taken before.
    pub(crate) fn take(&mut self) -> Turn {
        let number = self.given;
        self.given += 1;
        Turn { number, state: self.state.clone() }
    }
}

impl Turn {
    /// Waits until all turns before it are over.
    pub(crate) async fn come(&self) {
        // It fails when all senders are gone, and this one is here.
        let _ = self.state.subscribe().wait_for(|state| state.next >= self.number).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.state.send_modify(|state| {
            state.over.insert(self.number);
            while state.over.remove(&state.next) {
                state.next += 1;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_come_in_the_order_in_which_they_were_taken() {
        let mut turns = Turns::new();
        let [first, second, third] = [turns.take(), turns.take(), turns.take()];
        let order = watch::channel(Vec::new()).0;
        let come = |turn: Turn, name: &'static str| {
            let order = order.clone();
            async move {
                turn.come().await;
                order.send_modify(|it| it.push(name));
            }
        };
        // One that ends out of order holds nobody up.
        drop(second);
        tokio::join!(come(third, "third"), come(first, "first"));
        assert_eq!(*order.borrow(), ["first", "third"]);
    }
}
