//! Trees of what is in order already.

use imbl::OrdMap;

/// A tree of members in order, in half the memory that taking them in one after the other leads to: a node that is full is
/// cut in two, and in order nothing ever comes to the first half again. Here each second member fills what the others left.
pub(crate) fn packed<K: Ord + Clone, V: Clone>(members: impl Iterator<Item = (K, V)>) -> OrdMap<K, V> {
    let (mut tree, mut between) = (OrdMap::new(), Vec::new());
    for (place, (key, value)) in members.enumerate() {
        if place % 2 == 0 {
            tree.insert(key, value);
        } else {
            between.push((key, value));
        }
    }
    tree.extend(between);
    tree
}
