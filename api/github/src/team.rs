//! Who is in an organisation.

use serde::Deserialize;

use crate::{GitHub, Result};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// The name at GitHub.
    pub login: String,
    /// The person's name, where it is told.
    #[serde(default)]
    pub name: Option<String>,
    /// The address that is shown to everybody.
    #[serde(default)]
    pub email: Option<String>,
    /// What the person says of himself or herself.
    #[serde(default)]
    pub bio: Option<String>,
    /// A picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Team {
    /// Its name in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// The team above it.
    #[serde(default)]
    pub parent: Option<Parent>,
}

/// The team above another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Parent {
    /// Its name in URLs.
    pub slug: String,
}

impl GitHub {
    /// The members of an organisation, by login only.
    ///
    /// # Errors
    /// Where there is no such organisation, and so on.
    pub async fn members(&self, host: &str, organisation: &str) -> Result<Vec<Member>> {
        let host = self.host(host)?;
        self.all(host, host.api(["orgs", organisation, "members"])).await
    }

    /// A person with what is told to everybody.
    ///
    /// # Errors
    /// Where there is nobody of this name, and so on.
    pub async fn member(&self, host: &str, login: &str) -> Result<Member> {
        let host = self.host(host)?;
        self.json(host, host.api(["users", login])).await
    }

    /// The teams of an organisation.
    ///
    /// # Errors
    /// Where there is no such organisation, and so on.
    pub async fn teams(&self, host: &str, organisation: &str) -> Result<Vec<Team>> {
        let host = self.host(host)?;
        self.all(host, host.api(["orgs", organisation, "teams"])).await
    }

    /// The members of a team, by login only; those of teams below it, too, as GitHub counts.
    ///
    /// # Errors
    /// Where there is no such team, and so on.
    pub async fn team_members(&self, host: &str, organisation: &str, team: &str) -> Result<Vec<Member>> {
        let host = self.host(host)?;
        self.all(host, host.api(["orgs", organisation, "teams", team, "members"])).await
    }
}
