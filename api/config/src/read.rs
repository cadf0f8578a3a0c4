//! From merged values to what Plinth takes from them.

mod access;
mod catalog;
mod cors;
mod database;
mod duration;
mod integrations;
mod listen;
mod location;
mod notices;
mod provider;
mod reader;
mod reading;
mod rule;

use plinth_catalog::{Notice, Place};
use plinth_github::{Integration, Secret};
use url::Url;

use crate::{Error, Sources, item::Item, transform::Missing};
use reader::Reader;

/// What Plinth takes from the configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// `app.title`.
    pub title: String,
    /// `organization.name`.
    pub organization: Option<String>,
    /// `backend.baseUrl`.
    pub base_url: Option<Url>,
    /// The keys under `backend`.
    pub backend: Backend,
    /// The keys under `catalog`.
    pub catalog: plinth_catalog::Config,
    /// The hosts of `integrations`.
    pub repository_hosts: Vec<RepositoryHost>,
    /// `integrations.github[]`.
    pub integrations: Vec<Integration>,
    /// `events.modules.github.webhookSecret`: what signs webhooks.
    pub webhook_secret: Option<Secret>,
    /// What Plinth goes on without.
    pub notices: Vec<Notice>,
}

impl Config {
    /// All that webhooks may be signed with.
    pub fn webhook_secrets(&self) -> Vec<Secret> {
        let of_apps = self.integrations.iter().flat_map(Integration::webhook_secrets);
        self.webhook_secret.iter().chain(of_apps).cloned().collect()
    }
}

/// The keys under `backend`.
#[derive(Debug, Clone)]
pub struct Backend {
    /// `backend.listen`.
    pub listen: Listen,
    /// `backend.database`, or `--data-dir`.
    pub database: plinth_storage::Config,
    /// `backend.cors`.
    pub cors: Option<Cors>,
    /// `backend.reading.allow`.
    pub reading: plinth_egress::Policy,
    /// `backend.auth.dangerouslyDisableDefaultAuthPolicy`.
    pub development: bool,
    /// `backend.auth.externalAccess`.
    pub auth: plinth_auth::Config,
}

/// `backend.cors`: which pages of other origins may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// `origin`: each as browsers write it, `https://portal.example.com`.
    pub origins: Vec<String>,
    /// `methods`.
    pub methods: Vec<String>,
    /// `credentials`: whether cookies may come along.
    pub credentials: bool,
}

/// `backend.listen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The address; `None` where only a port is given.
    pub host: Option<String>,
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// Where it is written.
    pub place: Place,
}

/// A host that repositories lie on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryHost {
    /// `github.com`.
    pub host: String,
    /// `github`.
    pub kind: String,
}

/// Keys that hold maps, or nothing that is read here would be found below them.
const MAPS: &[&str] = &[
    "app",
    "organization",
    "backend",
    "backend.auth",
    "backend.database",
    "backend.reading",
    "catalog",
    "catalog.providers",
    "integrations",
];

/// Reads everything that is ours; all that is wrong is named at once.
pub(crate) fn config(root: &Item, missing: &[Missing], sources: &Sources) -> Result<Config, Error> {
    let mut reader = Reader { root, missing, refusals: Vec::new(), notices: Vec::new() };
    for item in MAPS.iter().filter_map(|key| root.get(key)).filter(|item| item.members().is_none()) {
        reader.wrong(item, "a map");
    }
    let development = reader.flag("backend.auth.dangerouslyDisableDefaultAuthPolicy").unwrap_or(false);
    let backend = Backend {
        listen: listen::listen(&mut reader),
        database: database::database(&mut reader, sources),
        cors: cors::cors(&mut reader),
        reading: reading::policy(&mut reader),
        development,
        auth: access::auth(&mut reader),
    };
    let mut catalog = catalog::catalog(&mut reader);
    let (repository_hosts, integrations) = integrations::hosts(&mut reader);
    catalog.providers = provider::providers(&mut reader, &integrations);
    let webhook_secret = reader.text("events.modules.github.webhookSecret").map(Secret::new);
    let title = reader.text("app.title").unwrap_or_else(|| "Plinth".to_owned());
    let organization = reader.text("organization.name");
    let base_url = base_url(&mut reader);
    notices::notices(&mut reader);
    let Reader { mut refusals, mut notices, .. } = reader;
    // In the order of the files, whatever was read first.
    let order = |place: &Place| (place.file.clone(), place.line, place.column);
    refusals.sort_by_key(|it| order(&it.place));
    notices.sort_by_key(|it| order(&it.place));
    if !refusals.is_empty() {
        return Err(Error { refusals });
    }
    catalog.notices.clone_from(&notices);
    Ok(Config {
        title,
        organization,
        base_url,
        backend,
        catalog,
        repository_hosts,
        integrations,
        webhook_secret,
        notices,
    })
}

fn base_url(reader: &mut Reader<'_>) -> Option<Url> {
    let item = reader.root.get("backend.baseUrl")?;
    let text = reader.text_of(item)?;
    if let Some(url) = web_url(&text) {
        return Some(url);
    }
    reader.wrong(item, "an `http` or `https` URL without a user");
    None
}

/// A URL that may be shown: on the web, with no user and no password in it.
fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    (url.username().is_empty() && url.password().is_none()).then_some(url)
}
