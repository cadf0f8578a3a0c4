//! What a reading changes: the difference between a snapshot and a location's content. Pure.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use arcstr::ArcStr;
use plinth_model::EntityRef;

use crate::{
    Entity, List, Location, LocationId, OrphanStrategy, Problem, ProblemCode, Snapshot, SyncCounts,
    content::{self, Interner, Origin},
    reading::{Reading, Taken},
};

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// New and changed entities, with their bodies.
    pub(crate) upserted: Vec<Taken>,
    /// Entities whose content stays but whose problems changed.
    pub(crate) touched: Vec<Arc<Entity>>,
    /// Entities that leave.
    pub(crate) removed: Vec<Arc<Entity>>,
    /// Entities that stay without a location.
    pub(crate) orphaned: Vec<Entity>,
    /// The location's problems, where they differ.
    pub(crate) problems: Option<Vec<Problem>>,
    pub(crate) counts: SyncCounts,
    /// Whether something was held when it was read and is held no more: it must be read again.
    pub(crate) is_stale: bool,
}

impl Plan {
    /// What a reading of a location changes.
    pub(crate) fn of(snapshot: &Snapshot, location: &Location, reading: Reading, orphans: OrphanStrategy) -> Self {
        let mut plan = Self::default();
        let Reading { taken, mut problems, kept_files, kept, kept_all, .. } = reading;
        let (chosen, conflicts) = choose(snapshot, location, taken);
        problems.extend(conflicts);
        let present: HashSet<EntityRef> = chosen.iter().map(|it| it.entity.reference.clone()).collect();
        for taken in chosen {
            plan.upsert(snapshot, taken);
        }
        for entity in held(snapshot, location.id) {
            let stays = kept_all
                || present.contains(&entity.reference)
                || kept.contains(&entity.reference)
                || kept_files.contains(&entity.file);
            if !stays {
                plan.retire(&entity, orphans);
            }
        }
        plan.counts.problems = problems.len();
        plan.compare_problems(snapshot, location, problems);
        plan
    }

    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.upserted.is_empty() && self.removed.is_empty() && self.orphaned.is_empty() && self.problems.is_none()
    }

    /// Takes an entity from a location that no longer holds it.
    pub(crate) fn retire(&mut self, entity: &Arc<Entity>, orphans: OrphanStrategy) {
        self.counts.removed += 1;
        match orphans {
            OrphanStrategy::Keep => match orphan(entity) {
                Some(orphan) => self.orphaned.push(orphan),
                None => self.removed.push(entity.clone()),
            },
            OrphanStrategy::Delete => self.removed.push(entity.clone()),
        }
    }

    fn upsert(&mut self, snapshot: &Snapshot, mut taken: Taken) {
        match snapshot.find(&taken.entity.reference) {
            Some(known) if known.hash == taken.entity.hash => self.counts.unchanged += 1,
            _ if taken.bodies.is_none() => self.is_stale = true,
            Some(known) => {
                self.counts.changed += 1;
                Arc::make_mut(&mut taken.entity).created_at = known.created_at;
                self.upserted.push(taken);
            }
            None => {
                self.counts.added += 1;
                self.upserted.push(taken);
            }
        }
    }

    /// Keeps the time at which a problem was first seen, and finds the entities whose problems changed.
    fn compare_problems(&mut self, snapshot: &Snapshot, location: &Location, mut problems: Vec<Problem>) {
        let mut known: HashMap<ProblemKey, Vec<&Problem>> = HashMap::new();
        for problem in location.problems.iter() {
            known.entry(ProblemKey::of(problem)).or_default().push(problem);
        }
        let mut fresh = Vec::new();
        for problem in &mut problems {
            let same = known.get_mut(&ProblemKey::of(problem)).and_then(|all| {
                let place = all.iter().position(|it| it.is_same_as(problem))?;
                Some(all.swap_remove(place))
            });
            match same {
                Some(same) => problem.since = same.since,
                None => fresh.extend(problem.entity.clone()),
            }
        }
        let gone = known.values().flatten().filter_map(|problem| problem.entity.clone());
        let mut changed: HashSet<EntityRef> = gone.chain(fresh).collect();
        for taken in &self.upserted {
            changed.remove(&taken.entity.reference);
        }
        for entity in self.removed.iter().map(|it| &it.reference).chain(self.orphaned.iter().map(|it| &it.reference)) {
            changed.remove(entity);
        }
        self.touched.extend(changed.iter().filter_map(|reference| snapshot.find(reference)).cloned());
        self.touched.sort_by(|left, right| left.reference.cmp(&right.reference));
        if problems != *location.problems {
            self.problems = Some(problems);
        }
    }
}

