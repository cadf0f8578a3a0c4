//! What GitHub tells of its own accord. The bed makes the payloads out of what the emulator tells, and they fit what GitHub
//! publishes; what is read then is the emulator's answer.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Configured, SECRET, commit, components, send, service, tell};
use crate::{
    app::{App, BOTH, Database, component},
    changes::Changes,
    emulated::{
        Delivery, GitHub, PATIENCE, Repository, Seed,
        bed::changing::{changes, misfits},
    },
};

/// Waits until an entity comes.
async fn upserted(changes: &mut Changes, reference: &str) {
    let come = async {
        loop {
            let event = changes.next().await;
            let mut upserted = event["upserted"].as_array().into_iter().flatten();
            if upserted.any(|it| it["ref"] == reference) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, come).await.expect("the change is told");
}

#[tokio::test]
async fn a_push_reaches_who_follows_the_catalog_without_waiting_for_the_next_look() {
    for database in BOTH {
        let github = GitHub::start(Seed::default().repository(service("shop"))).await;
        let page = github.blob("shop", "catalog-info.yaml");
        let app = Configured::of(&github).location(&page).start(database).await;
        let mut changes = Changes::follow(&app, None, false).await;
        changes.synced().await;
        let side = github.commit("shop", "side", &[("catalog-info.yaml", Some(&component("aside", "")))]).await;
        assert_eq!(tell(&app, &side).await, 0, "another branch");
        let push = commit(&github, "shop", "store").await;
        assert_eq!(tell(&app, &push).await, 1);
        upserted(&mut changes, "component:default/store").await;
        assert_eq!(components(&app).await, ["store"]);
        assert_eq!(misfits(&[side, push]).await, json!([]));
    }
}

#[tokio::test]
async fn a_delivery_is_taken_once_and_only_under_its_signature() {
    let seed = Seed::default().repository(service("shop")).repository(service("billing"));
    let github = GitHub::start(seed).await;
    let [shop, billing] = ["shop", "billing"].map(|it| github.blob(it, "catalog-info.yaml"));
    let app = Configured::of(&github).location(&shop).location(&billing).start(Database::Sqlite).await;
    let push = commit(&github, "shop", "store").await;
    let forged = send(&app, &push, "another secret").await;
    assert_eq!((forged.0, &forged.1["errors"][0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
    assert_eq!(tell(&app, &push).await, 1);
    app.until("the push is seen", async |app| components(app).await == ["billing", "store"]).await;

    github.take_exchanges();
    let known = json!({"delivery": push.id.to_string(), "known": true});
    assert_eq!(send(&app, &push, SECRET).await, (200, known));
    assert_eq!(send(&app, &push, "another secret").await.0, 401, "also what is known");
    // Readings begin in the order in which they are asked for: one of the first would have been asked for before this.
    assert_eq!(tell(&app, &commit(&github, "billing", "bills").await).await, 1);
    app.until("the other push is seen", async |app| components(app).await == ["bills", "store"]).await;
    let asked: Vec<String> = github.exchanges().into_iter().map(|it| it.path).collect();
    assert!(asked.len() == 1 && asked[0].starts_with("/repos/acme/billing/contents/"), "{asked:?}");
}

#[tokio::test]
async fn what_is_no_event_is_refused_and_without_a_secret_nothing_is_taken() {
    let github = GitHub::start(Seed::default()).await;
    let app = Configured::of(&github).start(Database::Sqlite).await;
    assert_eq!(tell(&app, &Delivery::new("ping", &json!({"zen": "Design for failure."}))).await, 0);
    let push = Delivery::new("push", &json!({}));
    assert_eq!(send(&app, &push, SECRET).await.0, 400);
    let unsigned = app.client().post(app.url("/webhooks/github")).body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    let closed = App::started(Database::Sqlite, &[]).await;
    assert_eq!(send(&closed, &push, "").await.0, 404);
}

#[tokio::test]
async fn each_kind_of_event_fits_what_github_publishes_and_lets_be_read_what_it_is_about() {
    let github = GitHub::start(Seed::default().repository(Repository::new("a"))).await;
    // It finds no repository, so that nothing but the providers is read.
    let app = Configured::of(&github).discovery(", filters: {repository: none}").people();
    let app = app.start(Database::Sqlite).await;
    let deliveries = changes(&github).await;
    assert_eq!(misfits(&deliveries).await, json!([]));
    let mut kinds = BTreeSet::new();
    for delivery in &deliveries {
        let expected = u64::from(delivery.event != "push");
        assert_eq!(tell(&app, delivery).await, expected, "{delivery:?}");
        kinds.insert(delivery.event);
    }
    assert_eq!(kinds, BTreeSet::from(["membership", "organization", "push", "repository", "team"]));
}
