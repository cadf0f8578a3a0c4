//! A GitHub App. The emulator checks what the App signs, and gives it the token of its installation; that a token is not known
//! any more is the proxy's word.

use serde_json::json;

use super::{Configured, SECRET, commit, components, problems, send, service, tell};
use crate::{
    app::{App, Database},
    emulated::{
        GitHub, Seed,
        seed::{APP, INSTALLATION},
    },
};

/// A server that has no token of its own.
async fn app(github: &GitHub) -> App {
    let mut app = App::new(Database::Sqlite).await;
    app.write("app.pem", github.app_key());
    let apps = format!("apps: [{{appId: {APP}, privateKey: {{$file: app.pem}}, webhookSecret: of-the-app}}]");
    Configured::of(github).who(&apps).discovery("").write(&app);
    app.start().await;
    app
}

#[tokio::test]
async fn an_app_reads_a_private_repository_and_gets_another_token_when_its_own_is_not_known_any_more() {
    let github = GitHub::start(Seed::default().app().repository(service("a").private())).await;
    let app = app(&github).await;
    assert_eq!((components(&app).await, problems(&app).await), (vec!["a".into()], Vec::new()));
    let given = format!("/app/installations/{INSTALLATION}/access_tokens");
    let asked = github.take_exchanges();
    assert_eq!(asked.iter().filter(|it| it.path == given).count(), 1, "{asked:#?}");
    let is_right = |path: &str, token: &str| token.starts_with(if path.starts_with("/app/") { "eyJ" } else { "ghs_" });
    assert!(asked.iter().all(|it| it.token.as_deref().is_some_and(|token| is_right(&it.path, token))), "{asked:#?}");

    github.revoke(None);
    assert_eq!(tell(&app, &commit(&github, "a", "b").await).await, 1);
    app.until("the new token is used", async |app| components(app).await == ["b"]).await;
    let again = github.exchanges();
    let statuses: Vec<_> = again.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(401), Some(201), Some(200)], "{again:#?}");
    assert_eq!(problems(&app).await, Vec::<String>::new());
    let log = app.log();
    let is_told = |token: &Option<String>| token.as_deref().is_some_and(|it| log.contains(it));
    assert!(!asked.iter().chain(&again).any(|it| is_told(&it.token)) && !log.contains(&github.app_key()[100..140]));
}

#[tokio::test]
async fn what_an_app_tells_is_signed_by_its_own_secret_or_by_that_of_the_webhook() {
    let github = GitHub::start(Seed::default().app().repository(service("a").private())).await;
    let app = app(&github).await;
    for (secret, name) in [("of-the-app", "b"), (SECRET, "c")] {
        let push = commit(&github, "a", name).await;
        assert_eq!(send(&app, &push, secret).await.0, 202, "{secret}");
        app.until("the push is seen", async |app| components(app).await == [name]).await;
    }
    let push = commit(&github, "a", "d").await.as_form();
    assert_eq!(send(&app, &push, "of nobody").await.0, 401);
    let (status, answer) = send(&app, &push, "of-the-app").await;
    assert_eq!((status, &answer["locations"]), (202, &json!(1)), "a form");
    app.until("the push is seen", async |app| components(app).await == ["d"]).await;
    assert!(!app.log().contains("of-the-app"));
}
