//! Reads what is dirty: locations that are new, changed on disk, asked for, or due.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use plinth_model::Ids;
use plinth_storage::{LEASE_RENEWAL, LEASE_TIME, now};
use tokio::{
    sync::{mpsc, watch},
    task::{self, JoinSet},
    time::{Instant, MissedTickBehavior, interval_at},
};
use tracing::{Instrument, error, info, info_span, warn};

use crate::{
    Catalog, Error, Location, LocationId, LocationType, Problem, ProblemCode, Sync, SyncCause, SyncCounts, SyncStage,
    SyncState,
    reading::{Interest, Job, Reading},
    turns::{Turn, Turns},
    watch::Watch,
};

/// How many locations are read at once.
const AT_ONCE: usize = 4;
/// When what the database refused is tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// How often locations that cannot be watched are read, where no interval is configured.
const UNWATCHED: Duration = Duration::from_secs(60);
/// How often a repository's files are asked for that tells of its changes by a webhook, where no interval is configured.
const REPOSITORY: Duration = Duration::from_secs(300);
/// How often it is looked which locations are due.
const LOOK: Duration = Duration::from_secs(1);
/// How often a server that does not read asks whether it may.
const STAND_BY: Duration = Duration::from_millis(500);
/// How often the log of changes is pruned.
const PRUNED_EVERY: Duration = Duration::from_secs(600);
/// How long news of readings are gathered before they are written down, when nobody waits for them.
const GATHER: Duration = Duration::from_millis(100);

/// Reads locations until it is dropped or told to stop, where no other server on the same database does.
#[derive(Debug)]
pub struct Worker {
    catalog: Catalog,
    dirty: mpsc::UnboundedReceiver<LocationId>,
    waiting: VecDeque<LocationId>,
    running: HashMap<task::Id, LocationId>,
    tasks: JoinSet<Read>,
    turns: Turns,
    /// When locations are due that nobody watches.
    due: HashMap<LocationId, Instant>,
}

/// How an attempt to read ended.
enum Read {
    /// What to watch, and when it is worth reading again, where that is known.
    Done(Box<Interest>, Option<Duration>),
    /// The location is not registered any more.
    Gone,
    /// There was nothing to do, or it could not be done.
    Not,
}

impl Worker {
    pub(crate) fn new(catalog: Catalog, dirty: mpsc::UnboundedReceiver<LocationId>) -> Self {
        Self {
            catalog,
            dirty,
            waiting: VecDeque::new(),
            running: HashMap::new(),
            tasks: JoinSet::new(),
            turns: Turns::new(),
            due: HashMap::new(),
        }
    }

    /// Reads every location, then what changes, until `stop` is done; what is being written then is written to the end.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut watch = Watch::start(self.catalog.clone());
        let mut looks = interval_at(Instant::now() + LOOK, LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopping = watch::channel(false).0;
        let role = watch::Sender::new(false);
        let mut roles = role.subscribe();
        let follower = tokio::spawn(until(stopping.subscribe(), follow(self.catalog.clone())));
        let keeper = tokio::spawn(until(stopping.subscribe(), keep_lease(self.catalog.clone(), role.clone())));
        let writer = tokio::spawn(write_down(self.catalog.clone(), stopping.subscribe()));
        let pruner = tokio::spawn(until(stopping.subscribe(), prune(self.catalog.clone(), role.subscribe())));
        tokio::pin!(stop);
        // Only once what it reads is in the queue: a role that is not heard of yet says nothing of it.
        let mut is_reader = false;
        loop {
            // What a reading found was sent before it ended, so an empty queue and no reader mean that all is read.
            while let Ok(location) = self.dirty.try_recv() {
                self.waiting.push_back(location);
            }
            self.begin();
            if is_reader && self.running.is_empty() {
                self.catalog.set_ready().await;
            }
            tokio::select! {
                () = &mut stop => break,
                Ok(()) = roles.changed() => {
                    watch = Watch::start(self.catalog.clone());
                    self.waiting.clear();
                    is_reader = *roles.borrow_and_update();
                    if is_reader {
                        self.take_over();
                    }
                }
                Some(location) = self.dirty.recv() => self.waiting.push_back(location),
                Some(done) = self.tasks.join_next_with_id() => self.ended(done, &mut watch),
                _ = looks.tick() => self.ask_due(&watch),
            }
        }
        while self.tasks.join_next().await.is_some() {}
        stopping.send_replace(true);
        for task in [follower, keeper, writer, pruner] {
            if let Err(error) = task.await {
                error!(%error, "a task of the catalog ended badly");
            }
        }
        if self.catalog.reads()
            && let Err(error) = self.catalog.release_lease().await
        {
            let error = &error as &dyn std::error::Error;
            warn!(error, "the lease of the reader could not be given back; it ends by itself");
        }
    }

