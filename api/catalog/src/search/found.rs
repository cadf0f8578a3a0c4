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
    /// Those of each segment in its order.
    pub(super) hits: Vec<Rank>,
}

/// How good a hit is, the better the less: of those that are found alike the one with the shorter name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) score: Reverse<u32>,
    pub(super) length: u32,
    pub(super) number: u32,
}

/// How good a hit is, without its number.
pub(super) type Order = (Reverse<u32>, u32);

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
pub struct HitKey(pub(super) Reverse<u32>, pub(super) u32, pub(super) EntityRef);

// === impl Rank ===

impl Rank {
    pub(super) fn order(&self) -> Order {
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
    pub fn best(self, most: usize) -> Best {
        Best { found: self, most }
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
