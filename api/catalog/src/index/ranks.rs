//! Numbers that sort as the references of entities do, or their names, so that many can be put in order without a look at any of
//! them.

use std::cmp::Ordering;

use imbl::Vector;

/// Between one entity and the next that comes behind it, where there is room: those that come one after the other then do not
/// halve what is left each time.
const STEP: u64 = 1 << 32;

/// A rank for each entity, by its number. Those that stand at the same place have the same one. Between two there is room for
/// those to come; where there is none left, all are spread anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks(Vector<u64>);

/// Where a reference or a name stands among the ranks.
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

    /// Gives an entity the rank of another one.
    pub(super) fn put_beside(&mut self, number: u32, other: u32) {
        self.set(number, self.get(other));
    }

    /// Spreads all anew, who are given with their place among so many, in order.
    pub(super) fn spread(&mut self, count: usize, places: impl Iterator<Item = (usize, u32)>) {
        let room = u64::MAX / (count as u64 + 1);
        let mut spread = vec![0; self.0.len()];
        for (place, number) in places {
            let number = number as usize;
            if spread.len() <= number {
                spread.resize(number + 1, 0);
            }
            spread[number] = (place as u64 + 1) * room;
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
    /// Where something stands, by the rank of the last one up to it, and whether that one is it.
    pub(crate) fn up_to(last: Option<(bool, u64)>) -> Self {
        match last {
            None => Self::First,
            Some((true, rank)) => Self::At(rank),
            Some((false, rank)) => Self::Behind(rank),
        }
    }

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
            let (mut ranks, mut numbers) = (Ranks::default(), vec![0, 1, 2]);
            let spread_all = |ranks: &mut Ranks, numbers: &[u32]| {
                ranks.spread(numbers.len(), numbers.iter().copied().enumerate());
            };
            spread_all(&mut ranks, &numbers);
            let mut spread = 0;
            for number in 3..5000 {
                // Before all, in the middle, and behind all.
                let place = if place == 3 { numbers.len() } else { place };
                if !behind(&mut ranks, &mut numbers, place, number) {
                    spread_all(&mut ranks, &numbers);
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
