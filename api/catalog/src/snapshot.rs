//! The catalog at one moment: immutable, indexed, numbered.
//!
//! A request takes one snapshot at its start and every field under it reads that one. The maps are persistent: the
//! next snapshot shares all that did not change.

mod gather;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::BTreeSet,
    convert::Infallible,
    ops::{Bound, RangeBounds},
    sync::Arc,
    time::Instant,
};

use arcstr::ArcStr;
use foldhash::HashMap;
use imbl::ordmap::DiffItem;
use plinth_model::{EntityRef, Revision};
use serde::{Deserialize, Serialize};

use crate::{
    Entity, FoundChange, FoundEntity, Kind, List, Location, LocationId, Problem, ProblemCode, Relation, RelationType,
    Severity,
    index::{Column, Index, Rank},
    neighbours::{Edges, Neighbours},
};

pub(crate) use self::gather::{Chunk, ended, gather};

/// The catalog at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    revision: Revision,
    /// A tree: nodes of a hash map of this size would stand nearly empty, and two trees are compared by what they do not share.
    entities: imbl::OrdMap<EntityRef, Numbered>,
    index: Index,
    edges: imbl::OrdMap<EntityRef, Edges>,
    locations: imbl::OrdMap<LocationKey, Arc<Location>>,
    location_keys: imbl::HashMap<LocationId, LocationKey>,
    held: imbl::HashMap<LocationId, Neighbours>,
    /// The `Location` entities: which further locations there are hangs on them.
    pointers: imbl::OrdMap<EntityRef, Arc<Entity>>,
    problems: imbl::HashMap<EntityRef, Arc<[Problem]>>,
    /// References that stand in several documents.
    contested: imbl::OrdSet<EntityRef>,
    notices: Arc<[Problem]>,
}

/// An entity and its number in the indexes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbered {
    pub(crate) number: u32,
    pub(crate) entity: Arc<Entity>,
}

/// Where an entity stands in the order by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NameKey(Box<str>, EntityRef);

/// Where a location stands in the order by target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LocationKey(ArcStr, Box<str>);

/// What differs between a snapshot and the next.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) revision: Revision,
    pub(crate) upserted: Vec<Arc<Entity>>,
    pub(crate) removed: Vec<EntityRef>,
    pub(crate) locations: Vec<Arc<Location>>,
    pub(crate) locations_removed: Vec<LocationId>,
}

/// Text as it is compared: without case, by code points.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The name of a place by name.
fn name_of(bound: &Bound<NameKey>) -> Bound<&str> {
    match bound {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(NameKey(name, _)) | Bound::Excluded(NameKey(name, _)) => Bound::Included(name),
    }
}

fn location_key(location: &Location) -> LocationKey {
    LocationKey(location.target.clone(), location.kind.as_str().into())
}

// === impl Snapshot ===

impl Snapshot {
    /// The change that made it.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The entity of this reference.
    pub fn find(&self, reference: &EntityRef) -> Option<&Arc<Entity>> {
        self.entities.get(reference).map(|it| &it.entity)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The number of an entity in the indexes.
    pub(crate) fn number(&self, reference: &EntityRef) -> Option<u32> {
        self.entities.get(reference).map(|it| it.number)
    }

    /// Where a reference stands among the ranks of entities, whether or not it is one's.
    pub(crate) fn rank_of(&self, reference: &EntityRef) -> Rank {
        let up_to = self.entities.range::<_, EntityRef>((Bound::Unbounded, Bound::Included(reference))).next_back();
        Rank::up_to(up_to.map(|(last, it)| (last == reference, self.index.ranks().get(it.number))))
    }

    /// All entities with their numbers, by reference.
    pub(crate) fn numbered(&self) -> &imbl::OrdMap<EntityRef, Numbered> {
        &self.entities
    }

    /// All entities, by name.
    pub fn by_name(&self) -> ByName<'_> {
        ByName(self)
    }

