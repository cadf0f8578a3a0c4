//! Callers and what they may do.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use plinth_model::{Actor, ActorKind, EntityRef};

/// Who asks for something, and what they may do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    actor: Arc<Actor>,
    scope: Scope,
    groups: Arc<[Membership]>,
    expires_at: Option<DateTime<Utc>>,
}

/// How far a caller's rights go; the later ones include those before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// To see.
    Read,
    /// To see and to change.
    Write,
}

/// A group that a caller belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// How far it is: 1 for a group that names the caller, 2 for the group above that.
    pub steps: usize,
    /// The group.
    pub group: EntityRef,
}

/// The caller's rights do not go so far.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it needs the scope `{needed}`, and `{subject}` has the scope `{scope}`")]
pub struct Forbidden {
    /// Who asked.
    pub subject: String,
    /// What the caller has.
    pub scope: Scope,
    /// What it takes.
    pub needed: Scope,
}

// === impl Caller ===

impl Caller {
    /// Whoever reaches a server in development mode from the same machine.
    pub fn local_developer() -> Self {
        Self::new(Actor::local_developer(), Scope::Write)
    }

    /// Plinth itself, or who commands it at its own machine.
    pub fn system() -> Self {
        let subject = format!("service:{}", crate::name::SYSTEM);
        Self::new(Actor { subject, kind: ActorKind::System, display_name: "Plinth".to_owned() }, Scope::Write)
    }

    /// A program.
    pub fn service(name: &str, scope: Scope) -> Self {
        let subject = format!("service:{name}");
        Self::new(Actor { subject, kind: ActorKind::Service, display_name: name.to_owned() }, scope)
    }

    /// A person of the catalog; groups the nearest first.
    pub fn user(user: &EntityRef, display_name: &str, groups: Vec<Membership>, scope: Scope) -> Self {
        let (subject, display_name) = (user.to_string(), display_name.to_owned());
        let caller = Self::new(Actor { subject, kind: ActorKind::User, display_name }, scope);
        Self { groups: groups.into(), ..caller }
    }

    /// The same caller until a time.
    #[must_use]
    pub fn until(self, expires_at: Option<DateTime<Utc>>) -> Self {
        Self { expires_at, ..self }
    }

    fn new(actor: Actor, scope: Scope) -> Self {
        Self { actor: Arc::new(actor), scope, groups: Arc::default(), expires_at: None }
    }

    /// Who it is.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// How far the rights go.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The groups, the nearest first.
    pub fn groups(&self) -> &[Membership] {
        &self.groups
    }

    /// When the token ends; `None` where it does not.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// Asks for a right.
    ///
    /// # Errors
    /// Where the caller does not have it.
    pub fn may(&self, needed: Scope) -> Result<(), Forbidden> {
        if self.scope >= needed {
            return Ok(());
        }
        Err(Forbidden { subject: self.actor.subject.clone(), scope: self.scope, needed })
    }
}

// === impl Scope ===

impl Scope {
    /// Its name on the command line and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|it| it.as_str() == name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_only_read_may_not_write() {
        let reader = Caller::service("ci", Scope::Read);
        assert_eq!(reader.may(Scope::Read), Ok(()));
        let refused = reader.may(Scope::Write).unwrap_err().to_string();
        assert_eq!(refused, "it needs the scope `write`, and `service:ci` has the scope `read`");
        for writer in [Caller::service("ci", Scope::Write), Caller::local_developer(), Caller::system()] {
            assert_eq!((writer.may(Scope::Read), writer.may(Scope::Write)), (Ok(()), Ok(())));
        }
    }
}
