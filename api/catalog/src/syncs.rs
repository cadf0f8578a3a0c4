//! What a server knows of readings: for each location the one that waits, the latest that began, and the one before.
//!
//! The server that reads makes them and writes down what others may want to know; the others learn it from there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{LocationId, Sync, SyncState};

/// The readings that are known.
#[derive(Debug, Default)]
pub(crate) struct Syncs {
    known: HashMap<Uuid, Sync>,
    places: HashMap<LocationId, Place>,
    /// As they are written down, by the number of the last change.
    written: BTreeMap<i64, Sync>,
    /// Up to which number everything that anybody wrote down is known.
    last: i64,
    /// Those that changed here since they were written down.
    unwritten: BTreeSet<Uuid>,
}

/// The readings of one location.
#[derive(Debug, Default)]
struct Place {
    /// Asked for and not begun: one, whoever asks meanwhile.
    waiting: Option<Uuid>,
    /// The latest that began.
    latest: Option<Uuid>,
    /// The one before.
    earlier: Option<Uuid>,
    /// When the location was last read to the end.
    read_at: Option<DateTime<Utc>>,
    /// The last number of those that are forgotten.
    forgotten: i64,
}

impl Syncs {
    /// The newest reading of a location.
    pub(crate) fn of(&self, location: LocationId) -> Option<&Sync> {
        let place = self.places.get(&location)?;
        self.known.get(&place.waiting.or(place.latest)?)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Sync> {
        self.known.get(&id)
    }

    /// How many readings wait, and since when the oldest does.
    pub(crate) fn waiting(&self) -> (usize, Option<DateTime<Utc>>) {
        let waiting = self.places.values().filter_map(|place| self.known.get(&place.waiting?));
        waiting.fold((0, None), |(count, oldest), sync| {
            (count + 1, Some(oldest.map_or(sync.asked_at, |oldest: DateTime<Utc>| oldest.min(sync.asked_at))))
        })
    }

    /// When a location was last read to the end.
    pub(crate) fn read_at(&self, location: LocationId) -> Option<DateTime<Utc>> {
        self.places.get(&location)?.read_at
    }

    /// Those that were written down behind a number, in the order of their last changes, each as it was written.
    pub(crate) fn told_since(&self, number: i64) -> impl Iterator<Item = &Sync> {
        let behind = (Bound::Excluded(number), Bound::Included(self.last.max(number)));
        self.written.range(behind).map(|(_, sync)| sync)
    }

    /// Those that are at work or wait, each as it was written.
    pub(crate) fn at_work(&self) -> impl Iterator<Item = &Sync> {
        self.written.values().filter(|sync| !sync.is_ended())
    }

    /// The number of the last change that was written down.
    pub(crate) fn last_number(&self) -> i64 {
        self.last
    }

    /// Notes up to which number all that was written down is known.
    pub(crate) fn reached(&mut self, number: i64) {
        self.last = self.last.max(number);
    }

    /// Asks for a reading, unless one waits; says whether it is new.
    pub(crate) fn ask(&mut self, sync: Sync) -> bool {
        let place = self.places.entry(sync.location).or_default();
        if place.waiting.is_some() {
            return false;
        }
        place.waiting = Some(sync.id);
        self.known.insert(sync.id, sync);
        true
    }

    /// The reading that waits.
    pub(crate) fn next(&self, location: LocationId) -> Option<&Sync> {
        self.known.get(&self.places.get(&location)?.waiting?)
    }

    /// Begins the reading that waits.
    pub(crate) fn begin(&mut self, location: LocationId, now: DateTime<Utc>) -> Option<Sync> {
        let id = self.places.get(&location)?.waiting?;
        let sync = self.known.get(&id)?;
        let sync = Sync { began_at: Some(now), ..sync.clone() };
        self.set(sync.clone());
        Some(sync)
    }

    /// Takes the news of a reading of this server's own.
    pub(crate) fn set(&mut self, mut sync: Sync) {
        // It was perhaps written down since who reads last saw it.
        sync.number = self.known.get(&sync.id).map_or(sync.number, |known| known.number);
        self.unwritten.insert(sync.id);
        self.place(sync, false);
    }

    /// Takes what another server, or this one, wrote down. Says whether it waits and did not before.
    pub(crate) fn learn(&mut self, sync: Sync) -> bool {
        let known = self.known.get(&sync.id);
        // What is under way here is newer than what was written of it.
        if known.is_some_and(|known| known.number >= sync.number) || self.unwritten.contains(&sync.id) {
            return false;
        }
        // A row that comes late, of one that was forgotten: it is older than what is known.
        let is_late = |place: &Place| sync.began_at.is_some() && sync.number <= place.forgotten;
        if known.is_none() && self.places.get(&sync.location).is_some_and(is_late) {
            return false;
        }
        let is_new = known.is_none() && sync.began_at.is_none();
        self.place(sync, true);
        is_new
    }

    /// What changed here since it was written down and is to be. A reading that found all as it was, and that nobody asked
    /// for, is nobody's news.
    pub(crate) fn unwritten(&mut self) -> Vec<Sync> {
        let changed = std::mem::take(&mut self.unwritten);
        let changed = changed.into_iter().filter_map(|id| self.known.get(&id));
        changed.filter(|sync| self.is_news(sync)).cloned().collect()
    }

    /// Whether somebody may wait for what changed here.
    pub(crate) fn is_urgent(&self) -> bool {
        let changed = self.unwritten.iter().filter_map(|id| self.known.get(id));
        changed.into_iter().any(|sync| sync.number > 0 || sync.is_ended())
    }

    /// Notes how a reading was written down; here it may be further by now.
    pub(crate) fn written(&mut self, sync: Sync) {
        let Some(known) = self.known.get_mut(&sync.id) else {
            if let Some(place) = self.places.get_mut(&sync.location) {
                place.forgotten = place.forgotten.max(sync.number);
            }
            return;
        };
        self.written.remove(&known.number);
        known.number = sync.number;
        self.written.insert(sync.number, sync);
    }

    /// What could not be written down is to be tried again.
    pub(crate) fn write_again(&mut self, id: Uuid) {
        if self.known.contains_key(&id) {
            self.unwritten.insert(id);
        }
    }

    /// A reading that began elsewhere and did not end waits again, unless another one of its location waits already.
    pub(crate) fn adopt(&mut self) {
        let began = self.places.values().filter_map(|place| self.known.get(&place.latest?));
        let lost: Vec<Sync> = began.filter(|sync| !sync.is_ended()).cloned().collect();
        for sync in lost {
            let Some(place) = self.places.get_mut(&sync.location) else { continue };
            if place.waiting.is_some() {
                self.set(sync.given_up());
            } else {
                place.latest = None;
                // Written down when it begins.
                self.place(Sync { began_at: None, ..sync }, false);
            }
        }
    }

    /// Forgets what only this server knows: another one reads by now.
    pub(crate) fn disown(&mut self) {
        self.unwritten.clear();
        let own = |sync: &Sync| sync.number == 0 && !sync.is_ended();
        let own: Vec<Uuid> = self.known.values().filter(|sync| own(sync)).map(|sync| sync.id).collect();
        for id in own {
            self.drop_sync(id);
        }
    }

    /// Forgets a location that is not registered any more.
    pub(crate) fn forget(&mut self, location: LocationId) {
        let Some(Place { waiting, latest, earlier, .. }) = self.places.remove(&location) else { return };
        for id in [waiting, latest, earlier].into_iter().flatten() {
            self.drop_sync(id);
        }
    }

    fn is_news(&self, sync: &Sync) -> bool {
        let same = |before: &Sync| before.state == sync.state && before.counts.problems == sync.counts.problems;
        let place = self.places.get(&sync.location);
        let before = place.and_then(|place| place.earlier).and_then(|id| self.known.get(&id));
        sync.number > 0 || !sync.is_ended() || sync.counts.is_change() || !before.is_some_and(same)
    }

    fn place(&mut self, sync: Sync, is_written: bool) {
        let place = self.places.entry(sync.location).or_default();
        let mut gone = None;
        if sync.began_at.is_none() {
            // One that nobody else knows to wait gives way.
            gone = place.waiting.replace(sync.id).filter(|id| *id != sync.id);
        } else {
            if place.waiting == Some(sync.id) {
                place.waiting = None;
            }
            if place.latest != Some(sync.id) && place.earlier != Some(sync.id) {
                gone = std::mem::replace(&mut place.earlier, place.latest.replace(sync.id));
            }
            if matches!(sync.state, SyncState::Succeeded | SyncState::SucceededWithProblems) {
                place.read_at = place.read_at.max(sync.ended_at);
            }
        }
        match gone.and_then(|gone| self.known.get(&gone)) {
            // Others know of it, and that it waits.
            Some(gone) if gone.began_at.is_none() && gone.number > 0 => {
                let over = gone.given_up();
                self.unwritten.insert(over.id);
                self.known.insert(over.id, over);
            }
            Some(gone) => self.drop_sync(gone.id),
            None => {}
        }
        if let Some(known) = self.known.get(&sync.id).filter(|known| known.number != sync.number) {
            self.written.remove(&known.number);
        }
        if is_written {
            self.written.insert(sync.number, sync.clone());
        }
        self.known.insert(sync.id, sync);
    }

    fn drop_sync(&mut self, id: Uuid) {
        self.unwritten.remove(&id);
        let Some(sync) = self.known.remove(&id) else { return };
        self.written.remove(&sync.number);
        if let Some(place) = self.places.get_mut(&sync.location) {
            place.forgotten = place.forgotten.max(sync.number);
            for it in [&mut place.waiting, &mut place.latest, &mut place.earlier] {
                it.take_if(|it| *it == id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SyncCause;

    #[test]
    fn a_row_of_a_forgotten_reading_that_comes_late_takes_no_place() {
        let (mut syncs, location) = (Syncs::default(), LocationId(Uuid::from_u128(1)));
        let ended: Vec<Sync> = (1..=3)
            .map(|number| {
                let asked = Sync::asked(location, SyncCause::Interval, DateTime::UNIX_EPOCH);
                assert!(syncs.ask(asked));
                let begun = syncs.begin(location, DateTime::UNIX_EPOCH).unwrap();
                let ended = Sync { state: SyncState::Succeeded, ended_at: begun.began_at, ..begun };
                syncs.set(ended.clone());
                let written = Sync { number, ..ended };
                syncs.unwritten();
                syncs.written(written.clone());
                written
            })
            .collect();
        let latest = ended[2].id;
        assert!(syncs.find(ended[0].id).is_none());
        for late in ended {
            assert!(!syncs.learn(late));
            assert_eq!(syncs.of(location).map(|it| it.id), Some(latest));
        }
        // What waits is asked for, whatever its number.
        let waiting = Sync { number: 1, ..Sync::asked(location, SyncCause::Request, DateTime::UNIX_EPOCH) };
        assert!(syncs.learn(waiting));
    }
}
