//! The software catalog: ingestion from locations to an immutable snapshot.
//!
//! ```text
//! location ─ read ─ documents ─ validate ─ placeholders ─ relations ─┐
//!    ▲                                                               ▼
//!  watch, interval                              one transaction, then a new Snapshot
//! ```
//!
//! [`Catalog`] is the handle: cheap to clone, it gives [`Snapshot`]s to readers and reads locations on its own.

mod catalog;
mod check;
mod config;
mod content;
mod contents;
mod document;
mod entity;
mod error;
mod facet;
mod feed;
mod files;
mod filter;
#[cfg(test)]
mod fixture;
mod graph;
mod index;
mod kind;
mod list;
mod location;
mod neighbours;
mod order;
mod packed;
mod placeholder;
mod plan;
mod pointing;
mod preview;
mod problem;
mod provider;
mod reading;
mod recent;
mod registry;
mod relation;
mod rules;
mod search;
mod selection;
mod snapshot;
mod store;
mod sync;
mod sync_feed;
mod syncs;
mod turns;
mod validate;
mod watch;
mod worker;
mod writer;

pub use catalog::{Catalog, Registered, Unregistered};
pub use check::{Checked, check};
pub use config::{
    AllowedKind, Config, ConfiguredLocation, LocationMatch, LogLimits, Notice, OrphanStrategy, Place, Rule, TargetMatch,
};
pub use content::normalized;
pub use entity::Entity;
pub use error::Error;
pub use facet::{Facet, FacetField, FacetRange, FacetValue};
pub use feed::{Feed, FeedEvent, FeedPlace, FeedStart, Follow, Reset, Told, Who};
pub use filter::{EntityFilter, KeyedField, Mine, RefField, RefTest, TextField, TextTest, TimeTest};
pub use graph::{Direction, Graph, Walk};
pub use kind::Kind;
pub use list::{List, Page, PageRange};
pub use location::{Location, LocationId, LocationOrigin, LocationType};
pub use order::{EntityOrder, EntityPlace, OrderField, Ordered};
pub use preview::{FoundChange, FoundEntity, Preview};
pub use problem::{Problem, ProblemCode, Severity};
pub use provider::{Finds, People, Provider, Repositories, RepositoryFilters};
pub use relation::{Relation, RelationType};
pub use search::{
    Best, Found, Highlight, HighlightPart, Hit, HitKey, Marker, SEARCHED, Search, SearchText, SearchTextError,
};
pub use selection::Selection;
pub use snapshot::{ByName, ByTarget, LocationKey, NameKey, Related, Snapshot};
pub use sync::{Sync, SyncCause, SyncCounts, SyncStage, SyncState};
pub use sync_feed::{SyncEvent, SyncFeed, SyncPlace, SyncTold};
pub use validate::{Finding, validate};
pub use worker::Worker;

/// What the catalog's verbs answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
