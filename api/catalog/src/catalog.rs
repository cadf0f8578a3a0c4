//! The handle of the catalog.

mod events;
mod readings;
mod registration;

pub use registration::{Registered, Unregistered};

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, Utc};
use plinth_auth::{Caller, Scope};
use plinth_egress::Egress;
use plinth_github::GitHub;
use plinth_model::{ContentHash, EntityRef, Ids, Revision};
use plinth_storage::{Db, Lease, Log, News, is_noted, note, now, within};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard, Semaphore, mpsc, watch},
};
use uuid::Uuid;

use crate::{
    Config, Entity, Location, LocationId, Problem, ProblemCode, Provider, Result, Severity, Snapshot, Sync, SyncCause,
    SyncCounts,
    contents::Contents,
    plan::Plan,
    reading::{Job, Reading},
    recent::{Named, Recent, Row},
    registry,
    rules::Rules,
    search::Search,
    snapshot::Changes,
    store::{self, Since},
    syncs::Syncs,
    worker::Worker,
    writer::{self, Change, Written},
};

/// Noted of the data when all locations were read once.
const WAS_READ: &str = "catalog_was_read";

/// The lease of the one server that reads locations.
const READER: &str = "catalog-reader";

/// What servers tell each other of.
const NEWS: &[Log] = &[Log::Catalog, Log::Reading];

/// Looks at what is not in the catalog, at a time.
const PREVIEWS: usize = 4;

/// How long a change waits for a database that is away, and a look at what other servers wrote.
const PATIENCE: Duration = Duration::from_secs(10);
const FOLLOWER_PATIENCE: Duration = Duration::from_secs(2);

/// The catalog: gives snapshots to readers, reads locations on its own. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    config: Config,
    rules: Arc<Rules>,
    contents: Contents,
    data_id: Uuid,
    snapshots: watch::Sender<Arc<Snapshot>>,
    search: Search,
    ready: watch::Sender<bool>,
    syncs: RwLock<Syncs>,
    /// Counts the changes of `syncs`.
    news: watch::Sender<u64>,
    recent: RwLock<Recent>,
    lease: Lease,
    /// Whether this server holds the lease.
    reads: AtomicBool,
    /// One change at a time: each is planned against the snapshot before it.
    writing: Mutex<()>,
    queue: mpsc::UnboundedSender<LocationId>,
    /// How many texts are looked at for callers at a time.
    previews: Semaphore,
}

