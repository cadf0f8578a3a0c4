//! Where new ids come from.

use std::time::Duration;

use uuid::Uuid;

/// The one maker of random and time-ordered ids, and of what else is random.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids;

impl Ids {
    /// An id that sorts by the time it was made (version 7).
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes them")]
    pub fn ordered(self) -> Uuid {
        Uuid::now_v7()
    }

    /// An id that says nothing (version 4).
    pub fn random(self) -> Uuid {
        Uuid::new_v4()
    }

    /// Some part of a time, another one each time, so that not all come at once.
    pub fn some_of(self, time: Duration) -> Duration {
        time.mul_f64(f64::from(self.random().as_fields().0) / f64::from(u32::MAX))
    }
}
