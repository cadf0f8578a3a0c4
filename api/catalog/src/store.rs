//! All SQL of the catalog.

mod load;
mod prune;
mod read;
mod readings;
mod stood;
mod write;

pub(crate) use load::load;
pub(crate) use prune::prune;
pub(crate) use read::{Since, find_changes, find_locations, find_log, find_revision};
pub(crate) use readings::{begin_reading, find_readings, insert_waiting, upsert_readings};
pub(crate) use stood::{Stood, find_stood, insert_stood};
pub(crate) use write::{
    LogRow, append_log, delete_entities, delete_locations, replace_problems, touch_entities, upsert_entities,
    upsert_location,
};
