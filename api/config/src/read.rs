//! From merged values to what Plinth takes from them.

mod backend;
mod catalog;
mod notices;
mod reader;

use plinth_catalog::{Notice, Place};
use url::Url;

use crate::{Error, Item, Sources, transform::Missing};
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
    /// What Plinth goes on without.
    pub notices: Vec<Notice>,
}

/// The keys under `backend`.
#[derive(Debug, Clone)]
pub struct Backend {
    /// `backend.listen`.
    pub listen: Listen,
    /// `backend.database`, or `--data-dir`.
    pub database: plinth_storage::Config,
    /// `backend.auth.dangerouslyDisableDefaultAuthPolicy`.
    pub development: bool,
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

/// Reads everything that is ours; all that is wrong is named at once.
pub(crate) fn config(root: &Item, missing: &[Missing], sources: &Sources) -> Result<Config, Error> {
    let mut reader = Reader { root, missing, refusals: Vec::new() };
    let backend = backend::backend(&mut reader, sources);
    let mut catalog = catalog::catalog(&mut reader);
    let repository_hosts = hosts(&mut reader);
    let title = reader.text("app.title").unwrap_or_else(|| "Plinth".to_owned());
    let organization = reader.text("organization.name");
    let base_url = base_url(&mut reader);
    let Reader { refusals, .. } = reader;
    if !refusals.is_empty() {
        return Err(Error { refusals });
    }
    let notices = notices::notices(root, missing);
    catalog.notices.clone_from(&notices);
    Ok(Config { title, organization, base_url, backend, catalog, repository_hosts, notices })
}

fn base_url(reader: &mut Reader<'_>) -> Option<Url> {
    let text = reader.text("backend.baseUrl")?;
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Some(url),
        _ => {
            reader.refuse("backend.baseUrl", "expected an `http` or `https` URL");
            None
        }
    }
}

fn hosts(reader: &mut Reader<'_>) -> Vec<RepositoryHost> {
    let mut hosts = Vec::new();
    for item in reader.list("integrations.github") {
        let host = item.get("host").and_then(|host| reader.text_of(host));
        hosts.push(RepositoryHost { host: host.unwrap_or_else(|| "github.com".to_owned()), kind: "github".to_owned() });
    }
    hosts
}
