//! The database goes and comes again while servers run.

use serde_json::{Value, json};

use crate::{
    app::{App, component},
    changes::Changes,
    cluster::Cluster,
    web::Web,
};

const REGISTER: &str =
    "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT20S\"}) {sync {state}}}";

async fn start(app: &mut App, web: &Web) {
    app.configure_with(&web.allowed(), "locations: []");
    app.start().await;
}

async fn register(app: &App, target: &str) -> Value {
    app.answer(REGISTER, json!({"target": target})).await
}

async fn knows(app: &App, name: &str) -> bool {
    app.data(&format!("{{entity(ref: \"component:{name}\") {{name}}}}")).await["entity"]["name"] == name
}

async fn text(app: &App, path: &str) -> String {
    app.get(path).await.text().await.unwrap()
}

/// How many lines of the log say this.
fn said(app: &App, text: &str) -> usize {
    app.log().lines().filter(|line| line.contains(text)).count()
}

#[tokio::test]
async fn an_outage_of_postgres_is_told_once_and_is_over_by_itself() {
    let (web, cluster) = (Web::start().await, Cluster::start().await);
    web.write("/a.yaml", &component("a", ""));
    web.write("/b.yaml", &component("b", ""));
    let mut first = App::on(&cluster);
    start(&mut first, &web).await;
    let mut second = first.beside();
    start(&mut second, &web).await;
    let done = register(&first, &web.url("/a.yaml")).await;
    assert_eq!(done["data"]["registerLocation"]["sync"]["state"], "SUCCEEDED", "{done}");
    // Else it would be on its way to the stream when there is nobody to ask for it.
    second.until("the second knows it", async |app| knows(app, "a").await).await;
    let mut changes = Changes::follow(&second, None, false).await;
    changes.synced().await;

    cluster.kill().await;
    let ready = first.get("/readyz").await;
    assert_eq!(ready.status(), 200, "what is known is served");
    assert_eq!(ready.text().await.unwrap(), "ready; the database does not answer: no change is accepted\n");
    let metrics = text(&first, "/metrics").await;
    assert!(metrics.contains("\nplinth_database_up 0\n") && metrics.contains("\nplinth_ready 1\n"), "{metrics}");
    assert!(knows(&first, "a").await);
    // Each of them is told so; none waits for those before it.
    let target = web.url("/b.yaml");
    let refused = futures_util::future::join_all((0..8).map(|_| register(&first, &target))).await;
    for answer in refused {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
    }
    let lost = ["the tokens cannot be read", "what other servers wrote cannot be read"];
    for app in [&first, &second] {
        app.until("both followers have seen it", async |app| lost.iter().all(|it| said(app, it) > 0)).await;
    }

    cluster.start_again().await;
    let fresh = first.token(&["--name", "fresh", "--scope", "read"]);
    for app in [&first, &second] {
        app.until("the new token is known", async |app| app.ask_as(&fresh, "{catalogRevision}").await.0 == 200).await;
    }
    let done = register(&first, &target).await;
    assert_eq!(done["data"]["registerLocation"]["sync"]["state"], "SUCCEEDED", "{done}");
    // Through the other server, on the stream that began before.
    let event = changes.next().await;
    assert_eq!(event["upserted"][0]["ref"], "component:default/b", "{event}");
    assert_eq!(text(&first, "/readyz").await, "ready\n");
    assert!(text(&first, "/metrics").await.contains("\nplinth_database_up 1\n"));
    for app in [&first, &second] {
        for over in ["the tokens can be read again", "what other servers wrote can be read again"] {
            app.until("it is said that it is over", async |app| said(app, over) > 0).await;
        }
        for it in lost {
            assert_eq!(said(app, it), 1, "{}", app.log());
        }
    }
    // A reading that was due meanwhile says so, too: that it is not written, and that this is not written down.
    let due =
        ["a reading could not be written", "how readings stand cannot be written down"].map(|it| said(&first, it));
    assert!(due.iter().all(|it| *it <= 1), "{due:?}: {}", first.log());
    // Those that were refused, what the followers said and who keeps the lease, and nothing over and over.
    let errors = said(&first, "\"level\":\"ERROR\"") - due.iter().sum::<usize>();
    assert!(errors <= 8 + lost.len() + 1, "{errors}: {}", first.log());
}
