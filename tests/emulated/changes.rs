//! Repositories that people change. Each change is made at the emulator itself, so that nothing of it is counted or
//! fails, and gives the webhook that GitHub would send.

use axum::http::Method;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::{
    Change, Delivery, GitHub, ORGANIZATION, OWNER, Repository, Seed,
    seed::{INSTALLATION, OWNER_TOKEN, Team},
};

/// Repositories that are filled at the same time.
const AT_A_TIME: usize = 16;

type Answered = Result<Value, String>;

impl GitHub {
    /// Makes what the emulator's seed cannot say.
    pub(super) async fn plant(&self, seed: Seed) {
        let Seed { repositories, teams, has_app: _ } = seed;
        let planted = stream::iter(&repositories).map(|it| self.fill(it)).buffer_unordered(AT_A_TIME);
        planted.try_collect::<Vec<()>>().await.unwrap();
        for Team { name, parent, members } in teams {
            self.create_team(&name, parent.as_deref()).await;
            for member in members {
                self.add_to_team(&name, &member).await;
            }
        }
    }

    async fn fill(&self, seed: &Repository) -> Result<(), String> {
        let Repository { name, default_branch, is_private: _, is_fork, is_archived, is_empty: _, topics, files } = seed;
        if *is_fork {
            let fork = json!({"organization": ORGANIZATION, "default_branch_only": true});
            self.try_call(Method::POST, &format!("/repos/dan/{name}/forks"), fork).await?;
        }
        let mut branches = vec![default_branch];
        branches.extend(files.iter().map(|(branch, ..)| branch));
        branches.dedup();
        for branch in branches {
            let own = files.iter().filter(|(at, ..)| at == branch);
            let changes: Vec<Change> = own.map(|(_, path, text)| (path.as_str(), Some(text.as_str()))).collect();
            if !changes.is_empty() {
                self.write(name, branch, &changes).await?;
            }
        }
        if *is_archived {
            self.try_call(Method::PATCH, &path(name), json!({"archived": true})).await?;
        }
        if *is_fork && !topics.is_empty() {
            self.try_call(Method::PUT, &format!("{}/topics", path(name)), json!({"names": topics})).await?;
        }
        Ok(())
    }

    /// Asks the emulator as the organisation's owner.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(super) async fn try_call(&self, method: Method, path: &str, body: Value) -> Answered {
        let url = format!("{}{path}", self.emulator.url());
        let request = self.proxy.client().request(method.clone(), url).bearer_auth(OWNER_TOKEN);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        if !status.is_success() {
            return Err(format!("{method} {path}: {status} {text}"));
        }
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    /// An empty README is its only file.
    pub(crate) async fn create(&self, repository: &str) -> Delivery {
        let new = json!({"name": repository, "auto_init": true});
        let found = self.call(Method::POST, &format!("/orgs/{ORGANIZATION}/repos"), new).await;
        self.told_of("created", found, Value::Null).await
    }

    /// Its old name leads to the new one.
    pub(crate) async fn rename(&self, repository: &str, name: &str) -> Delivery {
        let found = self.call(Method::PATCH, &path(repository), json!({"name": name})).await;
        let id = found["id"].as_u64().unwrap();
        self.proxy.known(|known| known.renamed.insert(format!("{ORGANIZATION}/{repository}"), id));
        self.told_of("renamed", found, json!({"repository": {"name": {"from": repository}}})).await
    }

    pub(crate) async fn archive(&self, repository: &str) -> Delivery {
        let found = self.call(Method::PATCH, &path(repository), json!({"archived": true})).await;
        self.told_of("archived", found, Value::Null).await
    }

    pub(crate) async fn unarchive(&self, repository: &str) -> Delivery {
        let found = self.call(Method::PATCH, &path(repository), json!({"archived": false})).await;
        self.told_of("unarchived", found, Value::Null).await
    }

    pub(crate) async fn delete(&self, repository: &str) -> Delivery {
        let found = self.call(Method::GET, &path(repository), Value::Null).await;
        self.call(Method::DELETE, &path(repository), Value::Null).await;
        self.told_of("deleted", found, Value::Null).await
    }

    /// From now on only who may see it sees it.
    pub(crate) async fn hide(&self, repository: &str) -> Delivery {
        let found = self.call(Method::PATCH, &path(repository), json!({"private": true})).await;
        self.told_of("privatized", found, Value::Null).await
    }

    pub(crate) async fn set_topics(&self, repository: &str, topics: &[&str]) -> Delivery {
        let old = self.call(Method::GET, &path(repository), Value::Null).await;
        self.call(Method::PUT, &format!("{}/topics", path(repository)), json!({"names": topics})).await;
        let found = self.call(Method::GET, &path(repository), Value::Null).await;
        self.told_of("edited", found, json!({"topics": {"from": old["topics"]}})).await
    }

    pub(crate) async fn set_default_branch(&self, repository: &str, branch: &str) -> Delivery {
        let old = self.call(Method::GET, &path(repository), Value::Null).await;
        let found = self.call(Method::PATCH, &path(repository), json!({"default_branch": branch})).await;
        self.told_of("edited", found, json!({"default_branch": {"from": old["default_branch"]}})).await
    }

    async fn told_of(&self, action: &str, repository: Value, changes: Value) -> Delivery {
        let mut payload = json!({"action": action, "repository": repository});
        if !changes.is_null() {
            payload["changes"] = changes;
        }
        self.told("repository", payload).await
    }

    /// A webhook with what stands in every payload: the organisation, who did it, and the App's installation.
    pub(super) async fn told(&self, event: &'static str, mut payload: Value) -> Delivery {
        let at = format!("/orgs/{ORGANIZATION}/memberships/{OWNER}");
        let mut membership = self.call(Method::GET, &at, Value::Null).await;
        if let Some(owner) = payload.pointer_mut("/repository/owner") {
            complete(owner);
        }
        payload["organization"] = membership["organization"].take();
        payload["sender"] = membership["user"].take();
        payload["installation"] = json!({"id": INSTALLATION, "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uNjc4"});
        Delivery::new(event, &payload)
    }
}

/// The URLs that the emulator leaves out where an organisation owns something, and GitHub does not.
fn complete(owner: &mut Value) {
    let url = owner["url"].as_str().unwrap().replace("/orgs/", "/users/");
    for (name, end) in [
        ("followers_url", "followers"),
        ("following_url", "following{/other_user}"),
        ("gists_url", "gists{/gist_id}"),
        ("organizations_url", "orgs"),
        ("received_events_url", "received_events"),
        ("starred_url", "starred{/owner}{/repo}"),
        ("subscriptions_url", "subscriptions"),
    ] {
        owner[name] = format!("{url}/{end}").into();
    }
    owner["gravatar_id"] = "".into();
}

pub(super) fn path(repository: &str) -> String {
    format!("/repos/{ORGANIZATION}/{repository}")
}
