//! The stand-in's organisation: members, teams, and an App that is installed there.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::GitHub;

/// The people and teams of `acme`.
#[derive(Default)]
pub(crate) struct Organisation {
    /// What each tells of themselves, by login.
    people: BTreeMap<String, Value>,
    teams: BTreeMap<String, Team>,
}

#[derive(Default)]
struct Team {
    parent: Option<String>,
    members: BTreeSet<String>,
}

impl Organisation {
    /// Somebody comes.
    pub(crate) fn join(&mut self, login: &str, name: &str) {
        let page = format!("https://github.com/{login}");
        let person = json!({
            "login": login, "name": name, "email": format!("{login}@example.com"), "bio": format!("I am {name}."),
            "avatar_url": format!("{page}.png"), "html_url": page, "type": "User",
        });
        self.people.insert(login.to_owned(), person);
    }

    /// Makes a team, or replaces it.
    pub(crate) fn team(&mut self, slug: &str, parent: Option<&str>, members: &[&str]) {
        let members = members.iter().map(|it| (*it).to_owned()).collect();
        self.teams.insert(slug.to_owned(), Team { parent: parent.map(str::to_owned), members });
    }

    fn answer(&self, segments: &[&str]) -> Option<Value> {
        match segments {
            ["orgs", "acme", "members"] => Some(self.people.keys().map(|it| json!({"login": it})).collect()),
            ["orgs", "acme", "teams"] => Some(self.teams.iter().map(|(slug, it)| it.listed(slug)).collect()),
            ["orgs", "acme", "teams", slug, "members"] => {
                self.teams.get(*slug)?;
                Some(self.members(slug).into_iter().map(|it| json!({"login": it})).collect())
            }
            ["users", login] => self.people.get(*login).cloned(),
            _ => None,
        }
    }

    /// As GitHub tells them: with those of the teams below.
    fn members(&self, slug: &str) -> BTreeSet<String> {
        let mut members = self.teams[slug].members.clone();
        for (below, _) in self.teams.iter().filter(|(_, it)| it.parent.as_deref() == Some(slug)) {
            members.extend(self.members(below));
        }
        members
    }
}

// === impl Team ===

impl Team {
    fn listed(&self, slug: &str) -> Value {
        let parent = self.parent.as_ref().map(|it| json!({"slug": it, "name": it}));
        let page = format!("https://github.com/orgs/acme/teams/{slug}");
        json!({
            "slug": slug, "name": slug.to_uppercase(), "description": format!("The team {slug}."), "privacy": "closed",
            "html_url": page, "parent": parent,
        })
    }
}

// === impl GitHub ===

impl GitHub {
    /// Changes the organisation; makes it where there is none.
    pub(crate) fn organise(&self, change: impl FnOnce(&mut Organisation)) {
        change(self.inner.lock().unwrap().organisation.get_or_insert_default());
    }

    /// Nobody may see the organisation any more.
    pub(crate) fn hide_organisation(&self) {
        self.inner.lock().unwrap().organisation = None;
    }

    /// The token that the App gets for its installation.
    pub(crate) fn installation_token(&self) -> String {
        format!("installed-{}", self.token())
    }

    /// Whether who asks may: with the token, with that of the installation, or, of the App itself, with what its key signs. That
    /// the signature is right is proved where it is made.
    pub(super) fn admits(&self, path: &str, headers: &HeaderMap) -> bool {
        let value = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let Some(token) = value.and_then(|it| it.strip_prefix("Bearer ")) else { return false };
        if path.starts_with("/app/") {
            return token.split('.').count() == 3 && token.starts_with("eyJ");
        }
        token == self.token() || token == self.installation_token()
    }

    /// What is of the organisation or the App.
    pub(super) fn organised(&self, segments: &[&str]) -> Option<String> {
        let answer = match segments {
            ["app", "installations"] => Some(json!([{"id": 7, "account": {"login": "acme"}, "suspended_at": null}])),
            ["app", "installations", "7", "access_tokens"] => {
                Some(json!({"token": self.installation_token(), "expires_at": "2100-01-01T00:00:00Z"}))
            }
            _ => self.inner.lock().unwrap().organisation.as_ref()?.answer(segments),
        };
        answer.map(|it| it.to_string())
    }
}