/// What problems are grouped by before they are compared in full.
#[derive(PartialEq, Eq, Hash)]
struct ProblemKey(ProblemCode, Option<ArcStr>, Option<u32>, Option<EntityRef>);

impl ProblemKey {
    fn of(problem: &Problem) -> Self {
        Self(problem.code, problem.file.clone(), problem.document, problem.entity.clone())
    }
}

/// Everything that a location holds.
pub(crate) fn held(snapshot: &Snapshot, location: LocationId) -> Vec<Arc<Entity>> {
    snapshot.held_by(location).all()
}

/// One document for each reference: the first holder keeps it. What another location holds, or an earlier document of
/// this one, is a conflict.
fn choose(snapshot: &Snapshot, location: &Location, taken: Vec<Taken>) -> (Vec<Taken>, Vec<Problem>) {
    let mut conflicts = Vec::new();
    let mut chosen: BTreeMap<EntityRef, Taken> = BTreeMap::new();
    let mut losers = Vec::new();
    let mut files: HashMap<EntityRef, ArcStr> = HashMap::new();
    for it in taken {
        let reference = it.entity.reference.clone();
        let known = snapshot.find(&reference);
        let foreign = known.filter(|known| known.location.is_some_and(|holder| holder != location.id));
        if let Some(known) = foreign {
            conflicts.push(conflict(&it, &known.file));
            continue;
        }
        match files.entry(reference.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(it.entity.file.clone());
                chosen.insert(reference, it);
            }
            Entry::Occupied(mut entry) => {
                // Two documents of one location: the one that the catalog holds stays, or else the first.
                let is_known = |taken: &Taken| {
                    known.is_some_and(|known| known.file == taken.entity.file && known.document == taken.document)
                };
                let loser = match chosen.get_mut(&reference) {
                    Some(first) if is_known(&it) && !is_known(first) => {
                        entry.insert(it.entity.file.clone());
                        std::mem::replace(first, it)
                    }
                    _ => it,
                };
                losers.push(loser);
            }
        }
    }
    for loser in losers {
        let winner = files.get(&loser.entity.reference).cloned().unwrap_or_default();
        conflicts.push(conflict(&loser, &winner));
    }
    (chosen.into_values().collect(), conflicts)
}

/// A document whose reference another one holds.
pub(crate) fn conflict(taken: &Taken, holder: &str) -> Problem {
    let entity = &taken.entity;
    let message = format!(
        "`{}` stands already in `{holder}`, which keeps it; give one of them another name, or remove it there",
        entity.reference
    );
    Problem {
        entity: Some(entity.reference.clone()),
        location: entity.location,
        file: Some(entity.file.clone()),
        document: Some(taken.document),
        line: Some(taken.at.line),
        column: Some(taken.at.column),
        ..Problem::error(ProblemCode::Conflict, message, taken.read_at)
    }
}

/// The same entity without a location, marked as Backstage marks it.
fn orphan(entity: &Entity) -> Option<Entity> {
    let mut value = entity.json();
    let annotations = value.pointer_mut("/metadata/annotations")?.as_object_mut()?;
    annotations.insert("backstage.io/orphan".to_owned(), "true".into());
    let origin = Origin {
        location: None,
        file: entity.file.clone(),
        document: entity.document,
        manifest: entity.manifest,
        definition: entity.definition,
        hash: None,
        revision: entity.revision,
        created_at: entity.created_at,
        updated_at: entity.updated_at,
    };
    content::entity(value.to_string().into(), origin, &mut Interner::default()).ok()
}

#[cfg(test)]
mod tests {
    use plinth_yaml::Position;
    use serde_json::json;

    use super::*;
    use crate::fixture;

    #[test]
    fn what_was_the_same_when_it_was_read_and_is_not_any_more_must_be_read_again() {
        let entity = |owner: &str| fixture::of("Component", json!({"name": "a"}), json!({"owner": owner}));
        let (read, other) = (entity("team-a"), entity("team-b"));
        let plan = |held: Vec<Arc<Entity>>| {
            let taken = Taken {
                at: Position { line: 1, column: 1 },
                document: 0,
                read_at: read.updated_at,
                entity: read.clone(),
                bodies: None,
            };
            let reading = Reading { taken: vec![taken], documents: 1, ..Reading::default() };
            let held = fixture::with(&Snapshot::default(), held);
            Plan::of(&held, &Location::nowhere(), reading, OrphanStrategy::Keep)
        };
        let same = plan(vec![read.clone()]);
        assert_eq!((same.is_stale, same.counts.unchanged, same.is_empty()), (false, 1, true));
        assert!(plan(vec![other]).is_stale);
        assert!(plan(Vec::new()).is_stale);
    }
}
