//! What the catalog takes from `app-config.yaml` (the keys under `catalog`).

use std::{sync::Arc, time::Duration};

use crate::{location::LocationType, provider::Provider};

/// The keys under `catalog`, checked and with absolute file targets.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `catalog.locations[]`, in the order of the file.
    pub locations: Vec<ConfiguredLocation>,
    /// `catalog.rules[]`. Empty means Backstage's default: Component, API, Location.
    pub rules: Vec<Rule>,
    /// `catalog.orphanStrategy`.
    pub orphans: OrphanStrategy,
    /// `catalog.processingInterval`; `None` where it is `false` or left out: files are watched, not polled.
    pub interval: Option<Duration>,
    /// `catalog.changeLog`.
    pub log: LogLimits,
    /// `catalog.providers.github` and `catalog.providers.githubOrg`.
    pub providers: Vec<Arc<Provider>>,
    /// What was found wrong in the configuration, shown beside the catalog's own problems.
    pub notices: Vec<Notice>,
}

impl Config {
    /// Whether nothing is to be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.locations.is_empty() && self.providers.is_empty()
    }
}

/// One member of `catalog.locations[]`.
#[derive(Debug, Clone)]
pub struct ConfiguredLocation {
    /// `file` or `url`.
    pub kind: LocationType,
    /// An absolute path, perhaps with globs, or a URL.
    pub target: String,
    /// What this location may hold besides what `catalog.rules` allows.
    pub allow: Vec<AllowedKind>,
    /// Where it is written.
    pub place: Place,
}

/// One member of `catalog.rules[]`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The kinds that it allows.
    pub allow: Vec<AllowedKind>,
    /// The locations that it is for; empty means all.
    pub locations: Vec<LocationMatch>,
}

/// A kind, perhaps only with one `spec.type`; both compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedKind {
    /// The kind.
    pub kind: String,
    /// The type, where the rule names one.
    pub spec_type: Option<String>,
}

/// A member of `catalog.rules[].locations[]`.
#[derive(Debug, Clone)]
pub struct LocationMatch {
    /// `file` or `url`.
    pub kind: LocationType,
    /// Which targets; `None` means all of the type.
    pub target: Option<TargetMatch>,
}

/// How a rule names targets.
#[derive(Debug, Clone)]
pub enum TargetMatch {
    /// `exact`: the whole target.
    Exact(String),
    /// `pattern`: a glob.
    Pattern(String),
}

/// What becomes of an entity that no location holds any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OrphanStrategy {
    /// It leaves the catalog.
    #[default]
    Delete,
    /// It stays, marked `backstage.io/orphan: "true"`.
    Keep,
}

/// How long changes are kept for those who follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// `catalog.changeLog.maxAge`.
    pub age: Duration,
    /// `catalog.changeLog.maxRows`: rows, one for each entity that a change touches.
    pub rows: u64,
}

impl Default for LogLimits {
    /// Seven days, a million rows.
    fn default() -> Self {
        Self { age: Duration::from_secs(7 * 24 * 3_600), rows: 1_000_000 }
    }
}

/// A place in a configuration file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name of an environment variable.
    pub file: String,
    /// Counts from 1; 0 where there is none.
    pub line: u32,
    /// Counts from 1; 0 where there is none.
    pub column: u32,
    /// The key: `integrations.github[0].token`.
    pub key: String,
}

/// Something in the configuration that Plinth goes on without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it, and the way out.
    pub message: String,
}
