//! What GitHub tells of its own accord. The payloads have the members that GitHub documents; the stand-in answers what is read then.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{GitHub, HexOf, component, components};
use crate::app::{App, BOTH, Database};

/// Delivers an event as GitHub does, and again where it could not be queued within the second that GitHub is answered in.
pub(super) async fn deliver(app: &App, secret: &str, delivery: &str, event: &str, payload: &Value) -> (u16, Value) {
    deliver_text(app, secret, delivery, event, ("application/json", &payload.to_string())).await
}

/// The same in any form: a content type, and a text.
pub(super) async fn deliver_text(
    app: &App,
    secret: &str,
    delivery: &str,
    event: &str,
    body: (&str, &str),
) -> (u16, Value) {
    for _ in 0..20 {
        let answer = deliver_once(app, secret, delivery, event, body).await;
        if answer.0 != 503 {
            return answer;
        }
    }
    panic!("nothing is queued: {}", app.log());
}

async fn deliver_once(
    app: &App,
    secret: &str,
    delivery: &str,
    event: &str,
    (kind, body): (&str, &str),
) -> (u16, Value) {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body).finalize();
    let signature = format!("sha256={:x}", HexOf(mac.into_bytes().as_slice()));
    let request = app.client().post(app.url("/webhooks/github")).header("content-type", kind.to_owned());
    let request = request.header("x-github-event", event).header("x-github-delivery", delivery);
    let answer = request.header("x-hub-signature-256", signature).body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

pub(super) fn guid() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn repository(name: &str) -> Value {
    json!({"id": 1, "name": name, "full_name": format!("acme/{name}"), "owner": {"login": "acme", "id": 2}})
}

fn push(name: &str, reference: &str) -> Value {
    let zeros = "0".repeat(40);
    json!({"ref": reference, "before": zeros, "after": zeros, "repository": repository(name), "commits": [], "head_commit": null})
}

#[tokio::test]
async fn a_push_is_seen_without_waiting_for_the_next_look() {
    for database in BOTH {
        let github = GitHub::start().await;
        github.commit("shop", "catalog-info.yaml", &component("shop", ""));
        let app = github.app(database, &[github.page("shop", "catalog-info.yaml")], "").await;
        github.commit("shop", "catalog-info.yaml", &component("store", ""));
        let other = deliver(&app, &github.secret(), &guid(), "push", &push("shop", "refs/heads/other")).await;
        assert_eq!((other.0, &other.1["locations"]), (202, &json!(0)));
        let (status, answer) = deliver(&app, &github.secret(), &guid(), "push", &push("shop", "refs/heads/main")).await;
        assert_eq!((status, &answer["locations"]), (202, &json!(1)));
        app.until("the push is seen", async |app| components(app).await == ["store"]).await;
    }
}

#[tokio::test]
async fn a_repository_that_comes_or_is_renamed_is_looked_for() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    let app = github.app(Database::Sqlite, &[], &github.provider("")).await;
    github.commit("billing", "catalog-info.yaml", &component("billing", ""));
    let created = json!({"action": "created", "repository": repository("billing"), "organization": {"login": "acme"}});
    assert_eq!(deliver(&app, &github.secret(), &guid(), "repository", &created).await.0, 202);
    app.until("it is found", async |app| components(app).await == ["billing", "shop"]).await;
    github.delete("shop");
    github.commit("store", "catalog-info.yaml", &component("store", ""));
    let changes = json!({"repository": {"name": {"from": "shop"}}});
    let renamed = json!({"action": "renamed", "changes": changes, "repository": repository("store")});
    assert_eq!(deliver(&app, &github.secret(), &guid(), "repository", &renamed).await.0, 202);
    app.until("the new name is found", async |app| components(app).await == ["billing", "store"]).await;
}

#[tokio::test]
async fn a_delivery_is_taken_once_and_only_under_its_signature() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    let app = github.app(Database::Sqlite, &[github.page("shop", "catalog-info.yaml")], "").await;
    let (delivery, payload) = (guid(), push("shop", "refs/heads/main"));
    let forged = deliver(&app, "another secret", &delivery, "push", &payload).await;
    assert_eq!((forged.0, &forged.1["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
    assert_eq!(deliver(&app, &github.secret(), &delivery, "push", &payload).await.0, 202);
    let again = deliver(&app, &github.secret(), &delivery, "push", &payload).await;
    assert_eq!(again, (200, json!({"delivery": delivery, "known": true})));
    assert_eq!(deliver(&app, &github.secret(), &guid(), "ping", &json!({"zen": "Design for failure."})).await.0, 202);
    assert_eq!(deliver(&app, &github.secret(), &guid(), "push", &json!({})).await.0, 400);
    let unsigned = app.client().post(app.url("/webhooks/github")).body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    let closed = App::started(Database::Sqlite, &[]).await;
    assert_eq!(deliver(&closed, "", &guid(), "push", &payload).await.0, 404);
}
