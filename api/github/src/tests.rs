//! The room against a server of its own that remembers what it was asked.

mod apps;
mod fake;
mod files;
mod limits;
mod lists;
mod people;
