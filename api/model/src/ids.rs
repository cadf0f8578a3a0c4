//! Where new ids come from.

use uuid::Uuid;

/// The one maker of random and time-ordered ids.
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
}
