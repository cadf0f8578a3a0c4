//! Organisations: their members and teams (<https://docs.github.com/en/rest/orgs/members>,
//! <https://docs.github.com/en/rest/teams>).
//!
//! They are read by the REST interface, whose answers are conditional: what did not change costs nothing of the rate limit. The
//! price is that it does not tell who is of a team itself and who only of one below it; see [`GitHub::teams`].

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer};
use tokio::task::JoinSet;

use crate::{
    Error, GitHub, Result,
    host::{AT_ONCE, Asker},
};

/// Somebody in an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The name to log in with.
    pub login: String,
    /// The name to be shown.
    #[serde(default)]
    pub name: Option<String>,
    /// The address, where it is public.
    #[serde(default)]
    pub email: Option<String>,
    /// What they say of themselves.
    #[serde(default)]
    pub bio: Option<String>,
    /// The picture's URL.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// The page's URL.
    #[serde(default, rename = "html_url")]
    pub url: Option<String>,
}

/// A team of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Team {
    /// The name in URLs.
    pub slug: String,
    /// The name to be shown.
    pub name: String,
    /// What it says of itself.
    #[serde(default)]
    pub description: Option<String>,
    /// The slug of the team above.
    #[serde(default, deserialize_with = "slug")]
    pub parent: Option<String>,
    /// The page's URL.
    #[serde(default, rename = "html_url")]
    pub url: Option<String>,
    /// The logins of its own members, in order.
    #[serde(skip)]
    pub members: Vec<String>,
}

#[derive(Deserialize)]
struct Member {
    login: String,
}

fn slug<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Parent {
        slug: String,
    }
    Ok(Option::<Parent>::deserialize(input)?.map(|it| it.slug))
}

// === impl GitHub ===

impl GitHub {
    /// The members of an organisation that who asks may see, in the order of their logins: all of them for one within it (an App
    /// needs to read `Members`), else the public ones. Names and addresses take one request for each of them, which costs nothing
    /// of the rate limit where nothing changed, also where an App has got another token; an organisation of more members than the
    /// limit is read in several goes, as what was answered stays known.
    ///
    /// # Errors
    /// Where there is no such organisation, and so on.
    pub async fn members(&self, host: &str, organisation: &str) -> Result<Vec<User>> {
        let asker = self.asker(host, organisation).await?;
        let users = asker.all::<User>(asker.host.api(["orgs", organisation, "members"])).await?;
        let whole = |asker: Asker, user| async move { asker.user(user).await };
        let mut users = asker.each(users, whole).await?;
        users.sort_unstable_by(|one, other| one.login.cmp(&other.login));
        users.dedup_by(|one, other| one.login == other.login);
        Ok(users)
    }

    /// The teams of an organisation that who asks may see, each with its own members, in the order of their slugs.
    ///
    /// GitHub's list of a team holds the members of the teams below it, too, and does not tell them apart. Who is listed for a team
    /// below is taken for a member of that one only: somebody whom both have as their own is shown in the lower one.
    ///
    /// # Errors
    /// Where there is no such organisation, and so on.
    pub async fn teams(&self, host: &str, organisation: &str) -> Result<Vec<Team>> {
        let asker = self.asker(host, organisation).await?;
        let teams = asker.all::<Team>(asker.host.api(["orgs", organisation, "teams"])).await?;
        let whole = |asker: Asker, team| {
            let organisation = organisation.to_owned();
            async move { asker.team(&organisation, team).await }
        };
        let mut teams: Vec<Team> = asker.each(teams, whole).await?.into_iter().flatten().collect();
        teams.sort_unstable_by(|one, other| one.slug.cmp(&other.slug));
        teams.dedup_by(|one, other| one.slug == other.slug);
        keep_own(&mut teams);
        Ok(teams)
    }
}

/// Leaves each team without those who are listed for a team right below it, whose list holds those further below.
fn keep_own(teams: &mut [Team]) {
    let mut below: HashMap<String, HashSet<String>> = HashMap::new();
    for Team { parent, members, .. } in teams.iter() {
        if let Some(parent) = parent {
            below.entry(parent.clone()).or_default().extend(members.iter().cloned());
        }
    }
    for Team { slug, members, .. } in teams {
        if let Some(below) = below.get(slug) {
            members.retain(|it| !below.contains(it));
        }
    }
}

// === impl Asker ===

impl Asker {
    /// Asks for each of many, some at once. The first failure ends it.
    async fn each<T, U, F>(&self, all: Vec<T>, ask: impl Fn(Asker, T) -> F) -> Result<Vec<U>>
    where
        F: Future<Output = Result<U>> + Send + 'static,
        U: Send + 'static,
    {
        let (mut asked, mut answers) = (JoinSet::new(), Vec::with_capacity(all.len()));
        for one in all {
            if asked.len() >= AT_ONCE {
                answers.extend(answer_of(&mut asked).await.transpose()?);
            }
            asked.spawn(ask(self.clone(), one));
        }
        while let Some(answer) = answer_of(&mut asked).await {
            answers.push(answer?);
        }
        Ok(answers)
    }

    /// A user with a name and an address; who left in the meantime stays as the list has them.
    async fn user(&self, listed: User) -> Result<User> {
        match self.dated(self.host.api(["users", &listed.login])).await {
            Err(Error::NotFound { .. }) => Ok(listed),
            found => found,
        }
    }

    /// A team with its members and those of the teams below; `None` where it went in the meantime.
    async fn team(&self, organisation: &str, team: Team) -> Result<Option<Team>> {
        let url = self.host.api(["orgs", organisation, "teams", &team.slug, "members"]);
        let members = match self.all::<Member>(url).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            found => found?,
        };
        let mut members: Vec<String> = members.into_iter().map(|it| it.login).collect();
        members.sort_unstable();
        members.dedup();
        Ok(Some(Team { members, ..team }))
    }
}

async fn answer_of<U: 'static>(asked: &mut JoinSet<Result<U>>) -> Option<Result<U>> {
    match asked.join_next().await? {
        Ok(answer) => Some(answer),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only who drops the set stops a task, and asks it no more.
        Err(_) => None,
    }
}
