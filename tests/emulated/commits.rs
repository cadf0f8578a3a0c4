//! Files that people change.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Delivery, GitHub, OWNER, changes::path};

/// What a branch's place is before there is the branch.
const NOWHERE: &str = "0000000000000000000000000000000000000000";

/// A file's new text, or `None` when it goes.
pub(crate) type Change<'a> = (&'a str, Option<&'a str>);

impl GitHub {
    /// Writes and removes files on a branch in one commit; a branch that is not there begins where the default branch is.
    pub(crate) async fn commit(&self, repository: &str, branch: &str, changes: &[Change<'_>]) -> Delivery {
        let (before, after) = self.write(repository, branch, changes).await.unwrap();
        let found = self.call(Method::GET, &path(repository), Value::Null).await;
        let commit = self.call(Method::GET, &format!("{}/git/commits/{after}", path(repository)), Value::Null).await;
        let mut touched = json!({"added": [], "modified": [], "removed": []});
        let old = self.paths(repository, &before).await;
        for (path, text) in changes {
            let is_old = old.iter().any(|it| it == path);
            let kind = if text.is_none() {
                "removed"
            } else if is_old {
                "modified"
            } else {
                "added"
            };
            touched[kind].as_array_mut().unwrap().push((*path).into());
        }
        let who = json!({"name": "Ada", "email": "ada@example.com", "username": OWNER});
        let url = format!("{}/commit/{after}", found["html_url"].as_str().unwrap());
        let mut head = json!({
            "id": after, "tree_id": commit["tree"]["sha"], "distinct": true, "message": commit["message"],
            "timestamp": commit["committer"]["date"], "url": url, "author": who, "committer": who,
        });
        head.as_object_mut().unwrap().append(touched.as_object_mut().unwrap());
        let compare = format!("{}/compare/{:.12}...{after:.12}", found["html_url"].as_str().unwrap(), before);
        let payload = json!({
            "ref": format!("refs/heads/{branch}"), "before": before, "after": after, "base_ref": null, "compare": compare,
            "created": before == NOWHERE, "deleted": false, "forced": false, "commits": [head], "head_commit": head,
            "pusher": {"name": OWNER, "email": "ada@example.com"}, "repository": pushed(found),
        });
        self.told("push", payload).await
    }

    /// Answers where the branch was and is.
    pub(super) async fn write(
        &self,
        repository: &str,
        branch: &str,
        changes: &[Change<'_>],
    ) -> Result<(String, String), String> {
        let git = format!("{}/git", path(repository));
        let own = self.head(repository, branch).await;
        let base = match &own {
            Some(head) => Some(head.clone()),
            None => {
                let found = self.try_call(Method::GET, &path(repository), Value::Null).await?;
                self.head(repository, found["default_branch"].as_str().unwrap()).await
            }
        };
        let entry = |(path, text): &Change| {
            let mut entry = json!({"path": path, "mode": "100644", "type": "blob"});
            match text {
                Some(text) => entry["content"] = (*text).into(),
                None => entry["sha"] = Value::Null,
            }
            entry
        };
        let mut tree = json!({"tree": changes.iter().map(entry).collect::<Vec<_>>()});
        if let Some(base) = &base {
            let commit = self.try_call(Method::GET, &format!("{git}/commits/{base}"), Value::Null).await?;
            tree["base_tree"] = commit["tree"]["sha"].clone();
        }
        let tree = self.try_call(Method::POST, &format!("{git}/trees"), tree).await?;
        let parents: Vec<&String> = base.iter().collect();
        let commit = json!({"message": "Change files", "tree": tree["sha"], "parents": parents});
        let commit = self.try_call(Method::POST, &format!("{git}/commits"), commit).await?;
        let (method, at, reference) = match own {
            Some(_) => (Method::PATCH, format!("{git}/refs/heads/{branch}"), json!({"sha": commit["sha"]})),
            None => {
                let reference = json!({"ref": format!("refs/heads/{branch}"), "sha": commit["sha"]});
                (Method::POST, format!("{git}/refs"), reference)
            }
        };
        self.try_call(method, &at, reference).await?;
        Ok((own.unwrap_or_else(|| NOWHERE.to_owned()), commit["sha"].as_str().unwrap().to_owned()))
    }

    /// Where a branch is, if there is such.
    pub(crate) async fn head(&self, repository: &str, branch: &str) -> Option<String> {
        let at = format!("{}/git/ref/heads/{branch}", path(repository));
        let found = self.try_call(Method::GET, &at, Value::Null).await.ok()?;
        Some(found["object"]["sha"].as_str().unwrap().to_owned())
    }

    async fn paths(&self, repository: &str, commit: &str) -> Vec<String> {
        if commit == NOWHERE {
            return Vec::new();
        }
        let tree =
            self.call(Method::GET, &format!("{}/git/trees/{commit}?recursive=1", path(repository)), Value::Null).await;
        tree["tree"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect()
    }
}

/// What a repository looks like in a push, where some of it is older than the rest of the API.
fn pushed(mut repository: Value) -> Value {
    repository["owner"]["name"] = repository["owner"]["login"].clone();
    repository["master_branch"] = repository["default_branch"].clone();
    repository["organization"] = repository["owner"]["login"].clone();
    repository["stargazers"] = repository["stargazers_count"].clone();
    repository["url"] = repository["html_url"].clone();
    for name in ["created_at", "pushed_at"] {
        let time: chrono::DateTime<chrono::Utc> = repository[name].as_str().unwrap().parse().unwrap();
        repository[name] = time.timestamp().into();
    }
    repository
}
