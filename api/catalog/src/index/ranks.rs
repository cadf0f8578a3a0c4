//! Numbers that sort as the references of entities do, so that many can be put in order without a look at any of them.

use std::cmp::Ordering;

use imbl::Vector;

/// Between one entity and the next that comes behind it, where there is room: those that come one after the other then do not
/// halve what is left each time.
const STEP: u64 = 1 << 32;

/// A rank for each entity, by its number. Between two there is room for those to come; where there is none left, all are spread
/// anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks(Vector<u64>);

/// Where a reference stands among the ranks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rank {
    /// Before all.
    First,
    /// An entity has it, of this rank.
    At(u64),
    /// Nobody has it; it stands behind this rank and before the next.
    Behind(u64),
}

// === impl Ranks ===

impl Ranks {
    /// Ranks of so many entities that are numbered in the order of their references.
    pub(super) fn of(count: usize) -> Self {
        Self(ranks(count).collect())
    }

    /// The rank of an entity that is in the catalog.
    pub(crate) fn get(&self, number: u32) -> u64 {
        self.0.get(number as usize).copied().unwrap_or_default()
    }

    /// Gives each of these numbers its rank; those that follow one another in `numbers` are looked up quickly.
    pub(crate) fn each(&self, numbers: impl Iterator<Item = u32>) -> Vec<u64> {
        let mut focus = self.0.focus();
        numbers.map(|number| focus.get(number as usize).copied().unwrap_or_default()).collect()
    }

    /// Gives an entity its rank between two others, where there is room.
    pub(super) fn put(&mut self, number: u32, before: Option<u32>, behind: Option<u32>) -> bool {
        let (low, high) = (before.map_or(0, |it| self.get(it)), behind.map_or(u64::MAX, |it| self.get(it)));
        let half = (high - low) / 2;
        self.set(number, low + half.min(STEP));
        half > 0
    }

    /// Spreads all anew, who are given in the order of their references.
    pub(super) fn spread(&mut self, numbers: &[u32]) {
        let mut spread = vec![0; self.0.len()];
        for (number, rank) in numbers.iter().zip(ranks(numbers.len())) {
            if let Some(known) = spread.get_mut(*number as usize) {
                *known = rank;
            }
        }
        self.0 = spread.into_iter().collect();
    }

    fn set(&mut self, number: u32, rank: u64) {
        while self.0.len() <= number as usize {
            self.0.push_back(0);
        }
        self.0.set(number as usize, rank);
    }
}

// === impl Rank ===

impl Rank {
    /// How it stands to the rank of an entity.
    pub(crate) fn against(self, rank: u64) -> Ordering {
        match self {
            Self::First => Ordering::Less,
            Self::At(at) => at.cmp(&rank),
            Self::Behind(at) if at == rank => Ordering::Greater,
            Self::Behind(at) => at.cmp(&rank),
        }
    }
}

/// So many ranks, as far from each other as may be.
fn ranks(count: usize) -> impl Iterator<Item = u64> {
    let room = u64::MAX / (count as u64 + 1);
    (1..=count as u64).map(move |place| place * room)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts the last number behind others that are in order; answers whether there was room.
    fn behind(ranks: &mut Ranks, numbers: &mut Vec<u32>, place: usize, number: u32) -> bool {
        numbers.insert(place, number);
        let before = place.checked_sub(1).and_then(|it| numbers.get(it)).copied();
        ranks.put(number, before, numbers.get(place + 1).copied())
    }

    #[test]
    fn ranks_sort_as_those_they_stand_for() {
        for place in [0, 1, 2, 3] {
            let (mut ranks, mut numbers) = (Ranks::of(3), vec![0, 1, 2]);
            let mut spread = 0;
            for number in 3..5000 {
                // Before all, in the middle, and behind all.
                let place = if place == 3 { numbers.len() } else { place };
                if !behind(&mut ranks, &mut numbers, place, number) {
                    ranks.spread(&numbers);
                    spread += 1;
                }
            }
            let found = ranks.each(numbers.iter().copied());
            assert!(found.is_sorted() && found.windows(2).all(|it| it[0] < it[1]), "at {place}");
            assert!(spread < 200, "at {place} there was no room {spread} times");
        }
    }

    #[test]
    fn a_reference_stands_before_at_or_behind_a_rank() {
        assert!(Rank::First.against(0).is_lt() && Rank::At(1).against(1).is_eq());
        assert!(Rank::Behind(1).against(1).is_gt() && Rank::Behind(1).against(2).is_lt());
    }
}