    /// The entities at the other end of a reference's relations of one type, by reference.
    pub fn related(&self, reference: &EntityRef, kind: RelationType) -> Related<'_> {
        Related { snapshot: self, references: self.neighbours(reference, kind), kind: None }
    }

    /// The relations of a reference, dangling ones too, by type and then by the other end.
    pub fn relations(&self, reference: &EntityRef, kinds: &[RelationType]) -> Vec<Relation> {
        let mut relations = Vec::new();
        for kind in kinds {
            let Some(others) = self.neighbours(reference, *kind) else { continue };
            relations.extend(others.iter().map(|other| Relation {
                kind: *kind,
                source: reference.clone(),
                target: other.clone(),
            }));
        }
        relations
    }

    /// Whatever is otherwise than in another snapshot: as it is here, nothing where it is not here. What both share is not
    /// looked at.
    pub(crate) fn changed_since<'s>(
        &'s self,
        other: &'s Self,
    ) -> impl Iterator<Item = (&'s EntityRef, Option<&'s Arc<Entity>>)> {
        other.entities.diff(&self.entities).map(|difference| match difference {
            DiffItem::Add(reference, it) | DiffItem::Update { new: (reference, it), .. } => {
                (reference, Some(&it.entity))
            }
            DiffItem::Remove(reference, _) => (reference, None),
        })
    }

    /// The other ends of a reference's relations of one type or of all, dangling ones too.
    pub(crate) fn ends(&self, reference: &EntityRef, kind: Option<RelationType>) -> Vec<&EntityRef> {
        let all = RelationType::ALL;
        let kinds = kind.as_ref().map_or(all.as_slice(), std::slice::from_ref);
        kinds.iter().filter_map(|kind| self.neighbours(reference, *kind)).flat_map(Neighbours::iter).collect()
    }

    pub(crate) fn neighbours(&self, reference: &EntityRef, kind: RelationType) -> Option<&Neighbours> {
        self.edges.get(reference)?.get(kind)
    }

    /// Lets an entity have problems, or none, whichever they are: for a snapshot of what was.
    pub(crate) fn set_problems(&mut self, reference: &EntityRef, has: bool) {
        if has {
            self.problems.entry(reference.clone()).or_default();
        } else {
            self.problems.remove(reference);
        }
    }

    /// Whether a problem names this entity.
    pub(crate) fn has_problems(&self, reference: &EntityRef) -> bool {
        self.problems.contains_key(reference)
    }

    /// The location of this id.
    pub fn location(&self, id: LocationId) -> Option<&Arc<Location>> {
        self.locations.get(self.location_keys.get(&id)?)
    }

    /// All locations, by target.
    pub fn locations(&self) -> ByTarget<'_> {
        ByTarget(self)
    }

    /// What a location holds, by reference.
    pub fn held_by(&self, location: LocationId) -> Related<'_> {
        Related { snapshot: self, references: self.held.get(&location), kind: None }
    }

    /// The problems that name this entity, over all locations.
    pub fn problems_of(&self, reference: &EntityRef) -> Arc<[Problem]> {
        self.problems.get(reference).cloned().unwrap_or_default()
    }

    /// All problems: the configuration's first, then by location, then what holders are told of conflicts.
    pub fn problems(&self) -> impl Iterator<Item = Cow<'_, Problem>> {
        let read = self.notices.iter().chain(self.locations.values().flat_map(|location| location.problems.iter()));
        let told = self.contested.iter().flat_map(|reference| self.conflicts_of(reference));
        read.map(Cow::Borrowed).chain(told.map(Cow::Owned))
    }

    /// The problems of a location, among them what it is told of conflicts over entities that it holds.
    pub fn problems_at<'s>(&'s self, location: &'s Location) -> impl Iterator<Item = Cow<'s, Problem>> {
        let held = self.held.get(&location.id);
        // Few references are contested as a rule; where many are, a location holds fewer.
        let told: Box<dyn Iterator<Item = &EntityRef>> = match held {
            None => Box::new(std::iter::empty()),
            Some(held) if held.len() < self.contested.len() => {
                Box::new(held.iter().filter(|it| self.contested.contains(*it)))
            }
            Some(held) => Box::new(self.contested.iter().filter(|it| held.contains(it))),
        };
        let told = told.flat_map(|reference| self.conflicts_of(reference));
        location.problems.iter().map(Cow::Borrowed).chain(told.map(Cow::Owned))
    }

    /// What a location's last reading found, as far as the catalog knows: what it holds, against an earlier snapshot, then
    /// what it was refused; so many at most.
    pub fn found_at(&self, location: LocationId, before: &Self, most: usize) -> Vec<FoundEntity> {
        let held = self.held.get(&location).into_iter().flat_map(Neighbours::iter);
        let held = held.filter_map(|reference| self.find(reference)).map(|entity| {
            let change = match before.find(&entity.reference) {
                None => FoundChange::Added,
                Some(known) if known.hash == entity.hash => FoundChange::Unchanged,
                Some(_) => FoundChange::Changed,
            };
            FoundEntity::taken(entity, change)
        });
        let problems = self.location(location).map(|it| it.problems.clone()).unwrap_or_default();
        let refused = problems.iter().filter(|it| it.severity == Severity::Error).filter_map(|it| it.entity.clone());
        let refused: BTreeSet<_> = refused.collect();
        held.chain(refused.into_iter().map(FoundEntity::refused)).take(most).collect()
    }

    /// What the holder of a contested reference is told: a warning for each document that lost.
    fn conflicts_of(&self, reference: &EntityRef) -> Vec<Problem> {
        let Some(holder) = self.find(reference) else { return Vec::new() };
        let problems = self.problems_of(reference);
        let conflicts = problems.iter().filter(|it| it.code == ProblemCode::Conflict);
        conflicts.map(|conflict| conflict.seen_by(holder)).collect()
    }

    /// The `Location` entities that point somewhere, by reference.
    pub(crate) fn pointers(&self) -> impl Iterator<Item = &Arc<Entity>> {
        self.pointers.values()
    }

    /// The same catalog with the configuration's own problems.
    pub(crate) fn with_notices(mut self, notices: Vec<Problem>) -> Self {
        self.notices = notices.into();
        self
    }

    /// The next snapshot.
    pub(crate) fn apply(&self, changes: Changes) -> Self {
        let Changes { revision, upserted, removed, locations, locations_removed } = changes;
        let (began, entities) = (Instant::now(), upserted.len() + removed.len());
        let mut next = self.clone();
        next.revision = next.revision.max(revision);
        for reference in &removed {
            next.drop_entity(reference);
        }
        if next.is_bare() {
            next.take_all(upserted);
        } else {
            upserted.into_iter().for_each(|entity| next.take_entity(entity));
        }
        for id in locations_removed {
            next.drop_location(id);
        }
        for location in locations {
            next.drop_location(location.id);
            next.take_location(location);
        }
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(micros, entities, revision = next.revision.0, "a change is applied");
        next
    }

    /// Whether nothing in it hangs on entities yet.
    fn is_bare(&self) -> bool {
        self.entities.is_empty() && self.problems.is_empty() && self.index.is_new()
    }

    /// Takes the first entities, all at once; of those of one reference the last one.
    fn take_all(&mut self, mut entities: Vec<Arc<Entity>>) {
        entities.reverse();
        entities.sort_by(|left, right| left.reference.cmp(&right.reference));
        entities.dedup_by(|left, right| left.reference == right.reference);
        let gathered = gather([Ok::<_, Infallible>(entities.into())].into_iter());
        let Ok(Self { entities, index, edges, held, pointers, .. }) = gathered;
        *self = Self { entities, index, edges, held, pointers, ..std::mem::take(self) };
    }

    fn take_entity(&mut self, entity: Arc<Entity>) {
        let known = self.entities.get(&entity.reference).cloned();
        let number = self.index.put(&entity, known.as_ref().map(|it| (it.number, &*it.entity)));
        self.entities.insert(entity.reference.clone(), Numbered { number, entity: entity.clone() });
        match known {
            Some(known) => self.let_go(&known.entity),
            None => {
                self.rank(&entity.reference, number);
                // Others may have named it before it came.
                for kind in RelationType::ALL {
                    let related = self.neighbours(&entity.reference, kind).is_some();
                    self.index.mark_related(number, kind, related);
                }
                self.index.mark_problems(number, self.problems.contains_key(&entity.reference));
            }
        }
        for (kind, other) in &entity.relations {
            self.link(&entity.reference, *kind, other);
            self.link(other, kind.reverse(), &entity.reference);
        }
        if let Some(location) = entity.location {
            match self.held.get_mut(&location) {
                Some(held) => held.add(&entity.reference),
                None => drop(self.held.insert(location, Neighbours::one(entity.reference.clone()))),
            }
        }
        if !entity.targets.is_empty() {
            self.pointers.insert(entity.reference.clone(), entity);
        }
    }

    /// Gives an entity that came its place among all.
    fn rank(&mut self, reference: &EntityRef, number: u32) {
        let Self { entities, index, .. } = self;
        let (up_to, behind) = (Bound::Excluded(reference), Bound::Excluded(reference));
        let before = entities.range::<_, EntityRef>((Bound::Unbounded, up_to)).next_back();
        let after = entities.range::<_, EntityRef>((behind, Bound::Unbounded)).next();
        let number_of = |(_, it): (&EntityRef, &Numbered)| it.number;
        if !index.rank(number, before.map(number_of), after.map(number_of)) {
            let numbers: Vec<u32> = entities.values().map(|it| it.number).collect();
            index.spread(&numbers);
        }
    }

    fn drop_entity(&mut self, reference: &EntityRef) {
        let Some(Numbered { number, entity }) = self.entities.remove(reference) else { return };
        self.index.remove(number, &entity);
        self.let_go(&entity);
    }

    /// Takes back what an entity brought besides itself.
    fn let_go(&mut self, entity: &Entity) {
        self.pointers.remove(&entity.reference);
        for (kind, other) in &entity.relations {
            self.unlink(&entity.reference, *kind, other);
            self.unlink(other, kind.reverse(), &entity.reference);
        }
        if let Some(location) = entity.location
            && self.held.get_mut(&location).is_some_and(|held| held.remove(&entity.reference))
        {
            self.held.remove(&location);
        }
    }

    fn link(&mut self, from: &EntityRef, kind: RelationType, to: &EntityRef) {
        let is_first = match self.edges.get_mut(from) {
            Some(edges) => edges.add(kind, to),
            None => {
                let mut edges = Edges::default();
                edges.add(kind, to);
                self.edges.insert(from.clone(), edges);
                true
            }
        };
        if is_first {
            self.mark_related(from, kind, true);
        }
    }

    fn unlink(&mut self, from: &EntityRef, kind: RelationType, to: &EntityRef) {
        let Some(edges) = self.edges.get_mut(from) else { return };
        let (is_last, is_empty) = (edges.remove(kind, to), edges.is_empty());
        if is_empty {
            self.edges.remove(from);
        }
        if is_last {
            self.mark_related(from, kind, false);
        }
    }

    fn mark_related(&mut self, reference: &EntityRef, kind: RelationType, related: bool) {
        if let Some(number) = self.number(reference) {
            self.index.mark_related(number, kind, related);
        }
    }

    fn mark_problems(&mut self, reference: &EntityRef) {
        if let Some(number) = self.number(reference) {
            self.index.mark_problems(number, self.problems.contains_key(reference));
        }
    }

    fn take_location(&mut self, location: Arc<Location>) {
        let mut by_entity: HashMap<&EntityRef, Vec<Problem>> = HashMap::default();
        for problem in location.problems.iter() {
            let Some(entity) = &problem.entity else { continue };
            by_entity.entry(entity).or_default().push(problem.clone());
            if problem.code == ProblemCode::Conflict {
                self.contested.insert(entity.clone());
            }
        }
        for (entity, problems) in by_entity {
            let known = self.problems_of(entity);
            self.problems.insert(entity.clone(), known.iter().cloned().chain(problems).collect());
            self.mark_problems(entity);
        }
        let key = location_key(&location);
        self.location_keys.insert(location.id, key.clone());
        self.locations.insert(key, location);
    }

    fn drop_location(&mut self, id: LocationId) {
        let Some(location) = self.location_keys.remove(&id).and_then(|key| self.locations.remove(&key)) else { return };
        let entities: BTreeSet<_> = location.problems.iter().filter_map(|problem| problem.entity.as_ref()).collect();
        for entity in entities {
            let rest: Vec<_> = self.problems_of(entity).iter().filter(|it| it.location != Some(id)).cloned().collect();
            if !rest.iter().any(|it| it.code == ProblemCode::Conflict) {
                self.contested.remove(entity);
            }
            if rest.is_empty() {
                self.problems.remove(entity);
                self.mark_problems(entity);
            } else {
                self.problems.insert(entity.clone(), rest.into());
            }
        }
    }
}

