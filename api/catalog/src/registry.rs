//! Which locations there are: those of the configuration, and what `Location` entities lead to from there. Pure.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use arcstr::ArcStr;
use plinth_model::EntityRef;

use crate::{Config, Entity, List, Location, LocationId, LocationOrigin, LocationType, Snapshot, snapshot::Changes};

/// How the locations that a snapshot leads to differ from those that it holds.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// New ones, and those with another origin.
    pub(crate) upserted: Vec<Location>,
    /// Those that nothing leads to any more.
    pub(crate) removed: Vec<Arc<Location>>,
}

/// The difference for a snapshot and the configuration.
pub(crate) fn difference(snapshot: &Snapshot, config: &Config) -> Difference {
    let reachable = reachable(snapshot, config);
    let mut difference = Difference::default();
    for location in all(snapshot) {
        if !reachable.contains_key(&location.id) {
            difference.removed.push(location);
        }
    }
    for (id, Reached { kind, target, origin, declared_by }) in reachable {
        let known = snapshot.location(id);
        if known.is_some_and(|it| it.origin == origin && it.declared_by == declared_by) {
            continue;
        }
        let problems = known.map(|it| it.problems.clone()).unwrap_or_default();
        difference.upserted.push(Location { id, kind, target, origin, declared_by, problems });
    }
    difference.upserted.sort_by(|left, right| left.target.cmp(&right.target));
    difference
}

/// A location as it would be if nobody had registered it; `None` where nothing else leads to it.
pub(crate) fn without(snapshot: &Snapshot, location: &Location, config: &Config) -> Option<Location> {
    let changes = Changes { locations_removed: vec![location.id], ..Changes::default() };
    let found = difference(&snapshot.apply(changes), config).upserted.into_iter().find(|it| it.id == location.id)?;
    Some(Location { problems: location.problems.clone(), ..found })
}

/// All locations of a snapshot.
pub(crate) fn all(snapshot: &Snapshot) -> Vec<Arc<Location>> {
    snapshot.locations().all()
}

/// The configured location that led to this one.
pub(crate) fn origin(snapshot: &Snapshot, location: &Arc<Location>) -> Arc<Location> {
    let mut current = location.clone();
    // A chain is at most as long as there are locations; a cycle that lost its root ends here, too.
    for _ in 0..1_000 {
        let declared = current.declared_by.as_ref().and_then(|entity| snapshot.find(entity));
        match declared.and_then(|entity| entity.location).and_then(|id| snapshot.location(id)) {
            Some(next) if next.id != current.id => current = next.clone(),
            _ => break,
        }
    }
    current
}

/// Whether the entity that names a location says that it may be missing.
pub(crate) fn is_optional(snapshot: &Snapshot, location: &Location) -> bool {
    let declared = location.declared_by.as_ref().and_then(|entity| snapshot.find(entity));
    declared.and_then(|entity| entity.at("/spec/presence")).is_some_and(|presence| presence == "optional")
}

struct Reached {
    kind: LocationType,
    target: ArcStr,
    origin: LocationOrigin,
    declared_by: Option<EntityRef>,
}

fn reachable(snapshot: &Snapshot, config: &Config) -> HashMap<LocationId, Reached> {
    let mut pointers: HashMap<LocationId, Vec<&Arc<Entity>>> = HashMap::new();
    for entity in snapshot.pointers() {
        if let Some(location) = entity.location {
            pointers.entry(location).or_default().push(entity);
        }
    }
    let mut reached = HashMap::new();
    let mut queue = VecDeque::new();
    for location in &config.locations {
        let id = LocationId::of(location.kind, &location.target);
        let target = location.target.as_str().into();
        let origin = LocationOrigin::Configuration;
        reached.insert(id, Reached { kind: location.kind, target, origin, declared_by: None });
        queue.push_back(id);
    }
    for provider in &config.providers {
        let (kind, target) = (provider.kind(), provider.target());
        let (id, origin) = (LocationId::of(kind, &target), LocationOrigin::Configuration);
        reached.insert(id, Reached { kind, target: target.into(), origin, declared_by: None });
        queue.push_back(id);
    }
    for location in all(snapshot) {
        let Location { id, kind, target, origin, .. } = &*location;
        if *origin == LocationOrigin::Mutation && !reached.contains_key(id) {
            reached.insert(*id, Reached { kind: *kind, target: target.clone(), origin: *origin, declared_by: None });
            queue.push_back(*id);
        }
    }
    while let Some(location) = queue.pop_front() {
        let is_discovery = reached.get(&location).is_some_and(|it| it.kind == LocationType::GithubDiscovery);
        let origin = if is_discovery { LocationOrigin::Discovery } else { LocationOrigin::Entity };
        for entity in pointers.remove(&location).unwrap_or_default() {
            for (kind, target) in &entity.targets {
                let id = LocationId::of(*kind, target);
                if reached.contains_key(&id) {
                    continue;
                }
                let declared_by = Some(entity.reference.clone());
                reached.insert(id, Reached { kind: *kind, target: target.clone(), origin, declared_by });
                queue.push_back(id);
            }
        }
    }
    reached
}
