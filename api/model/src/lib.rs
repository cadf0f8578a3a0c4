//! The words of Plinth: references, ids, revisions, hashes, error kinds, actors.
//!
//! Nothing here does anything: no IO, no async, no database, no GraphQL. Every room may use it.

mod actor;
mod content_hash;
mod duration;
mod entity_ref;
mod error_kind;
mod ids;
mod node_id;
mod revision;

pub use actor::{Actor, ActorKind};
pub use content_hash::ContentHash;
pub use duration::{decimal, iso_duration};
pub use entity_ref::{EntityRef, EntityRefError};
pub use error_kind::ErrorKind;
pub use ids::Ids;
pub use node_id::{NodeId, NodeIdError};
pub use revision::Revision;