// === impl ByName ===

/// All entities, by name.
#[derive(Debug, Clone, Copy)]
pub struct ByName<'s>(&'s Snapshot);

impl List for ByName<'_> {
    type Key = NameKey;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<NameKey>,
        to: Bound<NameKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = (NameKey, Arc<Entity>)> + 'a> {
        let snapshot = self.0;
        let names = snapshot.index.terms(Column::Name).range(name_of(&from), name_of(&to));
        let entities = names.flat_map(move |(name, posting)| {
            let numbers = posting.numbers();
            let entities = numbers.iter().filter_map(|number| snapshot.index.entity(number));
            let mut keys: Vec<_> = entities
                .map(|entity| (NameKey(String::from(&**name).into(), entity.reference.clone()), entity.clone()))
                .collect();
            keys.sort_by(|(left, _), (right, _)| left.cmp(right));
            keys
        });
        let bounds = (from, to);
        Box::new(entities.filter(move |(key, _)| bounds.contains(key)))
    }

    fn count(&self) -> usize {
        self.0.entities.len()
    }
}

// === impl Related ===

/// Those of some references that are in the catalog, by reference.
#[derive(Debug, Clone, Copy)]
pub struct Related<'s> {
    snapshot: &'s Snapshot,
    references: Option<&'s Neighbours>,
    kind: Option<Kind>,
}

