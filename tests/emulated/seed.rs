//! What a GitHub begins with.

use serde_json::{Value, json};

use super::{ORGANIZATION, OWNER, TOKEN};

/// The token of the owner; only the tests themselves have it.
pub(super) const OWNER_TOKEN: &str = "token-of-ada";

/// The App's number, and its only installation's.
pub(crate) const APP: u64 = 12345;
pub(crate) const INSTALLATION: u64 = 678;

/// The organisation `acme` with its owner `ada`, the members `bob` and `cleo`, `dan` who is none of it, and what is added.
#[derive(Default)]
pub(crate) struct Seed {
    pub(super) repositories: Vec<Repository>,
    pub(super) teams: Vec<Team>,
    pub(super) has_app: bool,
}

/// A repository of the organisation, public and with an empty README unless it is told otherwise.
pub(crate) struct Repository {
    pub(super) name: String,
    pub(super) default_branch: String,
    pub(super) is_private: bool,
    pub(super) is_fork: bool,
    pub(super) is_archived: bool,
    pub(super) is_empty: bool,
    pub(super) topics: Vec<String>,
    /// Branch, path, text.
    pub(super) files: Vec<(String, String, String)>,
}

pub(super) struct Team {
    pub(super) name: String,
    pub(super) parent: Option<String>,
    pub(super) members: Vec<String>,
}

// === impl Seed ===

impl Seed {
    pub(crate) fn repository(mut self, repository: Repository) -> Self {
        self.repositories.push(repository);
        self
    }

    /// A team with members, perhaps under one that was added before.
    pub(crate) fn team(mut self, name: &str, parent: Option<&str>, members: &[&str]) -> Self {
        let members = members.iter().map(|it| (*it).to_owned()).collect();
        self.teams.push(Team { name: name.to_owned(), parent: parent.map(str::to_owned), members });
        self
    }

    /// The App `plinth`, which is installed at the organisation; the emulator makes a key for it.
    pub(crate) fn app(mut self) -> Self {
        self.has_app = true;
        self
    }

    /// The emulator's own seed: what cannot be made by a request. Its first user is who an unknown token is taken for.
    pub(super) fn document(&self) -> Value {
        let forked = self.repositories.iter().filter(|it| it.is_fork);
        let own = self.repositories.iter().filter(|it| !it.is_fork).map(|it| (ORGANIZATION, it));
        // What is a fork here is forked from a repository of the same name that belongs to `dan`.
        let repositories: Vec<Value> = own
            .chain(forked.map(|it| ("dan", it)))
            .map(|(owner, it)| {
                json!({
                    "owner": owner, "name": it.name, "private": it.is_private, "topics": it.topics,
                    "default_branch": it.default_branch, "auto_init": !it.is_empty,
                })
            })
            .collect();
        let permissions = json!({"contents": "read", "metadata": "read", "members": "read"});
        let app = json!({
            "app_id": APP, "slug": "plinth", "name": "Plinth", "permissions": permissions, "events": ["push"],
            "installations": [{"installation_id": INSTALLATION, "account": ORGANIZATION}],
        });
        let apps: Vec<Value> = self.has_app.then_some(app).into_iter().collect();
        json!({
            "tokens": {
                OWNER_TOKEN: {"login": OWNER, "scopes": ["repo", "admin:org"]},
                TOKEN: {"login": "bob", "scopes": ["repo", "read:org"]},
            },
            "github": {
                "users": [
                    {"login": "nobody"},
                    {"login": OWNER, "name": "Ada", "email": "ada@example.com"},
                    {"login": "bob", "name": "Bob", "email": "bob@example.com"},
                    {"login": "cleo", "name": "Cleo"},
                    {"login": "dan"},
                ],
                "orgs": [{"login": ORGANIZATION, "name": "Acme", "members": [
                    {"login": OWNER, "role": "admin"}, {"login": "bob"}, {"login": "cleo"},
                ]}],
                "repos": repositories,
                "apps": apps,
            },
        })
    }
}

// === impl Repository ===

impl Repository {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            default_branch: "main".to_owned(),
            is_private: false,
            is_fork: false,
            is_archived: false,
            is_empty: false,
            topics: Vec::new(),
            files: Vec::new(),
        }
    }

    /// A file on the default branch.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let branch = self.default_branch.clone();
        self.file_on(&branch, path, text)
    }

    /// A file on a branch, which begins where the default branch is.
    pub(crate) fn file_on(mut self, branch: &str, path: &str, text: &str) -> Self {
        self.files.push((branch.to_owned(), path.to_owned(), text.to_owned()));
        self
    }

    /// Named first, since files go to the default branch.
    pub(crate) fn default_branch(mut self, branch: &str) -> Self {
        self.default_branch = branch.to_owned();
        self
    }

    pub(crate) fn topics(mut self, topics: &[&str]) -> Self {
        self.topics = topics.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    pub(crate) fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    pub(crate) fn fork(mut self) -> Self {
        self.is_fork = true;
        self
    }

    pub(crate) fn archived(mut self) -> Self {
        self.is_archived = true;
        self
    }

    /// Without any commit.
    pub(crate) fn empty(mut self) -> Self {
        self.is_empty = true;
        self
    }
}