/// What a reading of a location did to the catalog.
pub(crate) struct Committed {
    pub(crate) counts: SyncCounts,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Catalog {
    /// Loads what is stored and registers the configured locations. The worker reads them once it is run.
    ///
    /// # Errors
    /// Where the database fails or holds what cannot be read.
    pub async fn open(
        db: Db,
        (egress, github): (Egress, GitHub),
        config: Config,
        now: DateTime<Utc>,
    ) -> Result<(Self, Worker)> {
        let data_id = plinth_storage::data_id(&db).await?;
        let (stored, first) = store::load(&db).await?;
        let stored = stored.with_notices(notices(&config, now));
        let indexed = Arc::new(stored.clone());
        let snapshot = reconcile(&db, &config, stored, now).await?;
        let mut syncs = Syncs::default();
        let last = plinth_storage::last(&db, Log::Reading).await?;
        for sync in store::find_readings(&db, 0).await? {
            syncs.learn(sync);
        }
        syncs.reached(last);
        let (queue, dirty) = mpsc::unbounded_channel();
        // A catalog that was never read to the end, for the server was killed, is as good as none.
        let (ready, _) = watch::channel(is_noted(&db, WAS_READ).await? || config.is_empty());
        let (snapshots, followed) = watch::channel(Arc::new(snapshot));
        let (search, follower) = Search::new(db.clone(), followed);
        // It ends when the catalog does.
        tokio::spawn(follower.run(first, indexed));
        let catalog = Self(Arc::new(Inner {
            rules: Arc::new(Rules::of(&config)),
            contents: Contents::with_web(egress, github, Handle::current()),
            db,
            config,
            data_id,
            snapshots,
            search,
            ready,
            syncs: RwLock::new(syncs),
            news: watch::channel(0).0,
            recent: RwLock::default(),
            lease: Lease::of(READER, Ids.random()),
            reads: AtomicBool::new(false),
            writing: Mutex::default(),
            queue,
            previews: Semaphore::new(PREVIEWS),
        }));
        let worker = Worker::new(catalog.clone(), dirty);
        Ok((catalog, worker))
    }

    /// The catalog as it is now.
    ///
    /// # Errors
    /// Where the caller may not see it; so with every verb that takes one.
    pub fn snapshot(&self, caller: &Caller) -> Result<Arc<Snapshot>> {
        caller.may(Scope::Read)?;
        Ok(self.current())
    }

    /// Follows the snapshots, the current one first.
    ///
    /// # Errors
    /// Where the caller may not see them.
    pub fn watch(&self, caller: &Caller) -> Result<watch::Receiver<Arc<Snapshot>>> {
        caller.may(Scope::Read)?;
        Ok(self.snapshots())
    }

    /// What finds entities by text.
    ///
    /// # Errors
    /// Where the caller may not see them.
    pub fn search(&self, caller: &Caller) -> Result<&Search> {
        caller.may(Scope::Read)?;
        Ok(&self.0.search)
    }

    /// Waits until the search has its first index, or has ended.
    pub(crate) async fn searched(&self) {
        // The log tells of its end.
        let _ = self.0.search.reached(Revision(0)).await;
    }

    /// Whether the catalog holds what was stored or, where nothing was, a first reading of every location.
    pub fn is_ready(&self) -> bool {
        *self.0.ready.borrow()
    }

    /// The latest reading of a location that is known, perhaps still at work.
    ///
    /// # Errors
    /// Where the caller may not see it.
    pub fn last_sync(&self, caller: &Caller, location: LocationId) -> Result<Option<Sync>> {
        caller.may(Scope::Read)?;
        Ok(self.syncs(|syncs| syncs.of(location).cloned()))
    }

    /// How many readings were asked for and have not begun, and since when the oldest waits.
    ///
    /// # Errors
    /// Where the caller may not see it.
    pub fn waiting(&self, caller: &Caller) -> Result<(usize, Option<DateTime<Utc>>)> {
        caller.may(Scope::Read)?;
        Ok(self.syncs(Syncs::waiting))
    }

    /// The reading of this id, while it is known.
    ///
    /// # Errors
    /// Where the caller may not see it.
    pub fn find_sync(&self, caller: &Caller, id: Uuid) -> Result<Option<Sync>> {
        caller.may(Scope::Read)?;
        Ok(self.syncs(|syncs| syncs.find(id).cloned()))
    }

    /// When an entity's document was last found as the catalog holds it.
    ///
    /// # Errors
    /// Where the caller may not see it.
    pub fn read_at(&self, caller: &Caller, entity: &Entity) -> Result<DateTime<Utc>> {
        caller.may(Scope::Read)?;
        let snapshot = self.current();
        let refused = snapshot.problems_of(&entity.reference).iter().any(|it| it.severity == Severity::Error);
        let location = entity.location.and_then(|it| snapshot.location(it));
        let unread = |it: &Problem| it.entity.is_none() && it.file.as_ref().is_none_or(|file| *file == entity.file);
        let stale = refused || location.is_some_and(|it| it.problems.iter().any(unread));
        let read = entity.location.filter(|_| !stale).and_then(|location| self.syncs(|syncs| syncs.read_at(location)));
        Ok(read.map_or(entity.updated_at, |read| read.max(entity.updated_at)))
    }

    /// A stored body: a document as it was read, or an API's definition.
    ///
    /// # Errors
    /// Where the caller may not see it, or where the database fails or no longer holds it.
    pub async fn body(&self, caller: &Caller, hash: ContentHash) -> Result<String> {
        caller.may(Scope::Read)?;
        Ok(plinth_storage::find_body(&self.0.db, hash).await?)
    }

    /// Another one after the data was lost or replaced.
    pub fn data_id(&self) -> Uuid {
        self.0.data_id
    }

    /// The catalog as it is now.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        self.0.snapshots.borrow().clone()
    }

