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
mod segment;
mod sought;
#[cfg(test)]
mod tests;
mod text;
mod token;
mod view;
mod word;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

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
    index::{Index, Write},
    view::View,
};
use crate::{Entity, Error, Result, Snapshot};

/// Bytes of a definition that are searched.
pub const SEARCHED: usize = 64 << 10;
/// From the beginning of one batch to that of the next, so that a stream of changes does not take a processor.
const SPACING: Duration = Duration::from_millis(50);
/// When a definition that could not be read is asked for again.
const AGAIN: Duration = Duration::from_secs(10);
/// Changes that are taken in at a time.
const CHUNK: usize = 1000;

/// Finds entities by text. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Search(watch::Receiver<Option<Arc<View>>>);

/// The first index, made while what is stored is read.
pub(crate) struct First {
    index: Index,
    /// Entities whose definition could not be read.
    unread: HashSet<EntityRef>,
}

/// Follows the catalog; runs until there is none any more.
pub(crate) struct Follower {
    db: Db,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    views: watch::Sender<Option<Arc<View>>>,
    /// Entities whose definition could not be read.
    unread: HashSet<EntityRef>,
}

// === impl First ===

impl First {
    /// An empty index.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { index: Index::new()?, unread: HashSet::new() })
    }

    /// Takes in an entity under its number in the snapshot to be. A definition that could not be read is asked for again.
    pub(crate) fn add(&mut self, number: u32, entity: Arc<Entity>, definition: Option<Result<String>>) -> Result<()> {
        let is_unread = matches!(definition, Some(Err(_)));
        if is_unread {
            self.unread.insert(entity.reference.clone());
        }
        let definition = definition.and_then(Result::ok).map(searched);
        Ok(self.index.write(&Write { number, entity, definition })?)
    }

    /// Makes what was taken in ready to be searched.
    pub(crate) fn settle(&mut self) -> Result<()> {
        Ok(self.index.settle()?)
    }
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
    /// Keeps the index current, which is that of a snapshot at first.
    pub(crate) async fn run(mut self, first: Result<First>, indexed: Arc<Snapshot>) {
        let followed = match first {
            Ok(First { index, unread }) => {
                self.unread = unread;
                self.follow(index, indexed).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = followed {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the search index has ended; searches fail until the server is started again");
        }
    }

    async fn follow(&mut self, mut index: Index, mut known: Arc<Snapshot>) -> Result<()> {
        let (mut merging, mut merges) = (None, true);
        loop {
            let began = Instant::now();
            let next = self.snapshots.borrow_and_update().clone();
            let view;
            (index, view) = self.take_in(index, known, next.clone()).await?;
            self.views.send_replace(Some(Arc::new(view)));
            known = next;
            if merges && merging.is_none() {
                merging = index.merge()?;
            }
            sleep_until(began + SPACING).await;
            let wait = if self.unread.is_empty() { Duration::MAX } else { AGAIN };
            tokio::select! {
                changed = tokio::time::timeout(wait, self.snapshots.changed()) => {
                    if let Ok(Err(_)) = changed {
                        return Ok(());
                    }
                }
                merged = async { Some(merging.as_mut()?.await) }, if merging.is_some() => {
                    if let Some(Err(error)) = merged {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "the search index is no longer put together; searches become slower");
                        merges = false;
                    }
                    merging = None;
                    index.merged();
                }
            }
        }
    }

    /// One batch.
    async fn take_in(&mut self, mut index: Index, known: Arc<Snapshot>, next: Arc<Snapshot>) -> Result<(Index, View)> {
        let Changes { gone, mut come } = Changes::between(&known, &next, &std::mem::take(&mut self.unread));
        gone.into_iter().for_each(|number| index.remove(number));
        let mut chunk = self.chunk(&mut come).await;
        while !chunk.is_empty() {
            let work = move || chunk.iter().try_for_each(|write| index.write(write)).map(|()| index);
            // The next definitions are read meanwhile.
            let (written, next) = tokio::join!(spawn_blocking(work), self.chunk(&mut come));
            index = written.map_err(Error::Stopped)??;
            chunk = next;
        }
        let work = move || index.commit(next).map(|view| (index, view));
        Ok(spawn_blocking(work).await.map_err(Error::Stopped)??)
    }

    /// The next of those that come; none where all have come.
    async fn chunk(&mut self, come: &mut Vec<Write>) -> Vec<Write> {
        let rest = come.split_off(come.len().min(CHUNK));
        let chunk = std::mem::replace(come, rest);
        self.with_definitions(chunk).await
    }

    /// Entities with their definitions; of which these cannot be read is kept for the next batch.
    async fn with_definitions(&mut self, mut come: Vec<Write>) -> Vec<Write> {
        let wanted: Vec<ContentHash> = come.iter().filter_map(|it| it.entity.definition).collect();
        if wanted.is_empty() {
            return come;
        }
        let mut found: HashMap<_, _> = match plinth_storage::find_bodies(&self.db, &wanted).await {
            Ok(found) => found.into_iter().collect(),
            // Each for itself: one that is damaged takes no other with it.
            Err(_) => HashMap::new(),
        };
        for write in &mut come {
            let Some(hash) = write.entity.definition else { continue };
            let text = match found.remove(&hash) {
                Some(text) => Ok(text),
                None => plinth_storage::find_body(&self.db, hash).await,
            };
            match text {
                Ok(text) => write.definition = Some(searched(text)),
                Err(error) => {
                    let (error, reference) = (&error as &dyn std::error::Error, &write.entity.reference);
                    tracing::warn!(error, %reference, "a definition cannot be read; it is not searched until it can");
                    self.unread.insert(reference.clone());
                }
            }
        }
        come
    }
}

/// What of a definition is searched.
fn searched(mut definition: String) -> String {
    definition.truncate(definition.floor_char_boundary(SEARCHED));
    definition
}

/// What an index must do to follow.
struct Changes {
    /// Numbers in the snapshot that was indexed.
    gone: Vec<u32>,
    /// Entities that are new or have other words.
    come: Vec<Write>,
}

impl Changes {
    /// What the next snapshot has otherwise, and what of it could not be read before.
    fn between(known: &Snapshot, next: &Snapshot, unread: &HashSet<EntityRef>) -> Self {
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let again = unread.iter().filter_map(|reference| next.find(reference).map(|it| (&it.reference, Some(it))));
        for (reference, now) in next.changed_since(known).chain(again) {
            let (before, after) = (known.number(reference), next.number(reference));
            let is_same = |now: &Entity| known.find(reference).is_some_and(|it| it.hash == now.hash);
            if before == after && now.is_some_and(|now| is_same(now)) && !unread.contains(reference) {
                continue;
            }
            gone.extend(before);
            if let (Some(entity), Some(number)) = (now, after) {
                come.push(Write { number, entity: entity.clone(), definition: None });
            }
        }
        // One that could not be read and has changed since is named twice.
        come.sort_unstable_by_key(|it| it.number);
        come.dedup_by_key(|it| it.number);
        Self { gone, come }
    }
}
