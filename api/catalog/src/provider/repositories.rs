//! Files in the repositories of an organisation.

use plinth_github::{GitHub, Repository};
use plinth_model::ContentHash;
use regex::Regex;
use serde_json::{Value, json};

use super::site;

/// A member of `catalog.providers.github`: looks in the repositories of an organisation, as Backstage's provider does.
#[derive(Debug, Clone)]
pub struct Repositories {
    /// `organization`.
    pub organization: String,
    /// `catalogPath`: the file in each repository, perhaps with wildcards.
    pub catalog_path: String,
    /// `filters`.
    pub filters: RepositoryFilters,
    /// `validateLocationsExist`: whether a repository without the file is a problem.
    pub must_exist: bool,
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

impl Repositories {
    /// Finds the repositories, and tells of each by a `Location` entity.
    pub(super) async fn find(&self, github: &GitHub, host: &str) -> plinth_github::Result<Vec<Value>> {
        let repositories = github.repositories(host, &self.organization).await?;
        let wanted = repositories.iter().filter(|it| self.filters.allow(it));
        Ok(wanted.map(|it| self.location(host, it)).collect())
    }

    fn location(&self, host: &str, repository: &Repository) -> Value {
        let organization = &self.organization;
        let branch = self.filters.branch.as_deref().unwrap_or(&repository.default_branch);
        let path = self.catalog_path.trim_start_matches('/');
        let target = format!("{}/{organization}/{}/blob/{branch}/{path}", site(host), repository.name);
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
