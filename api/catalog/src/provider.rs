//! Providers: what looks by itself for locations, or for people and teams.

mod people;
mod repositories;

use std::time::Duration;

use plinth_github::{Event, GitHub};

use crate::{LocationType, Place};

pub use people::People;
pub use repositories::{Repositories, RepositoryFilters};

/// A member of `catalog.providers.github` or `catalog.providers.githubOrg`.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name in the configuration.
    pub id: String,
    /// Where it is written.
    pub place: Place,
    /// One of `integrations.github[]`.
    pub host: String,
    /// `schedule.frequency`.
    pub frequency: Duration,
    /// What it looks for.
    pub finds: Finds,
}

/// What a provider looks for.
#[derive(Debug, Clone)]
pub enum Finds {
    /// Files in the repositories of an organisation.
    Repositories(Repositories),
    /// The members and teams of organisations.
    People(People),
}

impl Provider {
    /// The type of its location.
    pub fn kind(&self) -> LocationType {
        match &self.finds {
            Finds::Repositories(_) => LocationType::GithubDiscovery,
            Finds::People(_) => LocationType::GithubOrg,
        }
    }

    /// The target of its location.
    pub fn target(&self) -> String {
        let Self { id, host, .. } = self;
        match &self.finds {
            Finds::Repositories(Repositories { organization, .. }) => format!("https://{host}/{organization}#{id}"),
            // Whichever organisations are named: who is known stays known when another one comes.
            Finds::People(_) => format!("https://{host}/#{id}"),
        }
    }

    /// What it finds now: documents for the catalog's reader.
    pub(crate) async fn find(&self, github: &GitHub) -> plinth_github::Result<String> {
        let documents = match &self.finds {
            Finds::Repositories(it) => it.find(github, &self.host).await?,
            Finds::People(it) => it.find(github, &self.host).await?,
        };
        // Each is YAML, too.
        Ok(documents.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n---\n"))
    }

    /// Whether it may find something else after an event.
    pub(crate) fn is_concerned(&self, event: &Event) -> bool {
        let is_of = |name: &str| event.owners().iter().any(|it| it.eq_ignore_ascii_case(name));
        match (&self.finds, event) {
            (Finds::Repositories(it), Event::Repository { .. }) => is_of(&it.organization),
            (Finds::People(it), Event::Organisation { .. }) => it.organisations.iter().any(|it| is_of(it)),
            _ => false,
        }
    }
}

/// Where the pages of a host lie.
fn site(host: &str) -> String {
    // `localhost` is for tests and tries.
    let scheme = if host.starts_with("localhost:") { "http" } else { "https" };
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use plinth_github::RepositoryName;

    use super::*;

    #[test]
    fn each_is_concerned_by_what_may_change_what_it_finds() {
        let provider = |finds| {
            let (id, host, frequency) = ("x".to_owned(), "github.com".to_owned(), Duration::from_secs(60));
            Provider { id, place: Place::default(), host, frequency, finds }
        };
        let repositories = provider(Finds::Repositories(Repositories {
            organization: "acme".to_owned(),
            catalog_path: "a.yaml".to_owned(),
            filters: RepositoryFilters::default(),
            must_exist: false,
        }));
        let organisations = ["globex", "Acme"].map(str::to_owned).to_vec();
        let people = provider(Finds::People(People { organisations, has_namespaces: true }));
        assert_eq!(repositories.target(), "https://github.com/acme#x");
        assert_eq!(people.target(), "https://github.com/#x");
        let name = |owner: &str| RepositoryName { owner: owner.to_owned(), name: "shop".to_owned() };
        let repository =
            |owner: &str, former: Option<&str>| Event::Repository { repository: name(owner), former: former.map(name) };
        let organisation = |name: &str, former: Option<&str>| Event::Organisation {
            organisation: name.to_owned(),
            former: former.map(str::to_owned),
        };
        for (event, is_for_repositories, is_for_people) in [
            (repository("ACME", None), true, false),
            (repository("other", Some("acme")), true, false),
            (repository("other", None), false, false),
            (organisation("ACME", None), false, true),
            (organisation("new", Some("acme")), false, true),
            (organisation("other", None), false, false),
            (Event::Other, false, false),
        ] {
            let concerned = (repositories.is_concerned(&event), people.is_concerned(&event));
            assert_eq!(concerned, (is_for_repositories, is_for_people), "{event:?}");
        }
    }
}
