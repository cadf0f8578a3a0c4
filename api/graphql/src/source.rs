//! Where an entity comes from.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use crate::{
    api::call,
    error::fault,
    location::RegisteredLocation,
    page::LARGEST,
    problem::CatalogProblem,
    scalar::{DateTime, Url},
};

/// Where an entity comes from, and what is wrong there.
pub(crate) struct EntitySource(pub(crate) Arc<plinth_catalog::Entity>);

/// Where an entity comes from, and what is wrong there.
#[Object]
impl EntitySource {
    /// The location that holds it; null for an orphan.
    async fn location(&self, ctx: &Context<'_>) -> Option<RegisteredLocation> {
        self.0.location.and_then(|it| call(ctx).location(it))
    }

    /// Where a person can read it.
    async fn view_url(&self) -> Option<Url> {
        self.annotated("backstage.io/view-url")
    }

    /// Where a person can edit it.
    async fn edit_url(&self) -> Option<Url> {
        self.annotated("backstage.io/edit-url")
    }

    /// When its document was last found as the catalog holds it.
    async fn read_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        let call = call(ctx);
        call.catalog.read_at(&call.caller, &self.0).map(DateTime).map_err(|it| fault(&it))
    }

    /// Whether no location holds it any more.
    async fn orphan(&self) -> bool {
        self.0.is_orphan()
    }

    /// What names this entity among the problems, 100 at most.
    async fn problems(&self, ctx: &Context<'_>) -> Vec<CatalogProblem> {
        let all = call(ctx).snapshot().problems_of(&self.0.reference);
        all.iter().take(LARGEST).cloned().map(CatalogProblem).collect()
    }
}

impl EntitySource {
    fn annotated(&self, key: &str) -> Option<Url> {
        let annotations = self.0.strings_at("/metadata/annotations");
        let text = annotations.into_iter().find(|(it, _)| it == key)?.1;
        url::Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(|url| Url(url.into()))
    }
}
