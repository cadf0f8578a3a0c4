//! Readings of locations: who reads, what waits to be read, and what others are told of it.

use std::sync::{PoisonError, atomic::Ordering};

use plinth_storage::{Db, now};
use tokio::sync::watch;

use super::{Catalog, FOLLOWER_PATIENCE};
use crate::{LocationId, Result, Sync, SyncCause, store, syncs::Syncs};

impl Catalog {
    /// Marks a location as to be read, where it is this server that reads.
    pub(crate) fn enqueue(&self, location: LocationId, cause: SyncCause) {
        if self.reads() && self.ask(location, cause) {
            self.wake(location);
        }
    }

    /// Notes that a location is to be read; says whether that is new.
    pub(crate) fn ask(&self, location: LocationId, cause: SyncCause) -> bool {
        self.change_syncs(|syncs| syncs.ask(Sync::asked(location, cause, now())))
    }

    /// Asks for a location to be read, by whichever server reads, and so that nobody forgets it: gives the reading that will
    /// begin from here on, perhaps one that others asked for.
    pub(crate) async fn request(&self, location: LocationId) -> Result<Sync> {
        let sync = self.queue(location).await?;
        // Who asked for it and follows readings from then on finds it among them.
        let mut news = self.reading_news();
        let followed = news.wait_for(|_| self.last_reading() >= sync.number);
        let _ = tokio::time::timeout(FOLLOWER_PATIENCE, followed).await;
        Ok(sync)
    }

    /// The same for who does not follow it.
    pub(crate) async fn queue(&self, location: LocationId) -> Result<Sync> {
        let sync = store::insert_waiting(&self.0.db, Sync::asked(location, SyncCause::Request, now())).await?;
        self.learn(sync.clone());
        self.wrote(sync.number);
        Ok(sync)
    }

    /// Whether no other server can be on the same database.
    pub(crate) fn is_alone(&self) -> bool {
        matches!(self.0.db, Db::Sqlite(_))
    }

    /// Where no other server writes, what this one wrote is all that there is up to there. Else it is learnt in its order.
    fn wrote(&self, number: i64) {
        if self.is_alone() {
            self.change_syncs(|syncs| syncs.reached(number));
        }
    }

    /// Takes in what was written down of a reading.
    pub(super) fn learn(&self, sync: Sync) {
        let location = sync.location;
        if self.change_syncs(|syncs| syncs.learn(sync)) && self.reads() {
            self.wake(location);
        }
    }

    /// Lets the worker look at a location.
    pub(crate) fn wake(&self, location: LocationId) {
        // It fails only when the worker has ended, and then the server is about to.
        let _ = self.0.queue.send(location);
    }

    /// Whether it is this server that reads locations.
    pub(crate) fn reads(&self) -> bool {
        self.0.reads.load(Ordering::Acquire)
    }

    /// Takes or renews the right to read locations; says whether this server has it.
    pub(crate) async fn take_lease(&self) -> Result<bool> {
        let taken = self.0.lease.take(&self.0.db).await?;
        self.set_reads(taken);
        Ok(taken)
    }

    /// Notes whether this server reads. One that does no more knows nothing of readings that others do not.
    pub(crate) fn set_reads(&self, reads: bool) {
        if self.0.reads.swap(reads, Ordering::AcqRel) && !reads {
            self.change_syncs(Syncs::disown);
        }
    }

    /// Lets another server read.
    pub(crate) async fn release_lease(&self) -> Result<()> {
        self.set_reads(false);
        Ok(self.0.lease.release(&self.0.db).await?)
    }

    /// Readings that another server began and did not end, for it is gone, are to be read again.
    pub(crate) fn adopt(&self) {
        self.change_syncs(Syncs::adopt);
    }

    /// Writes down what changed in readings, where it is this server that reads.
    pub(crate) async fn write_readings(&self) -> Result<()> {
        if !self.reads() {
            return Ok(());
        }
        let changed = self.0.syncs.write().unwrap_or_else(PoisonError::into_inner).unwritten();
        if changed.is_empty() {
            return Ok(());
        }
        match store::upsert_readings(&self.0.db, &changed).await {
            Ok(written) => {
                let last = written.last().map_or(0, |sync| sync.number);
                self.change_syncs(|syncs| written.into_iter().for_each(|sync| syncs.written(sync)));
                self.wrote(last);
                Ok(())
            }
            Err(error) => {
                self.change_syncs(|syncs| changed.iter().for_each(|sync| syncs.write_again(sync.id)));
                Err(error)
            }
        }
    }

    /// Whether somebody may wait for a reading that is not written down as it stands.
    pub(crate) fn has_urgent_readings(&self) -> bool {
        self.syncs(Syncs::is_urgent)
    }

    /// Begins the reading that waits; `None` where none does.
    pub(crate) async fn begin(&self, location: LocationId) -> Result<Option<Sync>> {
        while let Some(waiting) = self.syncs(|syncs| syncs.next(location).cloned()) {
            // Before it is read: whoever asks from here on asks for another.
            if waiting.number > 0 {
                let begun = Sync { began_at: Some(now()), ..waiting };
                let begun = store::begin_reading(&self.0.db, &begun).await?;
                self.learn(begun.clone());
                self.wrote(begun.number);
                return Ok(Some(begun));
            }
            // Unless one that others know of has taken its place.
            if let Some(begun) = self.change_syncs(|syncs| syncs.begin(&waiting, now())) {
                return Ok(Some(begun));
            }
        }
        Ok(None)
    }

    /// Follows the changes of readings.
    pub(crate) fn reading_news(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }

    /// The number of the last change of a reading.
    pub(crate) fn last_reading(&self) -> i64 {
        self.syncs(Syncs::last_number)
    }

    /// Readings that are at work or wait, as they were written down.
    pub(crate) fn readings_at_work(&self) -> Vec<Sync> {
        self.syncs(|syncs| syncs.at_work().cloned().collect())
    }

    /// Readings that were written down behind a number, in the order of their last changes.
    pub(crate) fn told_readings(&self, number: i64) -> Vec<Sync> {
        self.syncs(|syncs| syncs.told_since(number).cloned().collect())
    }

    pub(crate) fn change_syncs<T>(&self, change: impl FnOnce(&mut Syncs) -> T) -> T {
        let done = change(&mut self.0.syncs.write().unwrap_or_else(PoisonError::into_inner));
        self.0.news.send_modify(|count| *count += 1);
        done
    }
}
