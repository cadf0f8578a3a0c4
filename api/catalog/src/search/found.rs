//! What a search found.

use std::{cmp::Reverse, sync::Arc};

use plinth_model::EntityRef;
use serde::{Deserialize, Serialize};

use super::{best::Best, marker::Marker, text::SearchText, view::View};
use crate::{Entity, Selection, Snapshot};

/// All that a search found. An entity is looked up when it is asked for: there may be many.
#[derive(Debug)]
pub struct Found {
    pub(super) view: Arc<View>,
    /// The caller's.
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) text: SearchText,
    /// For each term, whether errors were forgiven.
    pub(super) lenient: Vec<bool>,
    /// In no order.
    pub(super) hits: Vec<Rank>,
}

/// How good a hit is, the better the less: of those that are found alike the one with the shorter name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) score: Reverse<u32>,
    pub(super) length: u32,
    pub(super) number: u32,
}

/// An entity that was found, and where it stands.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Where it stands.
    pub key: HitKey,
    /// The entity.
    pub entity: Arc<Entity>,
}

/// Where a hit stands among all, the best first: it depends on the search and the entity alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HitKey(Reverse<u32>, u32, EntityRef);

// === impl Rank ===

impl Rank {
    fn order(&self) -> (Reverse<u32>, u32) {
        (self.score, self.length)
    }
}

// === impl Found ===

impl Found {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// All of them, to be filtered, counted or put in another order.
    pub fn selection(&self) -> Selection {
        Selection::over(&self.snapshot, Arc::new(self.view.numbers(&self.snapshot, &self.hits)))
    }

    /// So many of the best, in order.
    pub fn best(&self, most: usize) -> Best {
        let mut ranks = self.hits.clone();
        if ranks.len() > most {
            // Those that are as good as the last one are told apart by their references, for which they are looked up.
            let last =
                if most == 0 { None } else { Some(ranks.select_nth_unstable_by_key(most - 1, Rank::order).1.order()) };
            ranks.retain(|rank| last.is_some_and(|last| rank.order() <= last));
        }
        let hits = ranks.iter().filter_map(|rank| {
            let entity = self.view.entity(&self.snapshot, rank.number)?;
            Some(Hit { key: HitKey(rank.score, rank.length, entity.reference.clone()), entity: entity.clone() })
        });
        let mut hits: Vec<Hit> = hits.collect();
        hits.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        hits.truncate(most);
        Best { hits, count: self.count() }
    }

    /// Those that are in a selection of the same snapshot.
    #[must_use]
    pub fn within(self, selection: &Selection) -> Self {
        let Self { view, snapshot, text, lenient, mut hits } = self;
        hits.retain(|rank| match snapshot.revision() == view.snapshot().revision() {
            true => selection.hits().contains(rank.number),
            false => view.entity(&snapshot, rank.number).is_some_and(|entity| selection.contains(&entity.reference)),
        });
        Self { view, snapshot, text, lenient, hits }
    }

    /// What marks in texts what was searched for.
    pub fn marker(&self) -> Marker {
        Marker::of(&self.text, &self.lenient)
    }
}
