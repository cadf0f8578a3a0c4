//! Finding entities by what a person types.
//!
//! ```text
//! Snapshot ─ what changed ─ definitions ─ Index ─ commit ─ View
//!                                                           ▲
//!                                  SearchText ─ Search::find ─ hits ─ through the caller's Snapshot
//! ```
//!
//! The index follows the snapshots in batches and never stands between a change and its snapshot. What it has not seen yet is
//! not found; what left is no hit, whatever the index has.

mod best;
mod found;
mod index;
mod marker;
mod score;
#[cfg(test)]
mod tests;
mod text;
mod token;
mod view;
mod word;

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use plinth_model::{ContentHash, EntityRef, Revision};
use plinth_storage::Db;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

pub use self::{
    best::Best,
    found::{Found, Hit, HitKey},
    marker::{Highlight, HighlightPart, Marker},
    text::{SearchText, SearchTextError},
};
use self::{
    index::{Change, Index},
    view::View,
};
use crate::{Error, Result, Snapshot};

/// Bytes of a definition that are searched.
pub const SEARCHED: usize = 64 << 10;
/// From the beginning of one batch to that of the next, so that a stream of changes does not take a processor.
const SPACING: Duration = Duration::from_millis(50);
/// When a definition that could not be read is asked for again.
const AGAIN: Duration = Duration::from_secs(10);
/// Changes that are taken in at a time.
const CHUNK: usize = 1000;
/// Definitions that are read at a time.
const READING: usize = 8;

/// Finds entities by text. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Search(watch::Receiver<Option<Arc<View>>>);

/// Follows the catalog; runs until there is none any more.
pub(crate) struct Follower {
    db: Db,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    views: watch::Sender<Option<Arc<View>>>,
    /// Entities whose definition could not be read.
    unread: HashSet<EntityRef>,
}

// === impl Search ===

impl Search {
    /// The search over a catalog, and what keeps it current.
    pub(crate) fn new(db: Db, snapshots: watch::Receiver<Arc<Snapshot>>) -> (Self, Follower) {
        let (views, search) = watch::channel(None);
        (Self(search), Follower { db, snapshots, views, unread: HashSet::new() })
    }

    /// All entities of a snapshot that a text finds. Before the first index is built it waits for that.
    ///
    /// # Errors
    /// Where the index has ended, which the log tells about.
    pub async fn find(&self, snapshot: &Arc<Snapshot>, text: &SearchText) -> Result<Found> {
        let view = self.when(|_| true).await?;
        Ok(view.find(snapshot, text)?)
    }

    /// Waits until what a revision of the catalog has is found.
    ///
    /// # Errors
    /// Where the index has ended, which the log tells about.
    pub async fn reached(&self, revision: Revision) -> Result<()> {
        self.when(|view| view.snapshot().revision() >= revision).await.map(drop)
    }

    async fn when(&self, holds: impl Fn(&View) -> bool) -> Result<Arc<View>> {
        let mut views = self.0.clone();
        let view = views.wait_for(|view| view.as_ref().is_some_and(|view| holds(view))).await;
        view.ok().and_then(|view| view.clone()).ok_or(Error::SearchEnded)
    }
}

// === impl Follower ===

impl Follower {
    /// Keeps the index current.
    pub(crate) async fn run(mut self) {
        if let Err(error) = self.follow().await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the search index has ended; searches fail until the server is started again");
        }
    }

    async fn follow(&mut self) -> Result<()> {
        let mut index = Index::new()?;
        let mut known = Arc::new(Snapshot::default());
        loop {
            let began = Instant::now();
            let next = self.snapshots.borrow_and_update().clone();
            let view;
            (index, view) = self.take_in(index, known, next.clone()).await?;
            self.views.send_replace(Some(Arc::new(view)));
            known = next;
            sleep_until(began + SPACING).await;
            let wait = if self.unread.is_empty() { Duration::MAX } else { AGAIN };
            if let Ok(Err(_)) = tokio::time::timeout(wait, self.snapshots.changed()).await {
                return Ok(());
            }
        }
    }

    /// One batch.
    async fn take_in(&mut self, mut index: Index, known: Arc<Snapshot>, next: Arc<Snapshot>) -> Result<(Index, View)> {
        let mut changes = changes(&known, &next, &self.unread);
        self.unread.clear();
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(CHUNK));
            let chunk = self.with_definitions(std::mem::replace(&mut changes, rest)).await;
            let work = move || chunk.into_iter().try_for_each(|change| index.apply(change)).map(|()| index);
            index = spawn_blocking(work).await.map_err(Error::Stopped)??;
        }
        let work = move || index.commit(next).map(|view| (index, view));
        Ok(spawn_blocking(work).await.map_err(Error::Stopped)??)
    }

    /// The changes with the definitions to index; which of them cannot be read is kept for the next batch.
    async fn with_definitions(&mut self, mut changes: Vec<Change>) -> Vec<Change> {
        let wanted: Vec<(usize, ContentHash)> = changes.iter().enumerate().filter_map(wanted).collect();
        let db = self.db.clone();
        let read = move |(place, hash)| {
            let db = db.clone();
            async move { (place, plinth_storage::find_body(&db, hash).await) }
        };
        let found: Vec<_> = stream::iter(wanted).map(read).buffered(READING).collect().await;
        for (place, found) in found {
            let Some(Change::Write(entity, definition)) = changes.get_mut(place) else { continue };
            match found {
                Ok(mut text) => {
                    text.truncate(text.floor_char_boundary(SEARCHED));
                    *definition = Some(text);
                }
                Err(error) => {
                    let (error, reference) = (&error as &dyn std::error::Error, &entity.reference);
                    tracing::warn!(error, %reference, "a definition cannot be read; it is not searched until it can");
                    self.unread.insert(reference.clone());
                }
            }
        }
        changes
    }
}

/// What the next snapshot has otherwise, and what of it could not be read before.
fn changes(known: &Snapshot, next: &Snapshot, unread: &HashSet<EntityRef>) -> Vec<Change> {
    let changed = next.changed_since(known).map(|(reference, now)| match now {
        None => Change::Remove(reference.clone()),
        Some(now) if known.find(reference).is_some_and(|it| it.hash == now.hash) => Change::Keep(now.clone()),
        Some(now) => Change::Write(now.clone(), None),
    });
    let again = unread.iter().filter_map(|reference| next.find(reference));
    changed.chain(again.map(|entity| Change::Write(entity.clone(), None))).collect()
}

/// The definition that a change lacks.
fn wanted((place, change): (usize, &Change)) -> Option<(usize, ContentHash)> {
    match change {
        Change::Write(entity, None) => Some((place, entity.definition?)),
        _ => None,
    }
}
