//! The client.

use std::sync::Arc;

use plinth_egress::Limits;
use url::Url;

use crate::{
    Integration, Place, Result, Usage, Whom,
    host::{Asker, Host, MOST_BYTES, Times},
};

/// Asks GitHub, and hosts that speak as it does. Cheap to clone.
#[derive(Debug, Clone)]
pub struct GitHub(Arc<Vec<Arc<Host>>>);

// === impl GitHub ===

impl GitHub {
    /// A client of these hosts. The process needs an installed TLS provider.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(integrations: Vec<Integration>) -> Result<Self> {
        Self::with(integrations, &Limits { bytes: MOST_BYTES, ..Limits::default() }, Times::default())
    }

    pub(crate) fn with(integrations: Vec<Integration>, limits: &Limits, times: Times) -> Result<Self> {
        let host = |integration| Host::new(integration, limits.clone(), times).map(Arc::new);
        Ok(Self(Arc::new(integrations.into_iter().map(host).collect::<Result<_>>()?)))
    }

    /// The place that a URL names, where it is one of these hosts that it is on.
    pub fn find(&self, url: &Url) -> Option<Place> {
        self.0.iter().find_map(|host| Place::of(&host.integration.host, url))
    }

    /// The URL that a document at a URL of these hosts names, as Backstage resolves it: `/path` begins at the repository's top,
    /// and what is named by a path is named by its `tree`, which leads to files, too. `None` where the document is not on one
    /// of them.
    pub fn resolve(&self, document: &Url, target: &str) -> Option<Url> {
        let place = self.find(document)?;
        if let Ok(url) = Url::parse(target) {
            return Some(url);
        }
        if target.starts_with('/') && !target.starts_with("//") {
            return Some(place.sibling(document, "tree", target));
        }
        let url = document.join(target).ok()?;
        match self.find(&url).filter(|it| it.is_beside(&place)) {
            Some(_) => Some(Place::as_tree(&url)),
            None => Some(url),
        }
    }

    /// How much of its limits each host's tokens have used together; of what is left, the least.
    pub fn usage(&self) -> Vec<(&str, Usage)> {
        let of = |host: &Host| host.usage().into_iter().map(|(_, usage)| usage).reduce(Usage::and);
        self.0.iter().map(|host| (host.integration.host.as_str(), of(host).unwrap_or_default())).collect()
    }

    /// How much of its limits each token has used that was asked with.
    pub fn usage_by_whom(&self) -> Vec<(&str, Whom, Usage)> {
        let of = |host: &'_ Arc<Host>| host.usage();
        let hosts = self.0.iter().map(|host| (host.integration.host.as_str(), of(host)));
        hosts.flat_map(|(host, all)| all.into_iter().map(move |(whom, usage)| (host, whom, usage))).collect()
    }

    /// Asks a host for what is of an owner.
    pub(crate) async fn asker(&self, host: &str, owner: &str) -> Result<Asker> {
        let found = self.0.iter().find(|it| it.integration.host.eq_ignore_ascii_case(host));
        let host = found.cloned().ok_or_else(|| {
            let reason = format!("name it: `integrations.github: [{{host: '{host}'}}]`");
            plinth_egress::Error::NotAllowed { url: host.to_owned(), reason }
        })?;
        let whom = host.whom(owner).await?;
        Ok(Asker { host, whom })
    }
}