impl Related<'_> {
    /// Those of one kind.
    pub fn of_kind(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    fn find(&self, reference: &EntityRef) -> Option<&Arc<Entity>> {
        self.snapshot.find(reference).filter(|entity| self.kind.is_none_or(|kind| kind == entity.kind))
    }
}

impl List for Related<'_> {
    type Key = EntityRef;
    type Item = Arc<Entity>;

    fn range<'a>(
        &'a self,
        from: Bound<EntityRef>,
        to: Bound<EntityRef>,
    ) -> Box<dyn DoubleEndedIterator<Item = (EntityRef, Arc<Entity>)> + 'a> {
        let Some(references) = self.references else { return Box::new(std::iter::empty()) };
        Box::new(
            references
                .range(from, to)
                .filter_map(|reference| self.find(reference))
                .map(|entity| (entity.reference.clone(), entity.clone())),
        )
    }

    fn count(&self) -> usize {
        let found = |reference: &&EntityRef| self.find(reference).is_some();
        self.references.map_or(0, |references| references.iter().filter(found).count())
    }
}

// === impl ByTarget ===

/// All locations, by target.
#[derive(Debug, Clone, Copy)]
pub struct ByTarget<'s>(&'s Snapshot);

impl List for ByTarget<'_> {
    type Key = LocationKey;
    type Item = Arc<Location>;

    fn range<'a>(
        &'a self,
        from: Bound<LocationKey>,
        to: Bound<LocationKey>,
    ) -> Box<dyn DoubleEndedIterator<Item = (LocationKey, Arc<Location>)> + 'a> {
        Box::new(self.0.locations.range((from, to)).map(|(key, location)| (key.clone(), location.clone())))
    }

    fn count(&self) -> usize {
        self.0.locations.len()
    }
}
