//! The handle of the catalog.

mod registration;

pub use registration::{Registered, Unregistered};

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use plinth_egress::Egress;
use plinth_model::ContentHash;
use plinth_storage::{Db, Log, News, is_noted, note, now};
use tokio::{
    runtime::Handle,
    sync::{Mutex, Semaphore, mpsc, watch},
};
use uuid::Uuid;

use crate::{
    Config, Entity, Location, LocationId, Problem, ProblemCode, Result, Severity, Snapshot, Sync, SyncCause,
    SyncCounts,
    contents::Contents,
    plan::Plan,
    reading::{Job, Reading},
    registry,
    rules::Rules,
    search::Search,
    snapshot::Changes,
    store,
    syncs::Syncs,
    worker::Worker,
    writer::{self, Change, Written},
};

/// Noted of the data when all locations were read once.
const WAS_READ: &str = "catalog_was_read";

/// Looks at what is not in the catalog, at a time.
const PREVIEWS: usize = 4;

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
    pub async fn open(db: Db, egress: Egress, config: Config, now: DateTime<Utc>) -> Result<(Self, Worker)> {
        let data_id = plinth_storage::data_id(&db).await?;
        let stored = load(&db).await?.with_notices(notices(&config, now));
        let snapshot = reconcile(&db, &config, stored, now).await?;
        let (queue, dirty) = mpsc::unbounded_channel();
        // A catalog that was never read to the end, for the server was killed, is as good as none.
        let (ready, _) = watch::channel(is_noted(&db, WAS_READ).await? || config.locations.is_empty());
        let (snapshots, followed) = watch::channel(Arc::new(snapshot));
        let (search, follower) = Search::new(db.clone(), followed);
        // It ends when the catalog does.
        tokio::spawn(follower.run());
        let catalog = Self(Arc::new(Inner {
            rules: Arc::new(Rules::of(&config)),
            contents: Contents::with_web(egress, Handle::current()),
            db,
            config,
            data_id,
            snapshots,
            search,
            ready,
            syncs: RwLock::default(),
            news: watch::channel(0).0,
            writing: Mutex::default(),
            queue,
            previews: Semaphore::new(PREVIEWS),
        }));
        let worker = Worker::new(catalog.clone(), dirty);
        Ok((catalog, worker))
    }

    /// The catalog as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshots.borrow().clone()
    }

    /// Follows the snapshots, the current one first.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.snapshots.subscribe()
    }

    /// What finds entities by text.
    pub fn search(&self) -> &Search {
        &self.0.search
    }

    /// Whether the catalog holds what was stored or, where nothing was, a first reading of every location.
    pub fn is_ready(&self) -> bool {
        *self.0.ready.borrow()
    }

    /// The latest reading of a location since this server started, perhaps still at work.
    pub fn last_sync(&self, location: LocationId) -> Option<Sync> {
        self.syncs(|syncs| syncs.of(location).cloned())
    }

    /// How many readings were asked for and have not begun, and since when the oldest waits.
    pub fn waiting(&self) -> (usize, Option<DateTime<Utc>>) {
        self.syncs(Syncs::waiting)
    }

    /// The reading of this id, while it is known.
    pub fn find_sync(&self, id: Uuid) -> Option<Sync> {
        self.syncs(|syncs| syncs.find(id).cloned())
    }

    /// When an entity's document was last found as the catalog holds it.
    pub fn read_at(&self, entity: &Entity) -> DateTime<Utc> {
        let snapshot = self.snapshot();
        let refused = snapshot.problems_of(&entity.reference).iter().any(|it| it.severity == Severity::Error);
        let location = entity.location.and_then(|it| snapshot.location(it));
        let unread = |it: &Problem| it.entity.is_none() && it.file.as_ref().is_none_or(|file| *file == entity.file);
        let stale = refused || location.is_some_and(|it| it.problems.iter().any(unread));
        let read = entity.location.filter(|_| !stale).and_then(|location| self.syncs(|syncs| syncs.read_at(location)));
        read.map_or(entity.updated_at, |read| read.max(entity.updated_at))
    }

    /// A stored body: a document as it was read, or an API's definition.
    ///
    /// # Errors
    /// Where the database fails or no longer holds it.
    pub async fn body(&self, hash: ContentHash) -> Result<String> {
        Ok(plinth_storage::find_body(&self.0.db, hash).await?)
    }

    /// Another one after the data was lost or replaced.
    pub fn data_id(&self) -> Uuid {
        self.0.data_id
    }

    /// Asks for a location to be read: gives the reading that will begin from here on, perhaps one that others asked for.
    pub(crate) fn enqueue(&self, location: LocationId, cause: SyncCause) -> Sync {
        let (sync, is_new) = self.change_syncs(|syncs| syncs.ask(Sync::asked(location, cause, now())));
        if is_new {
            // It fails only when the worker has ended, and then the server is about to.
            let _ = self.0.queue.send(location);
        }
        sync
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

    pub(crate) fn change_syncs<T>(&self, change: impl FnOnce(&mut Syncs) -> T) -> T {
        let done = change(&mut self.0.syncs.write().unwrap_or_else(PoisonError::into_inner));
        self.0.news.send_modify(|count| *count += 1);
        done
    }

    fn syncs<T>(&self, look: impl FnOnce(&Syncs) -> T) -> T {
        look(&self.0.syncs.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What must be known to read a location; `None` when it is not registered any more.
    pub(crate) fn job(&self, location: LocationId, now: DateTime<Utc>) -> Option<Job> {
        let snapshot = self.snapshot();
        let location = snapshot.location(location)?;
        let origin = registry::origin(&snapshot, location);
        Some(Job {
            location: location.clone(),
            origin: (origin.kind, origin.target.clone()),
            optional: registry::is_optional(&snapshot, location),
            is_anywhere: false,
            rules: self.0.rules.clone(),
            contents: self.0.contents.clone(),
            now,
        })
    }

    /// Makes a location's content what a reading found; `None` where another server wrote meanwhile, so that it must be read
    /// again.
    pub(crate) async fn commit(
        &self,
        location: LocationId,
        reading: Reading,
        now: DateTime<Utc>,
    ) -> Result<Option<Committed>> {
        let _writing = self.0.writing.lock().await;
        let before = self.snapshot();
        let Some(location) = before.location(location).cloned() else {
            return Ok(Some(Committed { counts: SyncCounts::default(), snapshot: before }));
        };
        let plan = Plan::of(&before, &location, reading, self.0.config.orphans);
        let counts = plan.counts;
        if plan.is_empty() {
            return Ok(Some(Committed { counts, snapshot: before }));
        }
        let change = Change { plan, read: Some(location), ..Change::default() };
        match writer::write(&self.0.db, &self.0.config, &before, change, now).await? {
            Some(written) => Ok(Some(Committed { counts, snapshot: self.publish(written) })),
            None => {
                self.catch_up().await?;
                Ok(None)
            }
        }
    }

    /// Takes in what other servers have written.
    pub(crate) async fn follow(&self) -> Result<()> {
        let _writing = self.0.writing.lock().await;
        self.catch_up().await
    }

    /// The same for who may write already.
    async fn catch_up(&self) -> Result<()> {
        let before = self.snapshot();
        if let Some(changes) = store::find_changes(&self.0.db, before.revision()).await? {
            self.0.snapshots.send_replace(Arc::new(before.apply(changes)));
        }
        Ok(())
    }

    /// What tells that another server may have written; `None` where no other can.
    pub(crate) async fn news(&self) -> Result<Option<News>> {
        Ok(News::of(&self.0.db, Log::Catalog).await?)
    }

    /// Lets readers see a change, and asks for the readings that follow from it.
    fn publish(&self, written: Written) -> Arc<Snapshot> {
        let Written { snapshot, found, freed, .. } = written;
        let snapshot = Arc::new(snapshot);
        self.0.snapshots.send_replace(snapshot.clone());
        for found in found {
            self.enqueue(found, SyncCause::Start);
        }
        // Another location may hold a document of what left.
        for reference in freed {
            for problem in snapshot.problems_of(&reference).iter() {
                if let Some(location) = problem.location.filter(|_| problem.code == ProblemCode::Conflict) {
                    self.enqueue(location, SyncCause::Request);
                }
            }
        }
        snapshot
    }

    /// All registered locations.
    pub(crate) fn all_locations(&self) -> Vec<Arc<Location>> {
        registry::all(&self.snapshot())
    }
}

async fn load(db: &Db) -> Result<Snapshot> {
    let changes = Changes {
        revision: store::find_revision(db).await?,
        upserted: store::find_entities(db).await?,
        locations: store::find_locations(db).await?.into_iter().map(Arc::new).collect(),
        ..Changes::default()
    };
    Ok(Snapshot::default().apply(changes))
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
            Some(changes) => Box::pin(reconcile(db, config, stored.apply(changes), now)).await,
            None => Ok(stored),
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
