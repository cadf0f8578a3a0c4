//! Watching files: what changes on disk marks its location.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tracing::warn;

use crate::{Catalog, LocationId, SyncCause, reading::Interest};

/// How long news are gathered, so that a save of many files is one reading.
const GATHER: Duration = Duration::from_millis(30);

/// Watches the folders of all locations.
pub(crate) struct Watch {
    catalog: Catalog,
    watcher: Option<RecommendedWatcher>,
    interests: Arc<Mutex<HashMap<LocationId, Interest>>>,
    folders: HashMap<PathBuf, Watched>,
    /// Locations with a folder that cannot be watched.
    lacking: HashSet<LocationId>,
}

/// A folder that is watched.
#[derive(Default)]
struct Watched {
    /// The locations that need it.
    users: HashSet<LocationId>,
    identity: Option<(u64, u64)>,
}

impl Watch {
    /// Begins; where the system gives no watcher, locations are read at intervals.
    pub(crate) fn start(catalog: Catalog) -> Self {
        let (news, heard) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event| {
            // It fails only when the worker has ended.
            let _ = news.send(event);
        });
        let watcher =
            watcher.map_err(|error| warn!(%error, "files cannot be watched; they are read at intervals")).ok();
        let interests = Arc::<Mutex<HashMap<LocationId, Interest>>>::default();
        tokio::spawn(follow(catalog.clone(), interests.clone(), heard));
        Self { catalog, watcher, interests, folders: HashMap::new(), lacking: HashSet::new() }
    }

    /// Whether a location's changes may pass unnoticed.
    pub(crate) fn lacks(&self, location: LocationId) -> bool {
        self.lacking.contains(&location)
    }

    /// Watches what a reading said must be watched. What changed between the reading and this is read again.
    pub(crate) fn set(&mut self, location: LocationId, interest: Interest) {
        let before = self.watched_by(location);
        // A folder that is not there is seen when it comes, in the nearest one above that is.
        let now: HashSet<PathBuf> = interest.folders.iter().filter_map(|folder| existing(folder)).collect();
        let mut complete = self.watcher.is_some();
        let mut is_new = false;
        for folder in &now {
            if self.is_watched(folder, location) {
                continue;
            }
            self.unwatch(folder, location);
            complete &= self.watch(folder, location);
            is_new = true;
        }
        for folder in before.difference(&now) {
            self.unwatch(folder, location);
        }
        if complete {
            self.lacking.remove(&location)
        } else {
            self.lacking.insert(location)
        };
        let missed = is_new && changed_since(&interest);
        self.interests().insert(location, interest);
        if missed {
            self.catalog.enqueue(location, SyncCause::FileChange);
        }
    }

    /// Whether a folder is watched for a location, and is still the one that was there then: who removes it and makes it anew
    /// takes the system's watch with it.
    fn is_watched(&self, folder: &Path, location: LocationId) -> bool {
        let watched = self.folders.get(folder);
        watched.is_some_and(|it| it.users.contains(&location) && it.identity == identity(folder))
    }

    /// Stops watching for a location.
    pub(crate) fn forget(&mut self, location: LocationId) {
        for folder in self.watched_by(location) {
            self.unwatch(&folder, location);
        }
        self.interests().remove(&location);
        self.lacking.remove(&location);
    }

    fn watched_by(&self, location: LocationId) -> HashSet<PathBuf> {
        let watched = self.folders.iter().filter(|(_, it)| it.users.contains(&location));
        watched.map(|(folder, _)| folder.clone()).collect()
    }

    fn interests(&self) -> std::sync::MutexGuard<'_, HashMap<LocationId, Interest>> {
        self.interests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&mut self, folder: &Path, location: LocationId) -> bool {
        let identity = identity(folder);
        let watched = self.folders.entry(folder.to_owned()).or_default();
        watched.users.insert(location);
        if watched.users.len() > 1 && watched.identity == identity {
            return true;
        }
        watched.identity = identity;
        let Some(watcher) = &mut self.watcher else { return false };
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => true,
            Err(error) => {
                warn!(%error, folder = %folder.display(), "a folder cannot be watched; it is read at intervals");
                self.folders.remove(folder);
                false
            }
        }
    }

    fn unwatch(&mut self, folder: &Path, location: LocationId) {
        let Some(watched) = self.folders.get_mut(folder) else { return };
        watched.users.remove(&location);
        if watched.users.is_empty() {
            self.folders.remove(folder);
            if let Some(watcher) = &mut self.watcher {
                // It fails for a folder that is gone, and then there is nothing to unwatch.
                let _ = watcher.unwatch(folder);
            }
        }
    }
}

/// The folder, or the nearest one above it that is there.
fn existing(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|it| it.is_dir()).map(Path::to_owned)
}

/// What tells a folder from another one that came in its place.
fn identity(folder: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).ok().map(|it| (it.dev(), it.ino()))
}

/// Marks the locations that news are about.
async fn follow(
    catalog: Catalog,
    interests: Arc<Mutex<HashMap<LocationId, Interest>>>,
    mut heard: mpsc::UnboundedReceiver<notify::Result<notify::Event>>,
) {
    while let Some(first) = heard.recv().await {
        tokio::time::sleep(GATHER).await;
        let mut events = vec![first];
        while let Ok(event) = heard.try_recv() {
            events.push(event);
        }
        let dirty = {
            let interests = interests.lock().unwrap_or_else(PoisonError::into_inner);
            dirty(&interests, &events)
        };
        for location in dirty {
            catalog.enqueue(location, SyncCause::FileChange);
        }
    }
}

fn dirty(interests: &HashMap<LocationId, Interest>, events: &[notify::Result<notify::Event>]) -> HashSet<LocationId> {
    let all = || interests.keys().copied().collect();
    let mut dirty = HashSet::new();
    for event in events {
        let Ok(event) = event else { return all() };
        if event.need_rescan() {
            return all();
        }
        if matches!(event.kind, EventKind::Access(_)) {
            continue;
        }
        for path in &event.paths {
            dirty.extend(
                interests.iter().filter(|(_, interest)| interest.is_about(path)).map(|(location, _)| *location),
            );
        }
    }
    dirty
}

/// Whether a file or folder changed after the reading began: what happened before it was watched.
fn changed_since(interest: &Interest) -> bool {
    let Some(since) = interest.since else { return false };
    // The file system's clock is coarser than ours.
    let since = SystemTime::from(since) - Duration::from_millis(20);
    let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|it| it.modified()).is_ok_and(|at| at >= since);
    interest.files.iter().any(changed) || interest.folders.iter().any(changed)
}

impl Interest {
    /// Whether a path is one of the files, one that the target names, or a folder that may hold such.
    fn is_about(&self, path: &Path) -> bool {
        self.files.contains(path)
            || self.folders.contains(path)
            || self.target.as_ref().is_some_and(|target| target.matches(path))
            || (path.parent().is_some_and(|parent| self.folders.contains(parent)) && path.is_dir())
            // One above a folder of ours that came, or went.
            || self.folders.iter().any(|folder| folder.starts_with(path))
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("folders", &self.folders.len()).finish_non_exhaustive()
    }
}
