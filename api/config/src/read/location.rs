//! `catalog.locations[]`.

use plinth_catalog::{ConfiguredLocation, LocationType};

use super::{Reader, notices::not_yet, rule, web_url};
use crate::item::{Item, Value};

/// Types that plugins of Backstage bring.
const NOT_YET: &[&str] = &[
    "azure-discovery",
    "bitbucket-cloud-discovery",
    "bitbucket-discovery",
    "bitbucket-server-discovery",
    "gerrit-discovery",
    "gitea-discovery",
    "github-discovery",
    "github-multi-org",
    "github-org",
    "gitlab-discovery",
    "ldap-org",
    "microsoft-graph-org",
    "okta-org",
    "s3-discovery",
];

pub(super) fn locations(reader: &mut Reader<'_>) -> Vec<ConfiguredLocation> {
    let items = reader.maps("catalog.locations");
    items.into_iter().filter_map(|item| location(reader, item)).collect()
}

fn location(reader: &mut Reader<'_>, item: &Item) -> Option<ConfiguredLocation> {
    if let Some(kind) = item.member("type")
        && let Value::String(name) = &kind.value
        && NOT_YET.contains(&name.as_str())
    {
        let message = format!("locations of type `{name}` are not implemented yet; Plinth goes on without it");
        reader.notice(&kind.place, message);
        return None;
    }
    let kind = location_type(reader, item);
    let target = reader.needed(item, "target", "a path or a URL");
    let allow = item.member("rules").map(|rules| reader.maps_of(rules)).unwrap_or_default();
    let allow = allow.into_iter().flat_map(|rule| rule::allowed(reader, rule)).collect();
    for (key, member) in item.members().unwrap_or_default() {
        if !matches!(key.as_str(), "type" | "target" | "rules") {
            not_yet(reader, member);
        }
    }
    let (kind, target) = (kind?, target?);
    let text = reader.text_of(target)?;
    let text = match kind {
        LocationType::File => absolute(&text, target),
        LocationType::Url | LocationType::GithubDiscovery | LocationType::GithubOrg => match web_url(&text) {
            Some(url) => location_url(url),
            None => {
                reader.wrong(target, "an `http` or `https` URL; a token belongs under `integrations`");
                return None;
            }
        },
    };
    Some(ConfiguredLocation { kind, target: text, allow, place: target.place.clone() })
}

/// One spelling of a URL, so that it is one location however it is written.
pub(super) fn location_url(mut url: url::Url) -> String {
    url.set_fragment(None);
    url.into()
}

pub(super) fn location_type(reader: &mut Reader<'_>, item: &Item) -> Option<LocationType> {
    let kind = reader.needed(item, "type", "`file` or `url`")?;
    let found = match &kind.value {
        Value::String(text) => LocationType::named(text),
        _ => None,
    };
    if found.is_none() {
        reader.wrong(kind, "`file` or `url`");
    }
    found
}

/// A relative target stands below `packages/backend` beside the configuration file, which is where Backstage's server
/// runs, or else beside the file itself.
pub(super) fn absolute(target: &str, item: &Item) -> String {
    let backend = item.folder.join("packages/backend");
    let base = if backend.is_dir() { &backend } else { item.folder.as_ref() };
    plinth_catalog::normalized(&base.join(target)).to_string_lossy().into_owned()
}