    /// Reads everything: what changed while nobody read is not known.
    fn take_over(&mut self) {
        self.catalog.adopt();
        for location in self.in_order() {
            // Or somebody asked for it already.
            self.catalog.ask(location, SyncCause::Start);
            self.waiting.push_back(location);
        }
    }

    /// All locations, those of the configuration first and in its order.
    fn in_order(&self) -> Vec<LocationId> {
        let configured = &self.catalog.config().locations;
        let configured = configured.iter().map(|it| LocationId::of(it.kind, &it.target));
        let mut seen = HashSet::new();
        let all = self.catalog.all_locations().into_iter().map(|location| location.id);
        configured.chain(all).filter(|id| seen.insert(*id)).collect()
    }

    /// Asks for the locations that are due, each at its own time: together they would be a storm.
    fn ask_due(&mut self, watch: &Watch) {
        let (all, now) = (self.catalog.config().interval.is_some(), Instant::now());
        let locations = self.catalog.all_locations();
        if self.due.len() > locations.len() {
            let known: HashSet<LocationId> = locations.iter().map(|it| it.id).collect();
            self.due.retain(|id, _| known.contains(id));
        }
        for location in locations {
            if !all && location.kind == LocationType::File && !watch.lacks(location.id) {
                continue;
            }
            let due = self.due.get(&location.id);
            if due.is_some_and(|due| *due > now) {
                continue;
            }
            let period = self.period(&location);
            let next = match due {
                None => Ids.some_of(period),
                Some(_) => {
                    self.catalog.enqueue(location.id, SyncCause::Interval);
                    period - period / 10 + Ids.some_of(period / 5)
                }
            };
            self.due.insert(location.id, now + next);
        }
    }

    /// From one reading of a location to the next.
    fn period(&self, location: &Location) -> Duration {
        let interval = self.catalog.config().interval;
        match (self.catalog.provider(&location.target), interval) {
            (Some(provider), _) => provider.frequency,
            (None, Some(interval)) => interval,
            (None, None) if self.catalog.is_in_repository(location) => REPOSITORY,
            (None, None) => UNWATCHED,
        }
        .max(Duration::from_secs(1))
    }

    /// Begins what may begin: one reading a location, some at once.
    fn begin(&mut self) {
        let mut later = VecDeque::new();
        while self.running.len() < AT_ONCE {
            let Some(location) = self.waiting.pop_front() else { break };
            if self.running.values().any(|running| *running == location) {
                later.push_back(location);
                continue;
            }
            // In a catalog that is read for the first time, the first location keeps what several hold, not the quickest.
            let turn = (!self.catalog.is_ready()).then(|| self.turns.take());
            let task = self.tasks.spawn(read(self.catalog.clone(), location, turn).instrument(info_span!("reading")));
            self.running.insert(task.id(), location);
        }
        self.waiting.extend(later);
    }

    fn ended(&mut self, done: Result<(task::Id, Read), task::JoinError>, watch: &mut Watch) {
        let id = done.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
        let Some(location) = self.running.remove(&id) else { return };
        match done {
            Ok((_, Read::Done(interest, after))) => {
                watch.set(location, *interest);
                if let Some(after) = after {
                    // Until then it would be refused again.
                    self.due.insert(location, Instant::now() + after);
                }
            }
            Ok((_, Read::Gone)) => watch.forget(location),
            Ok((_, Read::Not)) => {}
            Err(error) => error!(%error, location = %location.0, "a reader ended badly"),
        }
    }
}

