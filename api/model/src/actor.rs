//! Who does something.

/// A person, a service, or Plinth itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// A reference for who is in the catalog, else `service:NAME`.
    pub subject: String,
    /// What it is.
    pub kind: ActorKind,
    /// What a person reads.
    pub display_name: String,
}

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// Whoever reaches a server in development mode from the same machine.
    LocalDeveloper,
    /// A program with a token.
    Service,
    /// A person.
    User,
    /// Plinth: time-outs, intervals.
    System,
}

impl Actor {
    /// The person at this machine.
    pub fn local_developer() -> Self {
        Self {
            subject: "service:local-developer".to_owned(),
            kind: ActorKind::LocalDeveloper,
            display_name: "Local developer".to_owned(),
        }
    }
}
