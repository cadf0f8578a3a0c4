//! The catalog's changes.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject, Subscription, Union};
use futures_util::{Stream, stream};
use plinth_catalog::{Feed, FeedEvent, FeedStart, Follow, Told};

use super::{cursor, resumed};
use crate::{
    api::Call,
    entity::{Entity, EntityFilter},
    error::fault,
    scalar::{Cursor, DateTime, EntityRef, Revision},
    stream::{StreamReset, StreamSynced},
};

/// What the stream of the catalog's changes tells.
#[derive(Union)]
pub(crate) enum CatalogEvent {
    CatalogChanged(CatalogChanged),
    StreamSynced(StreamSynced),
    StreamReset(StreamReset),
}

/// Changes to be applied as one; at most 100 entities or 1 MiB. No reference is in both lists.
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
    /// Left the catalog or the filter; 100 at most.
    pub(crate) deleted: Vec<EntityRef>,
    /// More of the same revision, or of the snapshot, follows: commit when it is false.
    pub(crate) more: bool,
}

#[derive(Default)]
pub(super) struct CatalogSubscription;

#[Subscription]
impl CatalogSubscription {
    /// The catalog's changes: states, not history. What changed three times meanwhile comes once, as it is now. Without
    /// `after` and `snapshot` it begins now, with a `StreamSynced`: who waits for that and then asks by query misses nothing.
    async fn catalog_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entities; all when left out. What leaves it is told as deleted.")] filter: Option<
            EntityFilter,
        >,
        #[graphql(
            desc = "Go on behind this cursor, also on another server of the same data. Say the same filter with it."
        )]
        after: Option<Cursor>,
        #[graphql(desc = "Where there is no usable cursor, begin with all that there is; false when left out.")]
        snapshot: Option<bool>,
    ) -> Result<impl Stream<Item = Result<CatalogEvent>>> {
        let or_snapshot = snapshot == Some(true);
        let call = ctx.data_unchecked::<Arc<Call>>().clone();
        let start = match resumed(&call, after)? {
            Some(place) => FeedStart::After { place, or_snapshot },
            None if or_snapshot => FeedStart::Snapshot,
            None => FeedStart::Now,
        };
        let filter = filter.map(|filter| EntityFilter::read(Some(filter))).transpose()?;
        let follow = Follow { start, filter, goes_on: call.resume.is_some(), who: call.who.clone() };
        let feed = call.catalog.follow_from(&call.caller, follow).map_err(|error| fault(&error))?;
        Ok(stream::unfold(Some(feed), move |feed| {
            let call = call.clone();
            async move {
                let mut feed: Feed = feed?;
                match feed.next().await {
                    Ok(Some(event)) => {
                        call.show(event.snapshot.clone());
                        call.set_mark(&event.place.settled(), matches!(event.told, Told::Synced));
                        Some((Ok(told(event)), Some(feed)))
                    }
                    Ok(None) => None,
                    Err(error) => Some((Err(fault(&error)), None)),
                }
            }
        }))
    }
}

fn told(FeedEvent { place, at, snapshot, told }: FeedEvent) -> CatalogEvent {
    let (cursor, at) = (cursor(&place), DateTime(at));
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
        Told::Reset(reason) => CatalogEvent::StreamReset(StreamReset { cursor, at, reason: reason.into() }),
    }
}
