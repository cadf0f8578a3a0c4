//! Searching entities, and why one was found.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use plinth_catalog::{Entity as Stored, EntityFilter as Filter, Found, Marker, Mine, SearchText, Selection, Snapshot};

use super::{EntityConnection, EntityFilter, EntityOrder, view};
use crate::{
    api::call,
    error::{bad_input, fault},
    page::Arguments,
};

/// Entities that a search lists at most, the best first.
const BEST: usize = 1000;

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

/// Which entities are asked for.
pub(crate) struct Asked {
    pub(crate) filter: Option<EntityFilter>,
    pub(crate) search: Option<String>,
    pub(crate) order_by: Option<Vec<EntityOrder>>,
}

/// One page of what search and filter leave: in the order that is asked for, else the best first or by name.
pub(crate) async fn entities(ctx: &Context<'_>, asked: Asked, arguments: Arguments) -> Result<EntityConnection> {
    let Asked { filter, search, order_by } = asked;
    let is_ordered = order_by.as_ref().is_some_and(|order| !order.is_empty());
    let (filter, order) = (EntityFilter::read(filter)?, EntityOrder::read(order_by)?);
    let (snapshot, mine) = (call(ctx).snapshot(), Mine::of(&call(ctx).caller));
    let Some(found) = find(ctx, &snapshot, search.as_deref().unwrap_or_default()).await? else {
        let name = format!("entities {filter:?} {order:?}");
        return EntityConnection::selected(Selection::all(&snapshot).matching(filter, mine), order, &name, arguments);
    };
    let marker = found.marker();
    let name = format!("entities {search:?} {filter:?} {is_ordered} {order:?}");
    let is_whole = filter == Filter::everything() && !is_ordered && !ctx.look_ahead().field("facets").exists();
    if is_whole {
        return Ok(EntityConnection::best(&found.best(BEST), None, &name, arguments)?.marked(marker));
    }
    let selection = found.selection().matching(filter, mine);
    if is_ordered {
        return Ok(EntityConnection::selected(selection, order, &name, arguments)?.marked(marker));
    }
    let best = found.within(&selection).best(BEST);
    Ok(EntityConnection::best(&best, Some(selection), &name, arguments)?.marked(marker))
}

/// What the search finds in the request's catalog; nothing where the text is blank, which searches nothing.
async fn find(ctx: &Context<'_>, snapshot: &Arc<Snapshot>, text: &str) -> Result<Option<Found>> {
    let read = SearchText::read(text).map_err(|error| bad_input(format!("`search`: {error}")))?;
    let Some(text) = read else { return Ok(None) };
    let call = call(ctx);
    let search = call.catalog.search(&call.caller).map_err(|error| fault(&error))?;
    let found = search.find(snapshot, &text).await.map_err(|error| fault(&error))?;
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