    pub(crate) fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.snapshots.subscribe()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// All locations were read once.
    pub(crate) async fn set_ready(&self) {
        if self.is_ready() {
            return;
        }
        if let Err(error) = note(&self.0.db, WAS_READ).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(
                error,
                "that the catalog was read cannot be noted; the next start reads it before it is ready"
            );
        }
        self.0.ready.send_replace(true);
    }

    fn syncs<T>(&self, look: impl FnOnce(&Syncs) -> T) -> T {
        look(&self.0.syncs.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What must be known to read a location; `None` when it is not registered any more.
    pub(crate) fn job(&self, location: LocationId, now: DateTime<Utc>) -> Option<Job> {
        let snapshot = self.current();
        let location = snapshot.location(location)?;
        let origin = registry::origin(&snapshot, location);
        Some(Job {
            location: location.clone(),
            origin: (origin.kind, origin.target.clone()),
            optional: registry::is_optional(&snapshot, location),
            is_anywhere: false,
            provider: self.provider(&location.target).cloned(),
            rules: self.0.rules.clone(),
            contents: self.0.contents.clone(),
            known: snapshot.clone(),
            now,
        })
    }

    /// The provider that a location is of.
    pub(crate) fn provider(&self, target: &str) -> Option<&Arc<Provider>> {
        self.0.config.providers.iter().find(|it| it.target() == target)
    }

    /// Makes a location's content what a reading found; `None` where another server wrote meanwhile, so that it must be read
    /// again.
    pub(crate) async fn commit(
        &self,
        location: LocationId,
        reading: Reading,
        now: DateTime<Utc>,
    ) -> Result<Option<Committed>> {
        let _writing = self.turn_to_write().await?;
        let before = self.current();
        let Some(location) = before.location(location).cloned() else {
            return Ok(Some(Committed { counts: SyncCounts::default(), snapshot: before }));
        };
        let plan = Plan::of(&before, &location, reading, self.0.config.orphans);
        let counts = plan.counts;
        if plan.is_stale {
            return Ok(None);
        }
        if plan.is_empty() {
            return Ok(Some(Committed { counts, snapshot: before }));
        }
        let change = Change { plan, read: Some(location), lease: Some(self.0.lease.clone()), ..Change::default() };
        match writer::write(&self.0.db, &self.0.config, &before, change, now).await? {
            Some(written) => Ok(Some(Committed { counts, snapshot: self.publish(written) })),
            None => {
                self.catch_up().await?;
                Ok(None)
            }
        }
    }

    /// The turn to write. The database is asked before: while it is away, nobody waits for another who waits for it.
    async fn turn_to_write(&self) -> Result<MutexGuard<'_, ()>> {
        self.0.db.ping(PATIENCE).await?;
        Ok(self.0.writing.lock().await)
    }

    /// Takes in what other servers have written.
    pub(crate) async fn follow(&self) -> Result<()> {
        // Readings first: by the time that they are learnt, their locations are known.
        let last = within(FOLLOWER_PATIENCE, plinth_storage::last(&self.0.db, Log::Reading)).await?;
        let known = self.last_reading();
        let readings = if last > known { store::find_readings(&self.0.db, known).await? } else { Vec::new() };
        {
            let _writing = self.0.writing.lock().await;
            self.catch_up().await?;
        }
        if last > known {
            readings.into_iter().for_each(|sync| self.learn(sync));
            self.change_syncs(|syncs| syncs.reached(last));
        }
        if !self.is_ready() && is_noted(&self.0.db, WAS_READ).await? {
            self.0.ready.send_replace(true);
        }
        Ok(())
    }

    /// The same for who may write already.
    async fn catch_up(&self) -> Result<()> {
        let before = self.current();
        match store::find_changes(&self.0.db, before.revision()).await? {
            Since::Nothing => {}
            Since::Changed(changes, rows) => self.take_in(&before, changes, rows),
            Since::Lost => {
                let known = before.revision().0;
                tracing::error!(
                    known,
                    "what changed since cannot be told: the log was pruned, or the database put back; it is read anew"
                );
                let snapshot = store::load(&self.0.db).await?.0.with_notices(notices(&self.0.config, now()));
                self.0.recent.write().unwrap_or_else(PoisonError::into_inner).clear();
                self.0.snapshots.send_replace(Arc::new(snapshot));
            }
        }
        Ok(())
    }

    fn take_in(&self, before: &Arc<Snapshot>, changes: Changes, rows: Vec<Named>) {
        let found = changes.locations.iter().map(|it| it.id).filter(|id| before.location(*id).is_none()).collect();
        let orphans = changes.upserted.iter().filter(|it| it.is_orphan()).map(|it| it.reference.clone());
        let freed: Vec<_> = changes.removed.iter().cloned().chain(orphans).collect();
        let gone = changes.locations_removed.clone();
        self.change_syncs(|syncs| gone.into_iter().for_each(|location| syncs.forget(location)));
        self.show(before, before.apply(changes), rows);
        self.follow_up(found, &freed);
    }

    /// What tells that another server may have written; `None` where no other can.
    pub(crate) async fn news(&self) -> Result<Option<News>> {
        Ok(News::of(&self.0.db, NEWS).await?)
    }

    /// Lets readers see a change, and asks for the readings that follow from it.
    fn publish(&self, written: Written) -> Arc<Snapshot> {
        let Written { snapshot, found, freed, rows, .. } = written;
        let snapshot = self.show(&self.current(), snapshot, rows);
        self.follow_up(found, &freed);
        snapshot
    }

    /// Lets readers see the next snapshot. Only who may write changes it, so what was current is what it follows on.
    fn show(&self, before: &Arc<Snapshot>, snapshot: Snapshot, rows: Vec<Named>) -> Arc<Snapshot> {
        let snapshot = Arc::new(snapshot);
        let mut recent = self.0.recent.write().unwrap_or_else(PoisonError::into_inner);
        recent.push(before.clone(), snapshot.revision().0, rows);
        drop(recent);
        self.0.snapshots.send_replace(snapshot.clone());
        snapshot
    }

    /// Rows of the log from memory; `None` where it is not remembered.
    pub(crate) fn recent_rows(&self, place: (i64, i64), until: i64, most: usize) -> Option<Vec<Row>> {
        self.0.recent.read().unwrap_or_else(PoisonError::into_inner).behind(place, until, most)
    }

    /// Forgets the changes that are kept no longer, where it is this server that reads.
    pub(crate) async fn prune(&self) -> Result<u64> {
        match self.reads() {
            true => store::prune(&self.0.db, self.0.config.log, now()).await,
            false => Ok(0),
        }
    }

    /// Asks for the readings that follow from a change.
    fn follow_up(&self, found: Vec<LocationId>, freed: &[EntityRef]) {
        let snapshot = self.current();
        for found in found {
            self.enqueue(found, SyncCause::Start);
        }
        // Another location may hold a document of what left.
        for reference in freed {
            for problem in snapshot.problems_of(reference).iter() {
                if let Some(location) = problem.location.filter(|_| problem.code == ProblemCode::Conflict) {
                    self.enqueue(location, SyncCause::Request);
                }
            }
        }
    }

    /// All registered locations.
    pub(crate) fn all_locations(&self) -> Vec<Arc<Location>> {
        registry::all(&self.current())
    }
}

