//! Readings of locations, while they go on.

use std::sync::Arc;

use async_graphql::{Context, ID, Result, SimpleObject, Subscription, Union};
use futures_util::{Stream, stream};
use plinth_catalog::{LocationId, SyncEvent, SyncFeed, SyncTold};
use plinth_model::NodeId;

use super::{cursor, resumed};
use crate::{
    api::Call,
    error::{bad_input, fault},
    scalar::{Cursor, DateTime},
    stream::{StreamReset, StreamSynced},
    sync::LocationSync,
};

/// What the stream of readings tells.
#[derive(Union)]
pub(crate) enum LocationSyncEvent {
    LocationSyncChanged(LocationSyncChanged),
    StreamSynced(StreamSynced),
    StreamReset(StreamReset),
}

/// How a reading stands now.
#[derive(SimpleObject)]
pub(crate) struct LocationSyncChanged {
    /// Where the stream is then.
    pub(crate) cursor: Cursor,
    /// When it was told.
    pub(crate) at: DateTime,
    /// The reading.
    pub(crate) sync: LocationSync,
}

#[derive(Default)]
pub(super) struct SyncSubscription;

#[Subscription]
impl SyncSubscription {
    /// Readings of locations: states, not history. Those at work come first. One that nobody asked for, that ends at once and
    /// finds all as it was, is not told.
    async fn location_syncs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which location; of all when left out.")] location_id: Option<ID>,
        #[graphql(desc = "Go on behind this cursor, also on another server of the same data.")] after: Option<Cursor>,
    ) -> Result<impl Stream<Item = Result<LocationSyncEvent>>> {
        let location = location_id.map(|id| match NodeId::decode(&id) {
            Ok(NodeId::Location(id)) => Ok(LocationId(id)),
            _ => Err(bad_input("`locationId` is no id of a location")),
        });
        let call = ctx.data_unchecked::<Arc<Call>>().clone();
        let after = resumed(&call, after)?;
        let feed = call.catalog.follow_readings(&call.caller, location.transpose()?, after, call.who.clone());
        let feed = feed.map_err(|error| fault(&error))?;
        Ok(stream::unfold(feed, move |mut feed: SyncFeed| {
            let call = call.clone();
            async move {
                let event = feed.next().await?;
                call.show(event.snapshot.clone());
                call.set_mark(&event.place.settled(), matches!(event.told, SyncTold::Synced));
                Some((Ok(told(event)), feed))
            }
        }))
    }
}

fn told(SyncEvent { place, at, told, .. }: SyncEvent) -> LocationSyncEvent {
    let (cursor, at) = (cursor(&place), DateTime(at));
    match told {
        SyncTold::Changed(sync) => {
            LocationSyncEvent::LocationSyncChanged(LocationSyncChanged { cursor, at, sync: LocationSync(*sync) })
        }
        SyncTold::Synced => LocationSyncEvent::StreamSynced(StreamSynced { cursor, at }),
        SyncTold::Reset(reason) => LocationSyncEvent::StreamReset(StreamReset { cursor, at, reason: reason.into() }),
    }
}
