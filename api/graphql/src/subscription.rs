//! What can be followed.

use async_graphql::{Context, Result, SimpleObject, Subscription, Union};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{Stream, stream};
use plinth_catalog::{Feed, FeedEvent, FeedPlace, FeedStart, Told};

use crate::{
    api::call,
    entity::Entity,
    error::{bad_input, fault},
    scalar::{Cursor, DateTime, EntityRef, Revision},
    stream::{StreamReset, StreamResetReason, StreamSynced},
};

/// What the stream of the catalog's changes tells.
#[derive(Union)]
pub(crate) enum CatalogEvent {
    CatalogChanged(CatalogChanged),
    StreamSynced(StreamSynced),
    StreamReset(StreamReset),
}

/// Changes to be applied as one; at most 100 entities. No reference is in both lists.
#[derive(SimpleObject)]
pub(crate) struct CatalogChanged {
    /// Where the stream is then.
    pub(crate) cursor: Cursor,
    /// When it was told.
    pub(crate) at: DateTime,
    /// The catalog's; the entities are as of it.
    pub(crate) revision: Revision,
    /// New, or others than before; 100 at most.
    pub(crate) upserted: Vec<Entity>,
    /// Left the catalog; 100 at most.
    pub(crate) deleted: Vec<EntityRef>,
    /// More of the same revision, or of the snapshot, follows: commit when it is false.
    pub(crate) more: bool,
}

/// What can be followed.
#[derive(Default)]
pub(crate) struct CatalogSubscription;

/// What can be followed, by WebSocket or event stream.
#[Subscription(name = "Subscription")]
impl CatalogSubscription {
    /// The catalog's changes: states, not history. What changed three times meanwhile comes once, as it is now. Without
    /// `after` and `snapshot` it begins now, with a `StreamSynced`: who waits for that and then asks by query misses nothing.
    async fn catalog_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on behind this cursor, also on another server of the same data.")] after: Option<Cursor>,
        #[graphql(desc = "Where there is no usable cursor, begin with all that there is; false when left out.")]
        snapshot: Option<bool>,
    ) -> Result<impl Stream<Item = Result<CatalogEvent>>> {
        let or_snapshot = snapshot == Some(true);
        let start = match after {
            Some(cursor) => FeedStart::After { place: place(&cursor.0)?, or_snapshot },
            None if or_snapshot => FeedStart::Snapshot,
            None => FeedStart::Now,
        };
        let call = call(ctx);
        let feed = call.catalog.follow_from(&call.caller, start).map_err(|error| fault(&error))?;
        Ok(stream::unfold(Some(feed), move |feed| async move {
            let mut feed: Feed = feed?;
            match feed.next().await {
                Ok(event) => {
                    call.show(event.snapshot.clone());
                    Some((Ok(told(event)), Some(feed)))
                }
                Err(error) => Some((Err(fault(&error)), None)),
            }
        }))
    }
}

fn told(FeedEvent { place, at, snapshot, told }: FeedEvent) -> CatalogEvent {
    let cursor = Cursor(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default()));
    let at = DateTime(at);
    match told {
        Told::Changed { upserted, deleted, more } => CatalogEvent::CatalogChanged(CatalogChanged {
            cursor,
            at,
            revision: Revision(snapshot.revision()),
            upserted: upserted.iter().map(Entity::of).collect(),
            deleted: deleted.into_iter().map(EntityRef).collect(),
            more,
        }),
        Told::Synced => CatalogEvent::StreamSynced(StreamSynced { cursor, at }),
        Told::Foreign => {
            CatalogEvent::StreamReset(StreamReset { cursor, at, reason: StreamResetReason::CursorForeign })
        }
    }
}

fn place(cursor: &str) -> Result<FeedPlace> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| bad_input("`after` is no cursor of this stream; say back one that it gave"))
}
