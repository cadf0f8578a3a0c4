//! Places that entities are read from.

use std::sync::Arc;

use arcstr::ArcStr;
use plinth_model::{EntityRef, NodeId};
use uuid::Uuid;

use crate::Problem;

/// How a location's target is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LocationType {
    /// A path on the server's file system, perhaps with globs.
    File,
    /// A URL.
    Url,
    /// The repositories of an organisation at GitHub, where a provider of the configuration looks for them.
    GithubDiscovery,
    /// The people and teams of organisations at GitHub, where a provider of the configuration looks for them.
    GithubOrg,
}

impl LocationType {
    /// The word in a location reference: `file`, `url`, `github-discovery` or `github-org`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Url => "url",
            Self::GithubDiscovery => "github-discovery",
            Self::GithubOrg => "github-org",
        }
    }

    /// The type of this word, where anybody may name a location of it: `file` or `url`.
    pub fn named(name: &str) -> Option<Self> {
        Self::stored(name).filter(|it| matches!(it, Self::File | Self::Url))
    }

    /// The type of this word, if there is one.
    pub(crate) fn stored(name: &str) -> Option<Self> {
        [Self::File, Self::Url, Self::GithubDiscovery, Self::GithubOrg].into_iter().find(|it| it.as_str() == name)
    }
}

/// What registered a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocationOrigin {
    /// `catalog.locations[]`.
    Configuration,
    /// A mutation.
    Mutation,
    /// A `Location` entity.
    Entity,
    /// A provider that finds repositories.
    Discovery,
}

impl LocationOrigin {
    /// As it stands in the schema and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "CONFIGURATION",
            Self::Mutation => "MUTATION",
            Self::Entity => "ENTITY",
            Self::Discovery => "DISCOVERY",
        }
    }

    /// The origin of this word, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Configuration, Self::Mutation, Self::Entity, Self::Discovery].into_iter().find(|it| it.as_str() == name)
    }
}

/// A location's identity: the UUIDv5 of its reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocationId(pub Uuid);

impl LocationId {
    /// The id of `type:target`.
    pub fn of(kind: LocationType, target: &str) -> Self {
        let reference = format!("{}:{target}", kind.as_str());
        Self(Uuid::new_v5(&Uuid::NAMESPACE_URL, reference.as_bytes()))
    }

    /// Its id in the schema.
    pub fn node_id(self) -> NodeId {
        NodeId::Location(self.0)
    }
}

/// A registered location, as a snapshot holds it.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its identity.
    pub id: LocationId,
    /// How it is read.
    pub kind: LocationType,
    /// An absolute path, perhaps with globs, or a URL.
    pub target: ArcStr,
    /// What registered it.
    pub origin: LocationOrigin,
    /// The `Location` entity that names it, where `origin` is [`LocationOrigin::Entity`].
    pub declared_by: Option<EntityRef>,
    /// What its last reading found wrong.
    pub problems: Arc<[Problem]>,
}

impl Location {
    /// Where a text stands that stands nowhere.
    pub(crate) fn nowhere() -> Self {
        let (kind, origin) = (LocationType::File, LocationOrigin::Mutation);
        Self {
            id: LocationId::of(kind, ""),
            kind,
            target: "".into(),
            origin,
            declared_by: None,
            problems: Arc::default(),
        }
    }

    /// `type:target`, as Backstage's annotations write it.
    pub fn reference(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.target)
    }
}
