//! Small values within entities.

use async_graphql::{Enum, SimpleObject};
use serde_json::Value;

use crate::scalar::Url;

/// A key and its value.
#[derive(SimpleObject)]
pub(crate) struct KeyValue {
    /// The key.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

/// A page about an entity.
#[derive(SimpleObject)]
pub(crate) struct EntityLink {
    /// Null when its scheme is not http, https or mailto.
    url: Option<Url>,
    /// What a person reads.
    title: Option<String>,
    /// The name of an icon.
    icon: Option<String>,
    /// What sort of page it is.
    #[graphql(name = "type")]
    kind: Option<String>,
}

/// What a person or group shows of itself.
#[derive(SimpleObject)]
pub(crate) struct Profile {
    /// What a person reads.
    display_name: Option<String>,
    /// An address.
    email: Option<String>,
    /// A picture; null when its scheme is not http or https.
    picture: Option<Url>,
}

/// A server that speaks an API, for APIs of type `mcp-server`.
#[derive(SimpleObject)]
pub(crate) struct ApiRemote {
    /// How it is spoken to.
    #[graphql(name = "type")]
    kind: String,
    /// Where it is.
    url: String,
}

/// How a document is written.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ManifestFormat {
    /// As in the file, comments too.
    Yaml,
    /// The same values.
    Json,
}

/// Whether the targets of a Location must be there.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocationPresence {
    /// A missing target is a problem.
    Required,
    /// A missing target is as if it were empty.
    Optional,
}

fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(Value::as_str).map(str::to_owned)
}

fn url(text: Option<String>, schemes: &[&str]) -> Option<Url> {
    let url = url::Url::parse(&text?).ok()?;
    schemes.contains(&url.scheme()).then(|| Url(url.into()))
}

impl EntityLink {
    /// Reads a member of `metadata.links`.
    pub(crate) fn of(value: &Value) -> Self {
        Self {
            url: url(text(value, "url"), &["http", "https", "mailto"]),
            title: text(value, "title"),
            icon: text(value, "icon"),
            kind: text(value, "type"),
        }
    }
}

impl Profile {
    /// Reads `spec.profile`.
    pub(crate) fn of(value: &Value) -> Self {
        Self {
            display_name: text(value, "displayName"),
            email: text(value, "email"),
            picture: url(text(value, "picture"), &["http", "https"]),
        }
    }
}

impl ApiRemote {
    /// Reads a member of `spec.remotes`.
    pub(crate) fn of(value: &Value) -> Self {
        Self { kind: text(value, "type").unwrap_or_default(), url: text(value, "url").unwrap_or_default() }
    }
}