/// Makes the registered locations those of the configuration and what they lead to.
async fn reconcile(db: &Db, config: &Config, stored: Snapshot, now: DateTime<Utc>) -> Result<Snapshot> {
    let registry::Difference { upserted, removed } = registry::difference(&stored, config);
    if upserted.is_empty() && removed.is_empty() {
        return Ok(stored);
    }
    match writer::write(db, config, &stored, Change::default(), now).await? {
        Some(written) => Ok(written.snapshot),
        // Another server starts at the same time; what it wrote is looked at, too.
        None => match store::find_changes(db, stored.revision()).await? {
            Since::Changed(changes, _) => Box::pin(reconcile(db, config, stored.apply(changes), now)).await,
            Since::Lost => {
                Box::pin(reconcile(db, config, store::load(db).await?.0.with_notices(notices(config, now)), now)).await
            }
            Since::Nothing => Ok(stored),
        },
    }
}

/// What is wrong in the configuration, as problems.
fn notices(config: &Config, now: DateTime<Utc>) -> Vec<Problem> {
    let given = |number: u32| Some(number).filter(|it| *it > 0);
    let problem = |notice: &crate::Notice| Problem {
        severity: Severity::Warning,
        file: Some(notice.place.file.as_str().into()),
        line: given(notice.place.line),
        column: given(notice.place.column),
        field: Some(notice.place.key.clone()),
        ..Problem::error(ProblemCode::Invalid, notice.message.clone(), now)
    };
    config.notices.iter().map(problem).collect()
}
