//! Changes, and the webhooks that tell of them.

use std::{process::Stdio, sync::Arc};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command, sync::mpsc};

use super::json as ask;
use crate::{
    app::repository,
    emulated::{Delivery, GitHub, Repository, Seed, client},
};

/// What GitHub's published schemas say against deliveries.
pub(in crate::emulated) async fn misfits(deliveries: &[Delivery]) -> Value {
    let mut node = Command::new("node");
    node.arg(repository().join("tests/node/webhooks.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut node = node.spawn().unwrap();
    let told = deliveries.iter().map(|it| json!({"event": it.event, "payload": it.payload()}));
    let told = Value::from(told.collect::<Vec<_>>()).to_string();
    node.stdin.take().unwrap().write_all(told.as_bytes()).await.unwrap();
    let said = node.wait_with_output().await.unwrap();
    assert!(said.status.success(), "its error stands above");
    serde_json::from_slice(&said.stdout).unwrap()
}

/// One of each kind, in an order that makes sense.
pub(in crate::emulated) async fn changes(github: &GitHub) -> Vec<Delivery> {
    vec![
        github.commit("a", "main", &[("x", Some("1")), ("y", Some("2"))]).await,
        github.commit("a", "main", &[("x", Some("3")), ("y", None), ("z", Some("4"))]).await,
        github.commit("a", "side", &[("x", Some("5"))]).await,
        github.create("b").await,
        github.rename("a", "c").await,
        github.set_topics("c", &["green"]).await,
        github.set_default_branch("c", "side").await,
        github.archive("c").await,
        github.unarchive("c").await,
        github.hide("c").await,
        github.delete("b").await,
        github.add_member("dan").await,
        github.remove_member("dan").await,
        github.create_team("all", None).await,
        github.create_team("night", Some("all")).await,
        github.describe_team("night", "Who wakes").await,
        github.add_to_team("night", "cleo").await,
        github.remove_from_team("night", "cleo").await,
        github.delete_team("all").await,
    ]
}

#[tokio::test]
async fn webhooks_of_all_changes_fit_what_github_publishes() {
    let github = GitHub::start(Seed::default().repository(Repository::new("a"))).await;
    let deliveries = changes(&github).await;
    assert_eq!(misfits(&deliveries).await, json!([]));
    let told: Vec<_> = deliveries
        .iter()
        .map(|it| (it.event, it.payload()["action"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let told: Vec<_> = told.iter().map(|(event, action)| format!("{event} {action}")).collect();
    let expected = [
        "push ",
        "push ",
        "push ",
        "repository created",
        "repository renamed",
        "repository edited",
        "repository edited",
        "repository archived",
        "repository unarchived",
        "repository privatized",
        "repository deleted",
        "organization member_added",
        "organization member_removed",
        "team created",
        "team created",
        "team edited",
        "membership added",
        "membership removed",
        "team deleted",
    ];
    assert_eq!(told, expected);
    let push = deliveries[1].payload();
    let head = &push["head_commit"];
    assert_eq!((&head["added"], &head["modified"], &head["removed"]), (&json!(["z"]), &json!(["x"]), &json!(["y"])));
    assert_eq!((&push["before"], &push["ref"]), (&deliveries[0].payload()["after"], &json!("refs/heads/main")));
    assert_eq!(deliveries[2].payload()["created"], true);
    assert_eq!(deliveries[4].payload()["changes"], json!({"repository": {"name": {"from": "a"}}}));
    assert_eq!(deliveries[4].payload()["repository"]["full_name"], "acme/c");
    let (_, now) = ask(&github, "/repos/acme/c").await;
    assert_eq!(
        (&now["default_branch"], &now["visibility"], &now["archived"]),
        (&json!("side"), &json!("private"), &json!(false))
    );

    let wrong = Delivery::new("push", &json!({"ref": 5}));
    let misfits = misfits(&[wrong, Delivery::new("repository", &json!({"action": "painted"}))]).await.to_string();
    assert!(
        misfits.contains("push/ref: must be string") && misfits.contains("no webhook `repository-painted`"),
        "{misfits}"
    );
}

#[tokio::test]
async fn a_delivery_is_signed_over_its_bytes_and_can_be_sent_twice() {
    let (sender, mut received) = mpsc::unbounded_channel::<(HeaderMap, String)>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/github", listener.local_addr().unwrap());
    let receive = async |State(sender): State<Arc<mpsc::UnboundedSender<_>>>, headers: HeaderMap, body: String| {
        sender.send((headers, body)).unwrap();
    };
    let app = Router::new().route("/webhooks/github", post(receive)).with_state(Arc::new(sender));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let mut delivery = Delivery::new("push", &json!({"ref": "refs/heads/main"}));
    for _ in 0..2 {
        assert_eq!(delivery.send(&client(), &url, "secret").await.status(), 200);
        let (headers, body) = received.recv().await.unwrap();
        assert_eq!(body, delivery.body);
        for (name, value) in delivery.headers("secret") {
            assert_eq!(headers[name], value);
        }
    }
    assert_eq!(delivery.id.get_version_num(), 1);
    // GitHub's documentation has these three together.
    delivery.body = "Hello, World!".to_owned();
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(delivery.signature("It's a Secret to Everybody"), signature);
}
