//! All SQL of the catalog.

mod read;
mod write;

pub(crate) use read::{find_changes, find_entities, find_locations, find_log, find_revision};
pub(crate) use write::{
    LogRow, append_log, delete_entities, delete_locations, replace_problems, touch_entities, upsert_entities,
    upsert_location,
};
