//! What lies around an entity: a walk over relations, breadth first, within bounds.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use plinth_model::EntityRef;

use crate::{Entity, Relation, RelationType, Snapshot};

/// A walk gathers so many relations for each entity that it may gather.
const EDGES_PER_NODE: usize = 10;

/// Which way a walk goes along the forward types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the source to the target: to what an entity needs and whom it belongs to.
    Outgoing,
    /// From the target to the source: to what needs it.
    Incoming,
    /// Both ways at each step.
    Both,
}

/// How a walk goes.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Which way.
    pub direction: Direction,
    /// How many steps at most.
    pub depth: usize,
    /// Along relations of these types; a reverse type means its forward one.
    pub kinds: Vec<RelationType>,
    /// How many entities at most, the first one counted.
    pub most: usize,
}

/// What a walk found.
#[derive(Debug, Default)]
pub struct Graph {
    /// The entities, the nearest first.
    pub nodes: Vec<Arc<Entity>>,
    /// Once each, in forward types, sorted: those between entities of the graph, and those met that lead to what is not in
    /// the catalog. At most ten for each entity that there may be.
    pub edges: Vec<Relation>,
    /// Whether a bound left something out.
    pub truncated: bool,
}

struct Walking<'s> {
    snapshot: &'s Snapshot,
    walk: &'s Walk,
    /// The types to follow from an entity, in order.
    kinds: Vec<RelationType>,
    nodes: Vec<(Arc<Entity>, usize)>,
    known: BTreeSet<EntityRef>,
    edges: HashSet<Relation>,
}

/// A bound was met.
struct Full;

// === impl Snapshot ===

impl Snapshot {
    /// What lies around a reference; nothing where it is not in the catalog. The work is bounded by what the walk may gather,
    /// whatever number of relations an entity has.
    pub fn graph(&self, start: &EntityRef, walk: &Walk) -> Graph {
        let Some(start) = self.find(start) else { return Graph::default() };
        let (nodes, known) = (vec![(start.clone(), 0)], BTreeSet::from([start.reference.clone()]));
        let mut walking = Walking { snapshot: self, walk, kinds: walk.followed(), nodes, known, edges: HashSet::new() };
        let (walked, full) = walking.go();
        let cut = walking.close(walked);
        let Walking { nodes, edges, .. } = walking;
        let mut edges: Vec<_> = edges.into_iter().collect();
        edges.sort_unstable();
        Graph { nodes: nodes.into_iter().map(|(node, _)| node).collect(), edges, truncated: full || cut }
    }
}

// === impl Walk ===

impl Walk {
    /// The types to follow from an entity, in order.
    fn followed(&self) -> Vec<RelationType> {
        let forward = self.kinds.iter().map(|kind| if kind.is_forward() { *kind } else { kind.reverse() });
        let forward: BTreeSet<_> = forward.collect();
        let ways = forward.into_iter().flat_map(|kind| match self.direction {
            Direction::Outgoing => vec![kind],
            Direction::Incoming => vec![kind.reverse()],
            Direction::Both => vec![kind, kind.reverse()],
        });
        ways.collect()
    }
}

// === impl Walking ===

