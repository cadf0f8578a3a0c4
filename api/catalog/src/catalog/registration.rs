//! What callers do to the catalog: register, unregister, refresh, ask what would be.

use std::{sync::Arc, time::Duration};

use plinth_auth::{Caller, Scope};
use plinth_storage::now;
use url::Url;

use super::Catalog;
use crate::{
    Error, Location, LocationId, LocationOrigin, LocationType, Preview, Result, Sync, SyncStage, SyncState,
    contents::Contents,
    plan::{Plan, held},
    preview,
    reading::{Job, Reading},
    registry,
    writer::{self, Change},
};

/// A location that is registered now.
#[derive(Debug)]
pub struct Registered {
    /// The location, perhaps one that was registered before.
    pub location: Arc<Location>,
    /// The reading that it waits for; `None` where it was registered before.
    pub sync: Option<Sync>,
}

/// What became of the wish to unregister a location.
#[derive(Debug)]
pub enum Unregistered {
    /// It is gone, and so many entities with it.
    Done {
        /// Entities that left, those of locations that only it led to among them.
        removed: usize,
    },
    /// There is no such location.
    NotFound,
    /// The configuration, a `Location` entity or a provider names it, and would bring it back.
    Named(Arc<Location>),
}

impl Catalog {
    /// What may be read over the network: says why a URL may not, and the way out.
    ///
    /// # Errors
    /// Where the caller may not ask.
    pub fn check_url(&self, caller: &Caller, url: &Url) -> Result<Result<(), plinth_egress::Error>> {
        caller.may(Scope::Read)?;
        Ok(self.0.contents.check(url))
    }

    /// Registers a URL, and asks for its first reading. A URL that is registered already stays as it is.
    ///
    /// # Errors
    /// Where the caller may not, or where the database fails.
    pub async fn register(&self, caller: &Caller, url: &Url) -> Result<Registered> {
        caller.may(Scope::Write)?;
        let (catalog, url) = (self.clone(), url.clone());
        // To its end even when nobody waits any more: what is committed must be seen.
        to_the_end(async move { catalog.register_now(&url).await }).await
    }

    async fn register_now(&self, url: &Url) -> Result<Registered> {
        let (kind, target) = (LocationType::Url, url.as_str());
        let id = LocationId::of(kind, target);
        let writing = self.turn_to_write().await?;
        let location = Location { id, kind, target: target.into(), ..Location::nowhere() };
        loop {
            let before = self.current();
            if let Some(location) = before.location(id) {
                return Ok(Registered { location: location.clone(), sync: None });
            }
            let change = Change { registered: Some(location.clone()), ..Change::default() };
            if let Some(written) = writer::write(&self.0.db, &self.0.config, &before, change, now()).await? {
                self.publish(written);
                drop(writing);
                // The first reading, which perhaps began already.
                let sync = match self.syncs(|syncs| syncs.of(id).cloned()) {
                    Some(sync) => sync,
                    None => self.request(id).await?,
                };
                return Ok(Registered { location: Arc::new(location), sync: Some(sync) });
            }
            self.catch_up().await?;
        }
    }

    /// Unregisters a location that a mutation registered; what it holds leaves by `catalog.orphanStrategy`.
    ///
    /// # Errors
    /// Where the caller may not, or where the database fails.
    pub async fn unregister(&self, caller: &Caller, id: LocationId) -> Result<Unregistered> {
        caller.may(Scope::Write)?;
        let catalog = self.clone();
        to_the_end(async move { catalog.unregister_now(id).await }).await
    }

    async fn unregister_now(&self, id: LocationId) -> Result<Unregistered> {
        let _writing = self.turn_to_write().await?;
        loop {
            let before = self.current();
            let Some(location) = before.location(id) else { return Ok(Unregistered::NotFound) };
            if location.origin != LocationOrigin::Mutation {
                return Ok(Unregistered::Named(location.clone()));
            }
            let mut plan = Plan::default();
            // Where a `Location` entity names it, too, it stays, and so does what it holds.
            let named = registry::without(&before, location, &self.0.config);
            let change = match named {
                Some(named) => Change { registered: Some(named), ..Change::default() },
                None => {
                    for entity in held(&before, id) {
                        plan.retire(&entity, self.0.config.orphans);
                    }
                    Change { plan, unregistered: Some(location.clone()), ..Change::default() }
                }
            };
            let is_gone = change.unregistered.is_some();
            if let Some(written) = writer::write(&self.0.db, &self.0.config, &before, change, now()).await? {
                if is_gone {
                    self.change_syncs(|syncs| syncs.forget(id));
                }
                let removed = written.removed;
                self.publish(written);
                return Ok(Unregistered::Done { removed });
            }
            self.catch_up().await?;
        }
    }