/// Does something until it is told to stop.
async fn until(mut stop: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        // It fails when the worker is gone.
        _ = stop.wait_for(|stop| *stop) => {}
        () = work => {}
    }
}

/// Takes in what other servers write.
async fn follow(catalog: Catalog) {
    let mut outage =
        Outage::of("what other servers wrote cannot be read", "what other servers wrote can be read again");
    loop {
        match catalog.news().await {
            Ok(Some(mut news)) => loop {
                news.next().await;
                let followed = catalog.follow().await;
                if outage.note(&followed) {
                    break;
                }
            },
            Ok(None) => return,
            Err(error) => drop(outage.note::<()>(&Err(error))),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Takes the lease of the reader as soon as it is free, and renews it.
async fn keep_lease(catalog: Catalog, role: watch::Sender<bool>) {
    let mut outage =
        Outage::of("the lease of the reader cannot be asked for", "the lease of the reader can be asked for again");
    // What is stored is searched before it is read again: both at once would let everybody wait for both.
    catalog.searched().await;
    let mut certain_until = Instant::now();
    loop {
        let asked_at = Instant::now();
        let taken = catalog.take_lease().await;
        outage.note(&taken);
        let reads = match taken {
            // No other server can have it, however long a change takes that this one writes.
            Ok(true) if catalog.is_alone() => {
                role.send_replace(true);
                info!("this server reads the locations");
                return std::future::pending().await;
            }
            Ok(taken) => {
                certain_until = asked_at + LEASE_TIME;
                taken
            }
            // Until then nobody else can have it.
            Err(_) if catalog.reads() && Instant::now() < certain_until => true,
            Err(_) => {
                catalog.set_reads(false);
                false
            }
        };
        if role.send_if_modified(|role| std::mem::replace(role, reads) != reads) {
            match reads {
                true => info!("this server reads the locations"),
                false => info!("this server does not read the locations any more"),
            }
        }
        tokio::time::sleep(if reads { LEASE_RENEWAL } else { STAND_BY }).await;
    }
}

/// Forgets the changes that are kept no longer, whenever this server begins to read, and now and then.
async fn prune(catalog: Catalog, mut role: watch::Receiver<bool>) {
    let mut outage = Outage::of("the log of changes cannot be pruned", "the log of changes can be pruned again");
    while role.wait_for(|reads| *reads).await.is_ok() {
        let pruned = catalog.prune().await;
        outage.note(&pruned);
        if let Ok(rows @ 1..) = pruned {
            info!(rows, "the log of changes was pruned");
        }
        // Or as soon as the role changes.
        let _ = tokio::time::timeout(PRUNED_EVERY, role.changed()).await;
    }
}

/// Writes down how readings stand, so that other servers and later ones know it.
async fn write_down(catalog: Catalog, mut stop: watch::Receiver<bool>) {
    let mut news = catalog.reading_news();
    let mut outage =
        Outage::of("how readings stand cannot be written down", "how readings stand can be written down again");
    loop {
        let is_over = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => true,
            _ = news.changed() => false,
        };
        let late = Instant::now() + GATHER;
        while !is_over && !catalog.has_urgent_readings() {
            if tokio::time::timeout_at(late, news.changed()).await.is_err() {
                break;
            }
        }
        let is_lost = outage.note(&catalog.write_readings().await);
        if is_over {
            return;
        }
        if is_lost {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Tells once of what fails again and again, and once when it does no more.
struct Outage {
    lost: &'static str,
    over: &'static str,
    is_on: bool,
}

impl Outage {
    fn of(lost: &'static str, over: &'static str) -> Self {
        Self { lost, over, is_on: false }
    }

    /// Notes how an attempt ended; says whether it failed.
    fn note<T>(&mut self, attempt: &crate::Result<T>) -> bool {
        let was_on = std::mem::replace(&mut self.is_on, attempt.is_err());
        match attempt {
            Err(error) if !was_on => {
                error!(error = error as &dyn std::error::Error, "{}; it is tried again", self.lost);
            }
            Ok(_) if was_on => info!("{}", self.over),
            _ => {}
        }
        attempt.is_err()
    }
}

/// Reads one location to the end.
async fn read(catalog: Catalog, location: LocationId, turn: Option<Turn>) -> Read {
    let mut sync = match catalog.begin(location).await {
        Ok(Some(sync)) => sync,
        Ok(None) => return Read::Not,
        Err(error) => {
            again(&catalog, location, &error);
            return Read::Not;
        }
    };
    let (interest, committed) = loop {
        let began = now();
        let Some(job) = catalog.job(location, began) else {
            catalog.change_syncs(|syncs| syncs.forget(location));
            // It may have come again meanwhile, and whoever asked then was told that a reading waits.
            if catalog.current().location(location).is_some() {
                catalog.enqueue(location, sync.cause);
            }
            return Read::Gone;
        };
        let reading = read_once(job).await;
        let interest = Interest { since: Some(began), ..reading.interest.clone() };
        let (failed, again) = (reading.kept_all, reading.after);
        sync.stage = SyncStage::Writing;
        (sync.done, sync.total) = (reading.documents, Some(reading.documents));
        catalog.change_syncs(|syncs| syncs.set(sync.clone()));
        if let Some(turn) = &turn {
            turn.come().await;
        }
        match catalog.commit(location, reading, now()).await {
            Ok(Some(committed)) => break (interest, Ok((failed, again, committed))),
            // Another server wrote meanwhile: what was found is compared with a catalog that is no more.
            Ok(None) => sync.stage = SyncStage::Reading,
            Err(error) => break (interest, Err(error)),
        }
    };
    drop(turn);
    let mut after = None;
    match committed {
        Ok((failed, again, committed)) => {
            after = again;
            sync.counts = committed.counts;
            sync.revision = Some(committed.snapshot.revision());
            sync.state = match (failed, sync.counts.problems) {
                (true, _) => SyncState::Failed,
                (false, 0) => SyncState::Succeeded,
                (false, _) => SyncState::SucceededWithProblems,
            };
            report(&catalog, &sync);
        }
        // The other one reads it.
        Err(Error::NotTheReader) => return Read::Not,
        Err(error) => {
            again(&catalog, location, &error);
            sync.state = SyncState::Failed;
        }
    }
    sync.stage = SyncStage::Ended;
    sync.ended_at = Some(now());
    catalog.change_syncs(|syncs| syncs.set(sync));
    Read::Done(Box::new(interest), after)
}

/// Lets a location be read later, for the database refused it.
fn again(catalog: &Catalog, location: LocationId, error: &Error) {
    let error = error as &dyn std::error::Error;
    error!(error, location = %location.0, "a reading could not be written; it is tried again");
    let catalog = catalog.clone();
    tokio::spawn(async move {
        tokio::time::sleep(AGAIN).await;
        catalog.enqueue(location, SyncCause::Start);
        catalog.wake(location);
    });
}

/// Reads what a location holds, on a thread that may block.
async fn read_once(job: Job) -> Reading {
    let (location, now) = (job.location.clone(), job.now);
    tokio::task::spawn_blocking(move || job.read()).await.unwrap_or_else(|error| {
        error!(%error, location = %location.target, "a reader ended badly");
        let message =
            format!("`{}` could not be read for a fault of ours; the server's log says more", location.target);
        let problem = Problem::error(ProblemCode::Unreadable, message, now);
        let problems = vec![Problem { location: Some(location.id), ..problem }];
        Reading { problems, kept_all: true, ..Reading::default() }
    })
}

fn report(catalog: &Catalog, sync: &Sync) {
    let snapshot = catalog.current();
    let target = snapshot.location(sync.location).map(|it| &*it.target).unwrap_or_default();
    let SyncCounts { added, changed, removed, unchanged, problems } = sync.counts;
    let revision = sync.revision.map_or(0, |it| it.0);
    if sync.state == SyncState::Succeeded {
        info!(location = target, added, changed, removed, unchanged, revision, "location read");
    } else {
        warn!(location = target, added, changed, removed, unchanged, problems, revision, "location read with problems");
    }
}
