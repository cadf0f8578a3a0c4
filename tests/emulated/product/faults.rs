//! GitHub fails. A fault answers, or cuts the connection, where a test says so; the emulator answers before and after, and the
//! list of an organisation is the proxy's.

use super::{Configured, components, create, problem, problems, service};
use crate::{
    app::Database,
    emulated::{By, Fault, GitHub, Seed, TOKEN},
};

async fn github() -> GitHub {
    GitHub::start(Seed::default().repository(service("a")).repository(service("b"))).await
}

async fn a_failure_passes(fault: Fault) {
    let github = github().await;
    for path in ["/orgs/acme/repos", "/repos/acme/a/contents/"] {
        github.fail(path, 1, fault.clone());
    }
    let app = Configured::of(&github).discovery("").start(Database::Sqlite).await;
    assert_eq!((components(&app).await, problems(&app).await), (vec!["a".into(), "b".into()], Vec::new()));
    let faults = github.exchanges().iter().filter(|it| it.by == By::Fault).count();
    assert_eq!(faults, 2, "{:#?}", github.exchanges());
}

#[tokio::test]
async fn a_502_that_passes_is_not_noticed() {
    a_failure_passes(Fault::BadGateway).await;
}

#[tokio::test]
async fn a_connection_that_is_cut_before_the_answer_is_not_noticed() {
    a_failure_passes(Fault::Cut).await;
}

#[tokio::test]
async fn a_connection_that_is_cut_in_the_middle_of_the_answer_is_not_noticed() {
    a_failure_passes(Fault::HalfBody).await;
}

/// A failure that lasts takes nothing away, is told, and is over when it is over.
async fn a_failure_lasts(fault: Fault, told: &str) {
    let github = github().await;
    let app = Configured::of(&github).frequency("PT1S").discovery("").start(Database::Sqlite).await;
    assert_eq!(components(&app).await, ["a", "b"]);
    github.fail("/orgs/acme/repos", usize::MAX, fault);
    // What is unchanged has no body that could be cut.
    create(&github, "c").await;
    app.until("it is told", async |app| problems(app).await == ["UNREADABLE"]).await;
    let message = problem(&app).await;
    assert!(message.contains(told), "{message}");
    assert_eq!(components(&app).await, ["a", "b"]);
    github.heal();
    app.until("it is over", async |app| problems(app).await.is_empty()).await;
    app.until("nothing was missed", async |app| components(app).await == ["a", "b", "c"]).await;
}

#[tokio::test]
async fn a_502_that_lasts_takes_nothing_away_and_is_told() {
    a_failure_lasts(Fault::BadGateway, "answered 502").await;
}

#[tokio::test]
async fn connections_that_are_cut_again_and_again_take_nothing_away_and_are_told() {
    a_failure_lasts(Fault::Cut, "cannot be reached").await;
}

#[tokio::test]
async fn half_answers_again_and_again_take_nothing_away_and_are_told() {
    a_failure_lasts(Fault::HalfBody, "cannot be reached").await;
}

#[tokio::test]
async fn a_refusal_that_is_no_limit_takes_nothing_away_and_is_told() {
    a_failure_lasts(Fault::Forbidden, "may not read `/orgs/acme/repos`: Resource not accessible by integration").await;
}

#[tokio::test]
async fn a_server_that_starts_while_it_is_refused_keeps_what_it_knew() {
    let github = github().await;
    let mut app = Configured::of(&github).discovery("").start(Database::Sqlite).await;
    assert!(app.stop().success());
    github.fail("", usize::MAX, Fault::Forbidden);
    app.start().await;
    app.until("it is told", async |app| problems(app).await.contains(&"UNREADABLE".to_owned())).await;
    assert_eq!(components(&app).await, ["a", "b"]);
}

#[tokio::test]
async fn a_token_that_the_proxy_does_not_know_any_more_takes_nothing_away_and_is_told() {
    let github = github().await;
    let app = Configured::of(&github).frequency("PT1S").discovery("").start(Database::Sqlite).await;
    github.revoke(Some(TOKEN));
    app.until("it is told", async |app| problems(app).await == ["UNREADABLE"]).await;
    let message = problem(&app).await;
    assert!(message.contains("does not know the token of `integrations.github`"), "{message}");
    assert_eq!(components(&app).await, ["a", "b"]);
    assert!(!message.contains(TOKEN) && !app.log().contains(TOKEN));
}
