//! A snapshot of many entities at once, as they are read: each part of it grows on a thread of its own.

use std::{
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread::{Scope, ScopedJoinHandle},
};

use foldhash::{HashMap, fast::RandomState};
use indexmap::IndexMap;
use plinth_model::EntityRef;
use roaring::RoaringBitmap;

use super::{Numbered, Snapshot};
use crate::{
    Entity, LocationId, RelationType, index,
    neighbours::{Edges, Neighbours},
    packed::packed,
};

/// Entities that come at a time.
pub(crate) type Chunk = Arc<[Arc<Entity>]>;

/// Chunks that may be ahead of a thread.
const AHEAD: usize = 8;

/// Relations to be, while entities come.
#[derive(Default)]
struct Links {
    /// How many entities came.
    count: u32,
    /// By reference, entities and what they name.
    nodes: IndexMap<EntityRef, Node, RandomState>,
    held: HashMap<LocationId, Vec<EntityRef>>,
    pointers: imbl::OrdMap<EntityRef, Arc<Entity>>,
}

/// What is known of one reference.
#[derive(Default)]
struct Node {
    /// Its number where it is an entity's.
    number: Option<u32>,
    ends: Vec<(RelationType, EntityRef)>,
}

/// Relations as a snapshot has them.
struct Linked {
    edges: imbl::OrdMap<EntityRef, Edges>,
    held: imbl::HashMap<LocationId, Neighbours>,
    pointers: imbl::OrdMap<EntityRef, Arc<Entity>>,
    /// By type, the numbers of those that have one.
    related: [RoaringBitmap; RelationType::ALL.len()],
}

/// The snapshot of entities that come in chunks, each reference once; their numbers count them as they come.
///
/// # Errors
/// Those of the chunks.
pub(crate) fn gather<E>(chunks: impl Iterator<Item = Result<Chunk, E>>) -> Result<Snapshot, E> {
    std::thread::scope(|scope| {
        let (to_index, index) = begin(scope, index::Bulk::default(), index::Bulk::add, index::Bulk::finish);
        let (to_links, links) = begin(scope, Links::default(), Links::add, Links::finish);
        let mut entities: Vec<Arc<Entity>> = Vec::new();
        for chunk in chunks {
            let chunk = chunk?;
            entities.extend(chunk.iter().cloned());
            for to in [&to_index, &to_links] {
                // It ends before its time only by a panic, which is passed on below.
                let _ = to.send(chunk.clone());
            }
        }
        drop((to_index, to_links));
        let mut numbered: Vec<Numbered> =
            (0..).zip(entities).map(|(number, entity)| Numbered { number, entity }).collect();
        // A stable sort makes use of what is in order already.
        numbered.sort_by(|left, right| left.entity.reference.cmp(&right.entity.reference));
        let numbers: Vec<u32> = numbered.iter().map(|it| it.number).collect();
        let entities = packed(numbered.into_iter().map(|it| (it.entity.reference.clone(), it)));
        let Linked { edges, held, pointers, related } = ended(links);
        let mut index = ended(index);
        index.spread(&numbers);
        index.set_related(related);
        Ok(Snapshot { entities, index, edges, held, pointers, ..Snapshot::default() })
    })
}

/// Begins a thread that takes in all entities that it is sent, and answers what comes of them.
fn begin<'s, T: Send + 's, R: Send + 's>(
    scope: &'s Scope<'s, '_>,
    mut all: T,
    add: impl Fn(&mut T, &Arc<Entity>) + Send + 's,
    finish: impl FnOnce(T) -> R + Send + 's,
) -> (SyncSender<Chunk>, ScopedJoinHandle<'s, R>) {
    let (sender, chunks) = sync_channel::<Chunk>(AHEAD);
    let work = move || {
        for chunk in chunks {
            chunk.iter().for_each(|entity| add(&mut all, entity));
        }
        finish(all)
    };
    (sender, scope.spawn(work))
}

/// What a thread answers, or its panic.
pub(crate) fn ended<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

// === impl Links ===

impl Links {
    fn add(&mut self, entity: &Arc<Entity>) {
        let own = self.nodes.entry(entity.reference.clone()).or_default();
        own.number = Some(self.count);
        own.ends.extend(entity.relations.iter().cloned());
        for (kind, other) in &entity.relations {
            let ends = &mut self.nodes.entry(other.clone()).or_default().ends;
            ends.push((kind.reverse(), entity.reference.clone()));
        }
        if let Some(location) = entity.location {
            self.held.entry(location).or_default().push(entity.reference.clone());
        }
        if !entity.targets.is_empty() {
            self.pointers.insert(entity.reference.clone(), entity.clone());
        }
        self.count += 1;
    }

    fn finish(self) -> Linked {
        let mut related: [RoaringBitmap; RelationType::ALL.len()] = Default::default();
        let nodes = self.nodes.into_iter().filter(|(_, node)| !node.ends.is_empty());
        let edges = nodes.map(|(from, Node { number, ends })| {
            let edges = Edges::of(ends);
            for kind in edges.types() {
                related[kind as usize].extend(number);
            }
            (from, edges)
        });
        let mut edges: Vec<_> = edges.collect();
        edges.sort_by(|(left, _), (right, _)| left.cmp(right));
        let held = self.held.into_iter().map(|(at, mut all)| {
            all.sort();
            (at, Neighbours::of_sorted(all.iter()))
        });
        Linked { held: held.collect(), edges: packed(edges.into_iter()), pointers: self.pointers, related }
    }
}
