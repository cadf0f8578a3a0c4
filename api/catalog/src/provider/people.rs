//! The members and teams of organisations, as Backstage's `GithubMultiOrgEntityProvider` tells of them.

use std::collections::BTreeMap;

use plinth_github::{GitHub, Team, User};
use serde_json::{Map, Value, json};

use super::site;

/// The members of a larger team are told by their own documents only: a document has 10,000 nodes at most. The relations are the
/// same.
const MOST_LISTED: usize = 5_000;

/// A member of `catalog.providers.githubOrg`: the people and teams of organisations.
#[derive(Debug, Clone)]
pub struct People {
    /// `orgs`, each once, one at least.
    pub organisations: Vec<String>,
    /// Whether teams are in a namespace named like their organisation. As with Backstage they are in `default` where the whole
    /// configuration names one organisation.
    pub has_namespaces: bool,
}

/// Somebody, and the teams of all organisations that they are in.
struct Person {
    user: User,
    member_of: Vec<String>,
}

/// An organisation as it is now.
struct Organisation<'a> {
    name: &'a str,
    /// Of its teams; `None` is `default`.
    namespace: Option<String>,
    teams: Vec<Team>,
}

impl People {
    /// A `User` for each member, and a `Group` for each team. What cannot be read ends it: half of the people would look as if the
    /// others had left.
    pub(super) async fn find(&self, github: &GitHub, host: &str) -> plinth_github::Result<Vec<Value>> {
        let (mut people, mut organisations) = (BTreeMap::new(), Vec::new());
        for name in &self.organisations {
            let users = github.members(host, name).await?;
            let namespace = self.has_namespaces.then(|| name.to_ascii_lowercase());
            let organisation = Organisation { name, namespace, teams: github.teams(host, name).await? };
            organisation.add_to(&mut people, users);
            organisations.push(organisation);
        }
        let site = site(host);
        let users = people.values().map(|it: &Person| it.document(&site));
        Ok(users.chain(organisations.iter().flat_map(|it| it.documents(&site))).collect())
    }
}

// === impl Organisation ===

impl Organisation<'_> {
    /// Adds its members by their logins, whose case does not count; who is there already gets further teams.
    fn add_to(&self, people: &mut BTreeMap<String, Person>, users: Vec<User>) {
        for user in users {
            let login = user.login.to_ascii_lowercase();
            people.entry(login).or_insert_with(|| Person { user, member_of: Vec::new() });
        }
        for Team { slug, members, .. } in &self.teams {
            for login in members {
                if let Some(person) = people.get_mut(&login.to_ascii_lowercase()) {
                    let namespace = self.namespace.as_ref().map(|it| format!("{it}/")).unwrap_or_default();
                    person.member_of.push(format!("{namespace}{slug}"));
                }
            }
        }
    }

    fn documents<'s>(&'s self, site: &'s str) -> impl Iterator<Item = Value> + 's {
        self.teams.iter().map(|team| self.document(site, team))
    }

    fn document(&self, site: &str, team: &Team) -> Value {
        let Team { slug, name, description, parent, url, members } = team;
        let teams = format!("{site}/orgs/{}/teams/", self.name);
        let page = filled(url).unwrap_or_else(|| format!("{teams}{slug}"));
        let annotations = json!({
            "github.com/team-slug": format!("{}/{slug}", self.name), "backstage.io/view-url": page,
            "backstage.io/edit-url": format!("{page}/edit"), "backstage.io/source-location": format!("url:{teams}"),
        });
        let mut metadata = map(json!({"name": slug, "annotations": annotations}));
        set(&mut metadata, "namespace", self.namespace.clone());
        set(&mut metadata, "description", filled(description));
        let is_child = |it: &&Team| it.parent.as_ref() == Some(slug);
        let children: Vec<&str> = self.teams.iter().filter(is_child).map(|it| it.slug.as_str()).collect();
        let mut profile = Map::new();
        set(&mut profile, "displayName", Some(name.clone()).filter(|it| !it.is_empty()));
        let mut spec = map(json!({"type": "team", "profile": profile, "children": children}));
        set(&mut spec, "parent", filled(parent));
        if members.len() <= MOST_LISTED {
            // In short they would be looked for in the team's namespace.
            spec.insert("members".to_owned(), members.iter().map(|it| format!("default/{it}")).collect());
        }
        entity("Group", metadata, spec)
    }
}

// === impl Person ===

impl Person {
    fn document(&self, site: &str) -> Value {
        let Self { user: User { login, name, email, bio, avatar_url, url }, member_of } = self;
        let page = filled(url).unwrap_or_else(|| format!("{site}/{login}"));
        let annotations = json!({
            "github.com/user-login": login, "backstage.io/view-url": page, "backstage.io/edit-url": page,
            "backstage.io/source-location": format!("url:{site}/"),
        });
        let mut metadata = map(json!({"name": login, "annotations": annotations}));
        set(&mut metadata, "description", filled(bio));
        let mut profile = Map::new();
        for (key, value) in [("displayName", name), ("email", email), ("picture", avatar_url)] {
            set(&mut profile, key, filled(value));
        }
        entity("User", metadata, map(json!({"profile": profile, "memberOf": member_of})))
    }
}

fn entity(kind: &str, metadata: Map<String, Value>, spec: Map<String, Value>) -> Value {
    json!({"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec})
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn set(map: &mut Map<String, Value>, key: &str, value: Option<String>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value.into());
    }
}

/// A text that says something.
fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests;
