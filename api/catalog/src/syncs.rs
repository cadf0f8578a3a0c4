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
    /// Those that have begun, for others wait, and whose rows that say so come yet.
    unheard: Vec<Uuid>,
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

    /// Begins a reading, where it still waits.
    pub(crate) fn begin(&mut self, waiting: &Sync, now: DateTime<Utc>) -> Option<Sync> {
        let sync = self.next(waiting.location).filter(|it| it.id == waiting.id)?;
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
        let Some(known) = self.known.get_mut(&sync.id) else { return self.note_forgotten(&sync) };
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
        let Some(Place { waiting, unheard, latest, earlier, .. }) = self.places.remove(&location) else { return };
        for id in [waiting, latest, earlier].into_iter().flatten().chain(unheard) {
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
        let (mut gone, mut lost) = (None, Vec::new());
        if sync.began_at.is_none() {
            gone = place.waiting.replace(sync.id).filter(|id| *id != sync.id);
            // What is written down as waiting gives way to no other: it has begun by now.
            let is_written = |id: &mut Uuid| {
                let written = self.known.get(id).and_then(|it| self.written.get(&it.number));
                written.is_some_and(|it| it.began_at.is_none())
            };
            place.unheard.extend(gone.take_if(is_written));
        } else {
            if place.waiting == Some(sync.id) {
                place.waiting = None;
            }
            place.unheard.retain(|id| *id != sync.id);
            // Those before it have ended, and the rows that said so are gone: of a location few are kept.
            if let Some(known) = self.known.get(&sync.id).filter(|_| sync.is_ended()) {
                let is_over = |id: &mut Uuid| self.known.get(id).is_none_or(|it| it.number < known.number);
                lost.extend(place.unheard.extract_if(.., is_over));
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
        lost.into_iter().for_each(|id| self.drop_sync(id));
        if let Some(known) = self.known.get(&sync.id).filter(|known| known.number != sync.number) {
            self.written.remove(&known.number);
        }
        if is_written {
            self.written.insert(sync.number, sync.clone());
        }
        self.known.insert(sync.id, sync);
    }

    /// A row of it that comes late is known by its number.
    fn note_forgotten(&mut self, sync: &Sync) {
        if let Some(place) = self.places.get_mut(&sync.location) {
            place.forgotten = place.forgotten.max(sync.number);
        }
    }

    fn drop_sync(&mut self, id: Uuid) {
        self.unwritten.remove(&id);
        let Some(sync) = self.known.remove(&id) else { return };
        self.written.remove(&sync.number);
        self.note_forgotten(&sync);
        if let Some(place) = self.places.get_mut(&sync.location) {
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

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn asked(number: i64) -> Sync {
        Sync { number, ..Sync::asked(LocationId(Uuid::from_u128(1)), SyncCause::Request, NOW) }
    }

    fn begun(number: i64, sync: &Sync) -> Sync {
        Sync { number, began_at: Some(NOW), ..sync.clone() }
    }

    fn ended(number: i64, sync: &Sync) -> Sync {
        Sync { state: SyncState::Succeeded, ended_at: Some(NOW), ..begun(number, sync) }
    }

    #[test]
    fn a_row_of_a_forgotten_reading_that_comes_late_takes_no_place() {
        let mut syncs = Syncs::default();
        let all = [1, 2, 3].map(|number| {
            let sync = asked(0);
            assert!(syncs.ask(sync.clone()));
            let begun = syncs.begin(&sync, NOW).unwrap();
            syncs.set(ended(0, &begun));
            syncs.unwritten();
            let written = ended(number, &begun);
            syncs.written(written.clone());
            written
        });
        let [first, _, last] = &all;
        assert!(syncs.find(first.id).is_none());
        for late in &all {
            assert!(!syncs.learn(late.clone()));
            assert_eq!(syncs.of(last.location), Some(last));
        }
        // What waits is asked for, whatever its number.
        assert!(syncs.learn(asked(1)));
    }

    #[test]
    fn one_that_is_asked_for_before_it_is_known_that_the_last_one_began_does_not_end_that() {
        let mut syncs = Syncs::default();
        let (first, next) = (asked(1), asked(3));
        assert!(syncs.learn(first.clone()) && syncs.learn(next.clone()));
        assert!(!syncs.find(first.id).unwrap().is_ended());
        // However many.
        let mut unheard = Syncs::default();
        let all = [1, 3, 5, 7, 9].map(asked);
        all.iter().for_each(|it| assert!(unheard.learn(it.clone())));
        assert!(all.iter().all(|it| unheard.find(it.id) == Some(it)));
        for (number, sync) in (10..).zip(&all) {
            unheard.learn(ended(number, sync));
            assert_eq!(unheard.find(sync.id), Some(&ended(number, sync)));
        }
        assert_eq!(unheard.of(next.location), Some(&ended(14, &all[4])));
        // Some of which nothing is ever heard.
        let later = [15, 17, 19].map(asked);
        later.iter().for_each(|it| assert!(unheard.learn(it.clone())));
        unheard.learn(ended(20, &later[1]));
        assert_eq!((unheard.find(later[0].id), unheard.find(later[2].id)), (None, Some(&later[2])));
        assert_eq!(syncs.of(next.location), Some(&next));
        syncs.learn(begun(2, &first));
        let end = ended(4, &first);
        syncs.learn(end.clone());
        assert_eq!((syncs.find(first.id), syncs.next(next.location)), (Some(&end), Some(&next)));
        syncs.learn(begun(5, &next));
        assert_eq!((syncs.find(first.id), syncs.next(next.location)), (Some(&end), None));
    }

    #[test]
    fn one_that_was_adopted_gives_way_to_one_that_is_asked_for() {
        let mut syncs = Syncs::default();
        let (lost, next) = (asked(1), asked(3));
        syncs.learn(lost.clone());
        syncs.learn(begun(2, &lost));
        syncs.adopt();
        assert_eq!(syncs.next(lost.location).map(|it| it.id), Some(lost.id));
        syncs.learn(next.clone());
        assert_eq!(syncs.find(lost.id).map(|it| it.state), Some(SyncState::Failed));
        assert_eq!(syncs.unwritten().iter().map(|it| it.id).collect::<Vec<_>>(), [lost.id]);
        assert_eq!(syncs.next(next.location), Some(&next));
    }

    #[test]
    fn what_others_know_to_wait_is_not_begun_in_the_place_of_what_it_replaced() {
        let mut syncs = Syncs::default();
        let (own, others) = (asked(0), asked(1));
        assert!(syncs.ask(own.clone()));
        assert!(syncs.learn(others.clone()));
        assert_eq!(syncs.begin(&own, NOW), None);
        assert_eq!((syncs.find(own.id), syncs.next(others.location)), (None, Some(&others)));
    }
}
