//! Lists that are read page by page.

use std::ops::Bound;

use serde::{Serialize, de::DeserializeOwned};

/// An ordered list: what a connection pages over. A key says where an item stands and lives as long as the item, so a
/// page that begins after a key loses nothing and repeats nothing when others come and go.
pub trait List {
    /// Where an item stands.
    type Key: Ord + Clone + Serialize + DeserializeOwned;
    /// What is listed.
    type Item;

    /// The items between two places, in order.
    fn range<'a>(
        &'a self,
        from: Bound<Self::Key>,
        to: Bound<Self::Key>,
    ) -> Box<dyn DoubleEndedIterator<Item = (Self::Key, Self::Item)> + 'a>;

    /// All items, in order.
    fn all(&self) -> Vec<Self::Item> {
        self.range(Bound::Unbounded, Bound::Unbounded).map(|(_, item)| item).collect()
    }

    /// How many there are in all.
    fn count(&self) -> usize;

    /// One page.
    fn page(&self, range: &PageRange<Self::Key>) -> Page<Self::Key, Self::Item> {
        let from = range.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let to = range.before.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let mut items = Vec::new();
        if !is_empty(&from, &to) {
            let all = self.range(from, to);
            let wanted = range.size + 1;
            items = if range.from_end { all.rev().take(wanted).collect() } else { all.take(wanted).collect() };
        }
        let more = items.len() > range.size;
        items.truncate(range.size);
        let before = || range.after.clone().is_some_and(|key| self.any(Bound::Unbounded, Bound::Included(key)));
        let behind = || range.before.clone().is_some_and(|key| self.any(Bound::Included(key), Bound::Unbounded));
        if range.from_end {
            items.reverse();
            Page { has_previous: more || before(), has_next: behind(), items }
        } else {
            Page { has_previous: before(), has_next: more || behind(), items }
        }
    }

    /// Whether anything stands between two places.
    fn any(&self, from: Bound<Self::Key>, to: Bound<Self::Key>) -> bool {
        self.range(from, to).next().is_some()
    }
}

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct PageRange<K> {
    /// How many items at most.
    pub size: usize,
    /// Whether the last ones of the range are wanted, not the first.
    pub from_end: bool,
    /// Only what stands behind this.
    pub after: Option<K>,
    /// Only what stands before this.
    pub before: Option<K>,
}

/// Some items and what lies around them.
#[derive(Debug)]
pub struct Page<K, T> {
    /// The items with their places, in the list's order.
    pub items: Vec<(K, T)>,
    /// Whether something stands before the first.
    pub has_previous: bool,
    /// Whether something stands behind the last.
    pub has_next: bool,
}

/// The members of a sorted slice between two places.
pub(crate) fn between<'a, T, K: Ord>(
    sorted: &'a [T],
    key: impl Fn(&T) -> &K,
    from: &Bound<K>,
    to: &Bound<K>,
) -> &'a [T] {
    let start = match from {
        Bound::Unbounded => 0,
        Bound::Included(from) => sorted.partition_point(|it| key(it) < from),
        Bound::Excluded(from) => sorted.partition_point(|it| key(it) <= from),
    };
    let end = match to {
        Bound::Unbounded => sorted.len(),
        Bound::Included(to) => sorted.partition_point(|it| key(it) <= to),
        Bound::Excluded(to) => sorted.partition_point(|it| key(it) < to),
    };
    &sorted[start..end.max(start)]
}

/// Whether nothing can stand between two places; a tree refuses to be asked for such a range.
fn is_empty<K: Ord>(from: &Bound<K>, to: &Bound<K>) -> bool {
    matches!((from, to), (Bound::Excluded(from), Bound::Excluded(to)) if from >= to)
}
