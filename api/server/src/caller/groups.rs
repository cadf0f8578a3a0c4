//! The groups of a User.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Bound,
};

use plinth_auth::Membership;
use plinth_catalog::{List, RelationType, Snapshot};
use plinth_model::EntityRef;

/// A caller's groups at most; who is in more has those that are nearest.
const MOST: usize = 1000;

/// The groups that a User is in and those above them, the nearest first.
pub(super) fn of(snapshot: &Snapshot, user: &EntityRef) -> Vec<Membership> {
    let mut level = groups(snapshot, user, RelationType::MemberOf);
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    for steps in 1.. {
        // A group may be above itself, and above the User by several ways.
        level.retain(|group| known.insert(group.clone()));
        if level.is_empty() || found.len() >= MOST {
            break;
        }
        found.extend(level.iter().map(|group| Membership { steps, group: group.clone() }));
        level = level.iter().flat_map(|group| groups(snapshot, group, RelationType::ChildOf)).collect();
    }
    found.truncate(MOST);
    found
}

fn groups(snapshot: &Snapshot, of: &EntityRef, relation: RelationType) -> BTreeSet<EntityRef> {
    let related = snapshot.related(of, relation);
    let references = related.range(Bound::Unbounded, Bound::Unbounded).map(|(reference, _)| reference);
    references.filter(|reference| reference.kind() == "group").collect()
}
