//! Who is calling.

use async_graphql::{Context, Enum, Object, Result};
use plinth_auth::Membership;

use crate::{
    api::call,
    argument::Int,
    entity::{Entity, EntityConnection},
    page::{Arguments, Gathered},
    rights,
    scalar::DateTime,
};

/// What an actor is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_model::ActorKind")]
pub(crate) enum ActorKind {
    /// Whoever reaches a server in development mode from the same machine.
    LocalDeveloper,
    /// A program with a token.
    Service,
    /// A person.
    User,
    /// Plinth itself: time-outs, intervals.
    System,
}

/// A person, a service, or Plinth itself.
pub(crate) struct Actor(pub(crate) plinth_model::Actor);

/// A person, a service, or Plinth itself.
#[Object]
impl Actor {
    /// A reference for who is in the catalog, else `service:NAME`.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What it is.
    async fn kind(&self) -> ActorKind {
        self.0.kind.into()
    }

    /// What a person reads.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The User, where the actor is in the catalog.
    async fn entity(&self, ctx: &Context<'_>) -> Option<Entity> {
        call(ctx).entity(&reference(&self.0)?)
    }
}

/// The caller.
pub(crate) struct Viewer;

/// The caller.
#[Object]
impl Viewer {
    /// Who it is.
    async fn actor(&self, ctx: &Context<'_>) -> Actor {
        Actor(call(ctx).caller.actor().clone())
    }

    /// Groups through `memberOf` and the groups above them, the nearest first.
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
        first: Option<Int>,
        #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
        #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
    ) -> Result<EntityConnection> {
        let call = call(ctx);
        let snapshot = call.snapshot();
        let groups = call.caller.groups().iter().filter_map(|Membership { steps, group }| {
            // As text, so that the nearest sort first.
            Some((format!("{steps:04} {group}"), snapshot.find(group)?.clone()))
        });
        let list = Gathered(groups.collect());
        EntityConnection::of(ctx, &list, "viewer groups", Arguments { first, after, last, before })
    }

    /// Root fields that the caller may use at all, some thirty at most.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<String> {
        let caller = &call(ctx).caller;
        let fields = rights::all().filter(|(_, _, needed)| caller.may(*needed).is_ok());
        fields.map(|(_, field, _)| field.to_owned()).collect()
    }

    /// When the token or the session ends; null where it does not.
    async fn expires_at(&self, ctx: &Context<'_>) -> Option<DateTime> {
        call(ctx).caller.expires_at().map(DateTime)
    }
}

/// The reference of an actor that may be in the catalog. `service:NAME` reads like a short one of the kind `service`, so
/// only a reference in full counts.
fn reference(actor: &plinth_model::Actor) -> Option<plinth_model::EntityRef> {
    let reference: plinth_model::EntityRef = actor.subject.parse().ok()?;
    (reference.as_str() == actor.subject).then_some(reference)
}
