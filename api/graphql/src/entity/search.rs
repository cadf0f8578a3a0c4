//! Searching entities, and why one was found.

use async_graphql::{Context, Result, SimpleObject};
use plinth_catalog::{Entity as Stored, Found, Marker, SearchText};

use super::view;
use crate::{
    api::call,
    error::{bad_input, fault},
};

/// Entities that a search lists at most, the best first.
pub(crate) const BEST: usize = 1000;

/// A field's text, or a part of it where it is long, cut where matches begin and end.
#[derive(SimpleObject)]
pub(crate) struct Highlight {
    /// `name`, `title`, `displayName` (of a profile), `description`, `tags`, `owner` or `definition`.
    field: &'static str,
    /// The pieces in order; some hundred bytes in all.
    parts: Vec<HighlightPart>,
}

/// A piece of text.
#[derive(SimpleObject)]
pub(crate) struct HighlightPart {
    /// The piece.
    text: String,
    /// Whether it was searched for.
    #[graphql(name = "match")]
    is_match: bool,
}

/// What the search finds in the request's catalog; nothing where the text is blank, which searches nothing.
pub(super) async fn find(ctx: &Context<'_>, text: &str) -> Result<Option<Found>> {
    let read = SearchText::read(text).map_err(|error| bad_input(format!("`search`: {error}")))?;
    let Some(text) = read else { return Ok(None) };
    let call = call(ctx);
    let found = call.catalog.search().find(&call.snapshot(), &text).await.map_err(|error| fault(&error))?;
    Ok(Some(found))
}

/// Why an entity was found.
pub(super) async fn highlights(ctx: &Context<'_>, entity: &Stored, marker: Option<&Marker>) -> Result<Vec<Highlight>> {
    let Some(marker) = marker else { return Ok(Vec::new()) };
    let definition = view::definition(ctx, entity).await?;
    let found = marker.highlights(entity, definition.as_deref());
    Ok(found.into_iter().map(Highlight::of).collect())
}

// === impl Highlight ===

impl Highlight {
    fn of(highlight: plinth_catalog::Highlight) -> Self {
        let plinth_catalog::Highlight { field, parts } = highlight;
        let parts =
            parts.into_iter().map(|plinth_catalog::HighlightPart { text, is_match }| HighlightPart { text, is_match });
        Self { field, parts: parts.collect() }
    }
}
