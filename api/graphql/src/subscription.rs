//! What can be followed.

mod catalog;
mod syncs;

use async_graphql::{MergedSubscription, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::{catalog::CatalogChanged, syncs::LocationSyncChanged};
use crate::{api::Call, error::bad_input, scalar::Cursor};

/// What can be followed, by WebSocket or event stream.
#[derive(MergedSubscription, Default)]
pub(crate) struct Subscription(catalog::CatalogSubscription, syncs::SyncSubscription);

/// A place in a stream, as clients keep it.
fn cursor(place: &impl Serialize) -> Cursor {
    Cursor(URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default()))
}

/// Where a stream goes on: at its own place, or where the request says.
fn resumed<T: DeserializeOwned>(call: &Call, after: Option<Cursor>) -> Result<Option<T>> {
    match &call.resume {
        Some(place) => Ok(serde_json::from_str(place).ok()),
        None => after.map(|cursor| place(&cursor)).transpose(),
    }
}

/// The place that a cursor names.
fn place<T: DeserializeOwned>(cursor: &Cursor) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| bad_input("`after` is no cursor of this stream; say back one that it gave"))
}
