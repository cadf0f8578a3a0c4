//! Members and teams that people change.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Delivery, GitHub, ORGANIZATION};

/// What a payload tells of a person.
const SHORT: &[&str] = &["login", "id", "node_id", "gravatar_id", "type", "site_admin"];

impl GitHub {
    /// A user of the seed becomes a member.
    pub(crate) async fn add_member(&self, login: &str) -> Delivery {
        let at = format!("/orgs/{ORGANIZATION}/memberships/{login}");
        let membership = self.call(Method::PUT, &at, json!({"role": "member"})).await;
        self.told_of_member("member_added", membership).await
    }

    pub(crate) async fn remove_member(&self, login: &str) -> Delivery {
        let at = format!("/orgs/{ORGANIZATION}/memberships/{login}");
        let membership = self.call(Method::GET, &at, Value::Null).await;
        self.call(Method::DELETE, &format!("/orgs/{ORGANIZATION}/members/{login}"), Value::Null).await;
        self.told_of_member("member_removed", membership).await
    }

    async fn told_of_member(&self, action: &str, mut membership: Value) -> Delivery {
        membership.as_object_mut().unwrap().remove("organization");
        let payload = json!({"action": action, "membership": membership});
        self.told("organization", payload).await
    }

    /// The parent is named by its slug, which here is its name.
    pub(crate) async fn create_team(&self, name: &str, parent: Option<&str>) -> Delivery {
        let mut new = json!({"name": name, "privacy": "closed"});
        if let Some(parent) = parent {
            new["parent_team_id"] = self.team(parent).await["id"].clone();
        }
        let team = self.call(Method::POST, &format!("/orgs/{ORGANIZATION}/teams"), new.clone()).await;
        if let Some(parent) = new["parent_team_id"].as_u64() {
            self.proxy.known(|known| known.parents.insert(team["id"].as_u64().unwrap(), parent));
        }
        self.told_of_team("team", "created", team, Value::Null).await
    }

    pub(crate) async fn describe_team(&self, slug: &str, description: &str) -> Delivery {
        let old = self.team(slug).await;
        let at = format!("/orgs/{ORGANIZATION}/teams/{slug}");
        let team = self.call(Method::PATCH, &at, json!({"description": description})).await;
        let from = old["description"].as_str().unwrap_or_default();
        self.told_of_team("team", "edited", team, json!({"changes": {"description": {"from": from}}})).await
    }

    pub(crate) async fn delete_team(&self, slug: &str) -> Delivery {
        let team = self.team(slug).await;
        self.call(Method::DELETE, &format!("/orgs/{ORGANIZATION}/teams/{slug}"), Value::Null).await;
        let id = team["id"].as_u64().unwrap();
        self.proxy.known(|known| known.parents.retain(|child, parent| *child != id && *parent != id));
        self.told_of_team("team", "deleted", team, Value::Null).await
    }

    pub(crate) async fn add_to_team(&self, slug: &str, login: &str) -> Delivery {
        let at = format!("/orgs/{ORGANIZATION}/teams/{slug}/memberships/{login}");
        self.call(Method::PUT, &at, json!({"role": "member"})).await;
        self.told_of_team_member("added", slug, login).await
    }

    pub(crate) async fn remove_from_team(&self, slug: &str, login: &str) -> Delivery {
        let at = format!("/orgs/{ORGANIZATION}/teams/{slug}/memberships/{login}");
        self.call(Method::DELETE, &at, Value::Null).await;
        self.told_of_team_member("removed", slug, login).await
    }

    async fn team(&self, slug: &str) -> Value {
        self.call(Method::GET, &format!("/orgs/{ORGANIZATION}/teams/{slug}"), Value::Null).await
    }

    async fn told_of_team_member(&self, action: &str, slug: &str, login: &str) -> Delivery {
        let (team, member) = (self.team(slug).await, self.user(login).await);
        self.told_of_team("membership", action, team, json!({"scope": "team", "member": member})).await
    }

    async fn told_of_team(&self, event: &'static str, action: &str, team: Value, mut more: Value) -> Delivery {
        let mut payload = json!({"action": action, "team": team});
        if let Some(more) = more.as_object_mut() {
            payload.as_object_mut().unwrap().append(more);
        }
        self.told(event, payload).await
    }

    async fn user(&self, login: &str) -> Value {
        let mut user = self.call(Method::GET, &format!("/users/{login}"), Value::Null).await;
        user.as_object_mut().unwrap().retain(|name, _| name.ends_with("url") || SHORT.contains(&name.as_str()));
        user
    }
}
