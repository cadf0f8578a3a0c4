//! Documents as the catalog would take them.

use async_graphql::{Context, Enum, Object};

use crate::{api::call, entity::Entity, scalar::EntityRef};

/// What taking a document does.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "plinth_catalog::FoundChange")]
pub(crate) enum FoundChange {
    /// The entity is new.
    Added,
    /// The entity becomes another.
    Changed,
    /// The entity stays as it is.
    Unchanged,
    /// The document is wrong, or another one holds its reference.
    Refused,
}

/// A document as the catalog takes it.
#[derive(Clone)]
pub(crate) struct FoundEntity(pub(crate) plinth_catalog::FoundEntity);

/// A document as the catalog takes it.
#[Object]
impl FoundEntity {
    /// The reference that the document gives.
    #[graphql(name = "ref")]
    async fn ref_(&self) -> EntityRef {
        EntityRef(self.0.reference.clone())
    }

    /// The kind, as the document writes it.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// The title, where the document was taken.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// What taking it does.
    async fn change(&self) -> FoundChange {
        self.0.change.into()
    }

    /// What stands there now; null when it would be new.
    async fn entity(&self, ctx: &Context<'_>) -> Option<Entity> {
        call(ctx).entity(&self.0.reference)
    }
}
