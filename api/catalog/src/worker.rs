//! Reads what is dirty: locations that are new, changed on disk, asked for, or due.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use plinth_storage::now;
use tokio::{
    sync::{mpsc, watch},
    task::{self, JoinSet},
    time::{Interval, MissedTickBehavior, interval_at},
};
use tracing::{Instrument, error, info, info_span, warn};

use crate::{
    Catalog, LocationId, LocationType, Problem, ProblemCode, Result, Sync, SyncCause, SyncCounts, SyncStage, SyncState,
    reading::{Interest, Job, Reading},
    turns::{Turn, Turns},
    watch::Watch,
};

/// How many locations are read at once.
const AT_ONCE: usize = 4;
/// When a reading that the database refused is tried again.
const AGAIN: Duration = Duration::from_secs(2);
/// How often locations that cannot be watched are read, where no interval is configured.
const UNWATCHED: Duration = Duration::from_secs(60);

/// Reads locations until it is dropped or told to stop.
#[derive(Debug)]
pub struct Worker {
    catalog: Catalog,
    dirty: mpsc::UnboundedReceiver<LocationId>,
    waiting: VecDeque<LocationId>,
    running: HashMap<task::Id, LocationId>,
    tasks: JoinSet<Option<Interest>>,
    turns: Turns,
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
        }
    }

    /// Reads every location, then what changes, until `stop` is done; what is being written then is written to the end.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut watch = Watch::start(self.catalog.clone());
        let mut due = self.due();
        for location in self.in_order() {
            self.catalog.enqueue(location, SyncCause::Start);
        }
        let stopping = watch::channel(false).0;
        let follower = tokio::spawn(follow(self.catalog.clone(), stopping.subscribe()));
        tokio::pin!(stop);
        loop {
            // What a reading found was sent before it ended, so an empty queue and no reader mean that all is read.
            while let Ok(location) = self.dirty.try_recv() {
                self.waiting.push_back(location);
            }
            self.begin();
            if self.running.is_empty() {
                self.catalog.set_ready().await;
            }
            tokio::select! {
                () = &mut stop => break,
                Some(location) = self.dirty.recv() => self.waiting.push_back(location),
                Some(done) = self.tasks.join_next_with_id() => self.ended(done, &mut watch),
                _ = due.tick() => self.ask_due(&watch),
            }
        }
        stopping.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = follower.await {
            error!(%error, "the follower of other servers ended badly");
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

    fn due(&self) -> Interval {
        let period = self.catalog.config().interval.unwrap_or(UNWATCHED).max(Duration::from_secs(1));
        let mut due = interval_at(tokio::time::Instant::now() + period, period);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        due
    }

    fn ask_due(&self, watch: &Watch) {
        let all = self.catalog.config().interval.is_some();
        for location in self.catalog.all_locations() {
            if all || location.kind == LocationType::Url || watch.lacks(location.id) {
                self.catalog.enqueue(location.id, SyncCause::Interval);
            }
        }
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

    fn ended(&mut self, done: Result<(task::Id, Option<Interest>), task::JoinError>, watch: &mut Watch) {
        let id = done.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
        let Some(location) = self.running.remove(&id) else { return };
        match done {
            Ok((_, Some(interest))) => watch.set(location, interest),
            Ok((_, None)) => watch.forget(location),
            Err(error) => error!(%error, location = %location.0, "a reader ended badly"),
        }
    }
}

/// Takes in what other servers write, until it is told to stop.
async fn follow(catalog: Catalog, mut stop: watch::Receiver<bool>) {
    let stopped = stop.wait_for(|stop| *stop);
    let following = async {
        let mut is_lost = false;
        loop {
            if let Err(error) = follow_until_lost(&catalog, &mut is_lost).await
                && !std::mem::replace(&mut is_lost, true)
            {
                let error = &error as &dyn std::error::Error;
                error!(error, "what other servers wrote cannot be read; it is tried again");
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        // It fails when the worker is gone.
        _ = stopped => {}
        () = following => {}
    }
}

/// Says once that it works again.
async fn follow_until_lost(catalog: &Catalog, is_lost: &mut bool) -> Result<()> {
    let Some(mut news) = catalog.news().await? else { return std::future::pending().await };
    loop {
        news.next().await;
        catalog.follow().await?;
        if std::mem::take(is_lost) {
            info!("what other servers wrote can be read again");
        }
    }
}

/// Reads one location to the end; `None` when it is not registered any more.
async fn read(catalog: Catalog, location: LocationId, turn: Option<Turn>) -> Option<Interest> {
    let mut sync = catalog.change_syncs(|syncs| syncs.begin(location, now()))?;
    let (interest, committed) = loop {
        let began = now();
        let Some(job) = catalog.job(location, began) else {
            catalog.change_syncs(|syncs| syncs.forget(location));
            // It may have come again meanwhile, and whoever asked then was told that a reading waits.
            if catalog.snapshot().location(location).is_some() {
                catalog.enqueue(location, sync.cause);
            }
            return None;
        };
        let reading = read_once(job).await;
        let interest = Interest { since: Some(began), ..reading.interest.clone() };
        let failed = reading.kept_all;
        sync.stage = SyncStage::Writing;
        (sync.done, sync.total) = (reading.documents, Some(reading.documents));
        catalog.change_syncs(|syncs| syncs.set(sync.clone()));
        if let Some(turn) = &turn {
            turn.come().await;
        }
        match catalog.commit(location, reading, now()).await {
            Ok(Some(committed)) => break (interest, Ok((failed, committed))),
            // Another server wrote meanwhile: what was found is compared with a catalog that is no more.
            Ok(None) => sync.stage = SyncStage::Reading,
            Err(error) => break (interest, Err(error)),
        }
    };
    drop(turn);
    match committed {
        Ok((failed, committed)) => {
            sync.counts = committed.counts;
            sync.revision = Some(committed.snapshot.revision());
            sync.state = match (failed, sync.counts.problems) {
                (true, _) => SyncState::Failed,
                (false, 0) => SyncState::Succeeded,
                (false, _) => SyncState::SucceededWithProblems,
            };
            report(&catalog, &sync);
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            error!(error, location = %location.0, "a reading could not be written; it is tried again");
            let (catalog, cause) = (catalog.clone(), sync.cause);
            tokio::spawn(async move {
                tokio::time::sleep(AGAIN).await;
                catalog.enqueue(location, cause);
            });
            sync.state = SyncState::Failed;
        }
    }
    sync.stage = SyncStage::Ended;
    sync.ended_at = Some(now());
    catalog.change_syncs(|syncs| syncs.set(sync));
    Some(interest)
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
    let snapshot = catalog.snapshot();
    let target = snapshot.location(sync.location).map(|it| &*it.target).unwrap_or_default();
    let SyncCounts { added, changed, removed, unchanged, problems } = sync.counts;
    let revision = sync.revision.map_or(0, |it| it.0);
    if sync.state == SyncState::Succeeded {
        info!(location = target, added, changed, removed, unchanged, revision, "location read");
    } else {
        warn!(location = target, added, changed, removed, unchanged, problems, revision, "location read with problems");
    }
}
