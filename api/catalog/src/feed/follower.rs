//! Who follows a stream, asked again whenever something happens.

use std::sync::Arc;

use plinth_auth::Caller;

/// Says who asks by now, whenever something happens; `None` where nobody does any more.
pub type Who = Arc<dyn Fn() -> Option<Caller> + Send + Sync>;

/// Who follows.
pub(crate) struct Follower {
    who: Who,
    caller: Caller,
}

impl Follower {
    pub(crate) fn of(caller: &Caller, who: Who) -> Self {
        Self { who, caller: caller.clone() }
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Asks again: whether they may see other things than before; `None` where they are no caller any more.
    pub(crate) fn is_changed(&mut self) -> Option<bool> {
        let before = std::mem::replace(&mut self.caller, (self.who)()?);
        Some(before.scope() != self.caller.scope() || before.groups() != self.caller.groups())
    }
}