    /// Asks for a location to be read from now on; `None` where it is not registered.
    ///
    /// # Errors
    /// Where the caller may not, or where the database fails.
    pub async fn refresh(&self, caller: &Caller, location: LocationId) -> Result<Option<Sync>> {
        caller.may(Scope::Write)?;
        if self.current().location(location).is_none() {
            return Ok(None);
        }
        self.request(location).await.map(Some)
    }

    /// Waits for the end of a reading, and tells how it stands then or when the time is over.
    ///
    /// # Errors
    /// Where the caller may not see it.
    pub async fn wait(&self, caller: &Caller, sync: Sync, patience: Duration) -> Result<Sync> {
        caller.may(Scope::Read)?;
        let mut id = sync.id;
        let (mut news, mut snapshots) = (self.0.news.subscribe(), self.snapshots());
        let latest = |id| self.syncs(|syncs| syncs.find(id).cloned());
        let ended = async {
            loop {
                news.mark_unchanged();
                match latest(id) {
                    Some(sync) if sync.is_ended() => {
                        // What another server has read is seen here, too, and found.
                        let revision = sync.revision.unwrap_or_default();
                        let _ = snapshots.wait_for(|snapshot| snapshot.revision() >= revision).await;
                        let _ = self.0.search.reached(revision).await;
                        // By now it is perhaps forgotten, for others were read after it.
                        return Some(sync);
                    }
                    Some(_) => {}
                    // Another one that was asked for at the same time took its place, or the location was unregistered.
                    None => match self.syncs(|syncs| syncs.of(sync.location).map(|it| it.id)) {
                        Some(other) => {
                            id = other;
                            continue;
                        }
                        None => return None,
                    },
                }
                if news.changed().await.is_err() {
                    return None;
                }
            }
        };
        // Late or not, what is known is told.
        let ended = tokio::time::timeout(patience, ended).await.ok().flatten();
        let gone = || Sync { state: SyncState::Failed, stage: SyncStage::Ended, ended_at: Some(now()), ..sync.clone() };
        Ok(ended.or_else(|| latest(id)).unwrap_or_else(gone))
    }

    /// Reads a URL as if it were registered.
    ///
    /// # Errors
    /// Where the caller may not: it makes the server ask others.
    pub async fn preview_url(&self, caller: &Caller, url: &Url) -> Result<Preview> {
        caller.may(Scope::Write)?;
        let location = self.location_at(url);
        let id = location.id;
        // As it is read, where it is registered.
        let job = self.job(id, now()).unwrap_or_else(|| self.job_of(location, self.0.contents.clone()));
        let _turn = self.0.previews.acquire().await;
        let reading = tokio::task::spawn_blocking(move || job.read()).await.unwrap_or_else(ended_badly);
        Ok(Preview::of(&self.current(), Some(id), reading))
    }

    /// Reads a text of documents as if it stood at a URL or, without one, nowhere: then nothing relative can be read, and
    /// it is not asked which rules allow it.
    ///
    /// # Errors
    /// Where the caller may not.
    pub async fn preview_text(&self, caller: &Caller, text: String, url: Option<&Url>) -> Result<Preview> {
        caller.may(Scope::Read)?;
        let location = url.map(|url| self.location_at(url));
        let id = location.as_ref().map(|it| it.id);
        let nowhere = || Arc::new(Location::nowhere());
        let mut job = self.job_of(location.unwrap_or_else(nowhere), self.0.contents.without_disk());
        job.is_anywhere = id.is_none();
        if let Some(known) = id.and_then(|id| self.job(id, now())) {
            job.origin = known.origin;
        }
        let _turn = self.0.previews.acquire().await;
        let reading = tokio::task::spawn_blocking(move || preview::of_text(&job, &text)).await;
        Ok(Preview::of(&self.current(), id, reading.unwrap_or_else(ended_badly)))
    }

    /// The location of a URL, registered or not.
    fn location_at(&self, url: &Url) -> Arc<Location> {
        let (kind, target) = (LocationType::Url, url.as_str());
        let id = LocationId::of(kind, target);
        let known = self.current().location(id).cloned();
        known.unwrap_or_else(|| Arc::new(Location { id, kind, target: target.into(), ..Location::nowhere() }))
    }

    fn job_of(&self, location: Arc<Location>, contents: Contents) -> Job {
        let origin = (location.kind, location.target.clone());
        let (rules, known) = (self.0.rules.clone(), Arc::default());
        Job {
            location,
            origin,
            optional: false,
            is_anywhere: false,
            provider: None,
            rules,
            contents,
            known,
            now: now(),
        }
    }
}

/// Runs on although the caller may be dropped.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(Error::Stopped(error)),
        },
    }
}

fn ended_badly(error: tokio::task::JoinError) -> Reading {
    tracing::error!(%error, "a reader ended badly");
    Reading { kept_all: true, ..Reading::default() }
}