impl Walking<'_> {
    /// Gathers entities; says how many of them it has left behind with all their relations gathered, and whether it was full.
    fn go(&mut self) -> (usize, bool) {
        let mut walked = 0;
        while let Some((node, depth)) = self.nodes.get(walked).cloned() {
            // Those behind it are as far away.
            if depth == self.walk.depth {
                break;
            }
            if self.step(&node, depth + 1).is_err() {
                return (walked, true);
            }
            walked += 1;
        }
        (walked, false)
    }

    /// Follows the relations of an entity. Each is new or was met from its other end, so there are no more steps than the
    /// bound of relations allows.
    fn step(&mut self, node: &Entity, depth: usize) -> Result<(), Full> {
        for place in 0..self.kinds.len() {
            let kind = self.kinds[place];
            let Some(others) = self.snapshot.neighbours(&node.reference, kind) else { continue };
            for other in others.iter() {
                if !self.known.contains(other)
                    && let Some(found) = self.snapshot.find(other)
                {
                    if self.nodes.len() >= self.walk.most {
                        return Err(Full);
                    }
                    self.known.insert(other.clone());
                    self.nodes.push((found.clone(), depth));
                }
                self.add(node, kind, other)?;
            }
        }
        Ok(())
    }

    /// Adds the relations between those entities that were not left behind; says whether any have others, or a bound was met.
    /// Of an entity with more relations than there are entities here, it is the entities that are asked.
    fn close(&mut self, walked: usize) -> bool {
        let known: Vec<EntityRef> = self.known.iter().cloned().collect();
        let mut cut = false;
        for place in walked..self.nodes.len() {
            let node = self.nodes[place].0.clone();
            for kind in self.kinds.clone() {
                let Some(others) = self.snapshot.neighbours(&node.reference, kind) else { continue };
                let within: Vec<&EntityRef> = if others.len() > known.len() {
                    known.iter().filter(|it| others.contains(it)).collect()
                } else {
                    others.iter().filter(|it| self.known.contains(*it)).collect()
                };
                cut |= within.len() < others.len();
                for other in within {
                    if self.add(&node, kind, other).is_err() {
                        return true;
                    }
                }
            }
        }
        cut
    }

    fn add(&mut self, node: &Entity, kind: RelationType, other: &EntityRef) -> Result<(), Full> {
        let edge = Relation { kind, source: node.reference.clone(), target: other.clone() }.forward();
        if self.edges.len() >= self.walk.most.saturating_mul(EDGES_PER_NODE) && !self.edges.contains(&edge) {
            return Err(Full);
        }
        self.edges.insert(edge);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{self, Random};

    /// A catalog of so many components with random relations, some to what is not there.
    fn random(random: &mut Random, count: usize) -> Snapshot {
        let reference = |random: &mut Random| format!("component:c{}", random.below(count + 3));
        let entities = (0..count).map(|number| {
            let mut some = |most: usize| (0..random.below(most)).map(|_| reference(random)).collect::<Vec<_>>();
            let (needed, owner) = (some(5), some(2));
            let mut spec = json!({"dependsOn": needed});
            if let Some(owner) = owner.first() {
                spec["owner"] = json!(owner);
            }
            fixture::of("Component", json!({"name": format!("c{number}")}), spec)
        });
        fixture::with(&Snapshot::default(), entities.collect())
    }

    /// All relations in forward types, as the documents state them.
    fn declared(snapshot: &Snapshot) -> BTreeSet<Relation> {
        crate::List::all(&snapshot.by_name()).iter().flat_map(|it| it.declared().collect::<Vec<_>>()).collect()
    }

    /// The same walk by looking at all relations at each step.
    fn naive(snapshot: &Snapshot, start: &EntityRef, walk: &Walk) -> (Vec<EntityRef>, BTreeSet<Relation>, bool) {
        let kinds: Vec<_> = walk.kinds.iter().flat_map(|kind| [*kind, kind.reverse()]).collect();
        let all: BTreeSet<Relation> = declared(snapshot).into_iter().filter(|it| kinds.contains(&it.kind)).collect();
        let from = |node: &EntityRef| {
            let out = all.iter().filter(|it| it.source == *node && walk.direction != Direction::Incoming).cloned();
            let back = all.iter().filter(|it| it.target == *node && walk.direction != Direction::Outgoing).cloned();
            let mut both: Vec<Relation> = out.chain(back.map(Relation::reversed)).collect();
            both.sort();
            both
        };
        let (mut nodes, mut edges) = (vec![(start.clone(), 0)], BTreeSet::new());
        let mut place = 0;
        'walk: while place < nodes.len() && nodes[place].1 < walk.depth {
            let (node, depth) = nodes[place].clone();
            for edge in from(&node) {
                let is_new = !nodes.iter().any(|(it, _)| *it == edge.target);
                if is_new && snapshot.find(&edge.target).is_some() {
                    if nodes.len() == walk.most {
                        break 'walk;
                    }
                    nodes.push((edge.target.clone(), depth + 1));
                }
                edges.insert(edge.forward());
            }
            place += 1;
        }
        let nodes: Vec<EntityRef> = nodes.into_iter().map(|(node, _)| node).collect();
        edges.extend(all.iter().filter(|it| nodes.contains(&it.source) && nodes.contains(&it.target)).cloned());
        let told = |edge: Relation| edges.contains(&edge.forward());
        let truncated = !nodes.iter().all(|node| from(node).into_iter().all(told));
        (nodes, edges, truncated)
    }

    #[test]
    fn a_walk_finds_what_looking_at_all_relations_at_each_step_finds() {
        use RelationType::{DependsOn, OwnedBy, OwnerOf};
        let mut numbers = Random(7);
        let mut cut = 0;
        for _ in 0..300 {
            let count = 1 + numbers.below(25);
            let snapshot = random(&mut numbers, count);
            let start = EntityRef::new("component", "default", &format!("c{}", numbers.below(count)));
            let walk = Walk {
                direction: [Direction::Outgoing, Direction::Incoming, Direction::Both][numbers.below(3)],
                depth: numbers.below(6),
                kinds: [vec![DependsOn], vec![OwnerOf], vec![DependsOn, OwnedBy]][numbers.below(3)].clone(),
                most: 1 + numbers.below(20),
            };
            let found = snapshot.graph(&start, &walk);
            let (nodes, edges, truncated) = naive(&snapshot, &start, &walk);
            if edges.len() > walk.most * EDGES_PER_NODE {
                assert!(found.truncated);
                continue;
            }
            assert_eq!(found.nodes.iter().map(|it| it.reference.clone()).collect::<Vec<_>>(), nodes, "{walk:?}");
            assert_eq!(found.edges, edges.into_iter().collect::<Vec<_>>(), "{walk:?}");
            assert_eq!(found.truncated, truncated, "{walk:?}");
            cut += usize::from(truncated);
        }
        assert!((30..270).contains(&cut), "walks that are cut and walks that are not are both tried: {cut}");
    }

    #[test]
    fn a_hub_fills_the_graph_and_no_more() {
        let of = |number: usize| {
            let metadata = json!({"name": format!("c{number}")});
            fixture::of(
                "Component",
                metadata,
                json!({"owner": "group:hub", "dependsOn": ["component:c0", "component:no"]}),
            )
        };
        let hub = fixture::of("Group", json!({"name": "hub"}), json!({}));
        let snapshot = fixture::with(&Snapshot::default(), (0..3000).map(of).chain([hub]).collect());
        let walk = Walk { direction: Direction::Both, depth: 3, kinds: RelationType::ALL.to_vec(), most: 100 };
        let graph = snapshot.graph(&EntityRef::new("component", "default", "c7"), &walk);
        assert_eq!((graph.nodes.len(), graph.truncated), (100, true));
        let within: HashSet<_> = graph.nodes.iter().map(|it| it.reference.clone()).collect();
        let owned = graph.edges.iter().filter(|it| it.kind == RelationType::OwnedBy);
        assert_eq!(owned.filter(|it| within.contains(&it.source)).count(), 99);
    }

    #[test]
    fn relations_to_what_is_not_there_fill_a_graph_too() {
        let needed: Vec<_> = (0..2000).map(|number| format!("component:no{number}")).collect();
        let one = fixture::of("Component", json!({"name": "one"}), json!({"dependsOn": needed}));
        let snapshot = fixture::with(&Snapshot::default(), vec![one]);
        let walk = Walk { direction: Direction::Outgoing, depth: 1, kinds: RelationType::ALL.to_vec(), most: 5 };
        let graph = snapshot.graph(&EntityRef::new("component", "default", "one"), &walk);
        assert_eq!((graph.nodes.len(), graph.edges.len(), graph.truncated), (1, 50, true));
    }
}
