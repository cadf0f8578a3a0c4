//! Providers: what looks for locations by itself.

use std::time::Duration;

use plinth_github::{GitHub, Repository};
use plinth_model::ContentHash;
use regex::Regex;
use serde_json::{Value, json};

use crate::Place;

/// A member of `catalog.providers.github`: looks in the repositories of an organisation, as Backstage's provider does.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name in the configuration.
    pub id: String,
    /// Where it is written.
    pub place: Place,
    /// `host`: one of `integrations.github[]`.
    pub host: String,
    /// `organization`.
    pub organization: String,
    /// `catalogPath`: the file in each repository, perhaps with wildcards.
    pub catalog_path: String,
    /// `filters`.
    pub filters: RepositoryFilters,
    /// `validateLocationsExist`: whether a repository without the file is a problem.
    pub must_exist: bool,
    /// `schedule.frequency`.
    pub frequency: Duration,
}

/// `filters` of a provider: which repositories it looks in.
#[derive(Debug, Clone, Default)]
pub struct RepositoryFilters {
    /// `branch`, instead of each repository's default.
    pub branch: Option<String>,
    /// `repository`: the whole name.
    pub repository: Option<Regex>,
    /// `topic.include`: one of these; empty means all.
    pub topics: Vec<String>,
    /// `topic.exclude`: none of these.
    pub no_topics: Vec<String>,
    /// `allowForks`.
    pub forks: bool,
    /// `allowArchived`.
    pub archived: bool,
    /// `visibility`: one of these; empty means all.
    pub visibility: Vec<String>,
}

impl Provider {
    /// The target of its location.
    pub fn target(&self) -> String {
        format!("https://{}/{}#{}", self.host, self.organization, self.id)
    }

    /// Finds the repositories, and tells of each by a `Location` entity: documents for the catalog's reader.
    pub(crate) async fn find(&self, github: &GitHub) -> plinth_github::Result<String> {
        let repositories = github.repositories(&self.host, &self.organization).await?;
        let wanted = repositories.iter().filter(|it| self.filters.allow(it));
        // Each is YAML, too.
        let documents: Vec<String> = wanted.map(|it| self.location(it).to_string()).collect();
        Ok(documents.join("\n---\n"))
    }

    fn location(&self, repository: &Repository) -> Value {
        let Self { host, organization, .. } = self;
        let branch = self.filters.branch.as_deref().unwrap_or(&repository.default_branch);
        let path = self.catalog_path.trim_start_matches('/');
        // `localhost` is for tests and tries.
        let scheme = if host.starts_with("localhost:") { "http" } else { "https" };
        let target = format!("{scheme}://{host}/{organization}/{}/blob/{branch}/{path}", repository.name);
        let hash = ContentHash::of(format!("url:{target}").as_bytes()).to_string();
        let name = format!("generated-{}", hash.chars().filter(char::is_ascii_hexdigit).take(40).collect::<String>());
        let presence = if self.must_exist { "required" } else { "optional" };
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": name},
            "spec": {"type": "url", "presence": presence, "target": target},
        })
    }
}

// === impl RepositoryFilters ===

impl RepositoryFilters {
    fn allow(&self, repository: &Repository) -> bool {
        let Self { branch: _, repository: name, topics, no_topics, forks, archived, visibility } = self;
        let has = |topics: &[String]| topics.iter().any(|it| repository.topics.contains(it));
        name.as_ref().is_none_or(|it| it.is_match(&repository.name))
            && (topics.is_empty() || has(topics))
            && !has(no_topics)
            && (*forks || !repository.fork)
            && (*archived || !repository.archived)
            && (visibility.is_empty() || visibility.iter().any(|it| it == repository.visibility()))
    }
}
