//! Rate limits. A fault refuses, or the proxy, whose limits they are; nothing is asked until they are over, which is counted at
//! the proxy.

use std::time::Duration;

use super::{Configured, components, create, locations, problem, problems, refresh, service};
use crate::{
    app::{App, Database},
    emulated::{By, Exchange, Fault, GitHub, Seed},
};

async fn github() -> GitHub {
    GitHub::start(Seed::default().repository(service("a")).repository(service("b"))).await
}

/// A server that has read all, and whose next reading would find `c`.
async fn app(github: &GitHub) -> App {
    let app = Configured::of(github).discovery("").start(Database::Sqlite).await;
    assert_eq!((components(&app).await, problems(&app).await), (vec!["a".into(), "b".into()], Vec::new()));
    create(github, "c").await;
    github.take_exchanges();
    app
}

async fn read_provider(app: &App) -> String {
    let provider = &locations(app, "GITHUB_DISCOVERY").await[0];
    refresh(app, provider).await["state"].as_str().unwrap().to_owned()
}

/// What was asked until all that was limited is read.
async fn over(github: &GitHub, app: &App) -> Vec<Exchange> {
    app.until("the limit is over", async |app| {
        components(app).await == ["a", "b", "c"] && problems(app).await.is_empty()
    })
    .await;
    github.exchanges()
}

/// After a refusal nothing is asked for this long.
async fn a_refusal_is_kept(limit: impl FnOnce(&GitHub), least: Duration) {
    let github = github().await;
    let app = app(&github).await;
    limit(&github);
    assert_eq!(read_provider(&app).await, "FAILED");
    assert_eq!(problems(&app).await, ["RATE_LIMITED"]);
    let message = problem(&app).await;
    assert!(message.contains("the rate limit of `localhost:") && message.contains("is asked again in"), "{message}");
    // Whoever asks while it stands is answered without asking.
    for location in locations(&app, "URL").await {
        assert_eq!(refresh(&app, &location).await["state"], "FAILED");
    }
    assert_eq!((components(&app).await, github.exchanges().len()), (vec!["a".into(), "b".into()], 1));
    let metrics = app.get("/metrics").await.text().await.unwrap();
    let is_counted =
        |it: &str| it.contains("outcome=\"limited\"} 1") && it.contains("plinth_github_rate_limit_remaining{");
    assert!(is_counted(&metrics), "{metrics}");

    let asked = over(&github, &app).await;
    assert!(asked[1].at - asked[0].at >= least, "{asked:#?}");
    assert!(asked[1..].iter().all(|it| matches!(it.status, Some(200 | 304))), "{asked:#?}");
}

#[tokio::test]
async fn a_403_with_retry_after_is_kept_and_told_and_over_when_it_says() {
    a_refusal_is_kept(|github| github.fail("", 1, Fault::RetryAfter(6)), Duration::from_secs(6)).await;
}

#[tokio::test]
async fn a_429_with_retry_after_is_kept_and_told_and_over_when_it_says() {
    a_refusal_is_kept(|github| github.fail("", 1, Fault::TooManyRequests(Some(6))), Duration::from_secs(6)).await;
}

#[tokio::test]
async fn a_limit_of_the_proxy_that_is_used_up_is_kept_and_told_and_over_at_its_reset() {
    // The reset is a whole second, and it may be late in this one.
    a_refusal_is_kept(|github| github.leave(0, Duration::from_secs(6)), Duration::from_secs(5)).await;
}

#[tokio::test]
async fn the_last_request_that_the_proxy_allows_stops_the_next_before_it_is_refused() {
    let github = github().await;
    let app = app(&github).await;
    github.leave(1, Duration::from_secs(6));
    assert_eq!(read_provider(&app).await, "SUCCEEDED");
    app.until("what was found is told to wait", async |app| problems(app).await == ["RATE_LIMITED"]).await;
    assert_eq!((components(&app).await, github.exchanges().len()), (vec!["a".into(), "b".into()], 1));
    let asked = over(&github, &app).await;
    assert!(asked[1].at - asked[0].at >= Duration::from_secs(5), "{asked:#?}");
    assert!(asked.iter().all(|it| it.by != By::Fault && matches!(it.status, Some(200 | 304))), "{asked:#?}");
}

#[tokio::test]
async fn a_limit_at_the_start_keeps_no_server_from_being_ready() {
    let github = github().await;
    github.fail("", 1, Fault::RetryAfter(6));
    let app = Configured::of(&github).discovery("").start(Database::Sqlite).await;
    assert_eq!((problems(&app).await, github.exchanges().len()), (vec!["RATE_LIMITED".into()], 1));
    app.until("the limit is over", async |app| components(app).await == ["a", "b"]).await;
    assert_eq!(problems(&app).await, Vec::<String>::new());
}

/// It stands a minute at least: what comes then is proved where limits are reckoned.
async fn a_limit_without_a_time_is_kept(fault: Fault) {
    let github = github().await;
    let app = app(&github).await;
    github.fail("", 1, fault);
    for _ in 0..3 {
        assert_eq!(read_provider(&app).await, "FAILED");
        assert_eq!(problems(&app).await, ["RATE_LIMITED"]);
    }
    assert_eq!((components(&app).await, github.exchanges().len()), (vec!["a".into(), "b".into()], 1));
}

#[tokio::test]
async fn a_403_of_the_secondary_limit_without_a_time_is_kept() {
    a_limit_without_a_time_is_kept(Fault::SecondaryLimit).await;
}

#[tokio::test]
async fn a_429_without_a_time_is_kept() {
    a_limit_without_a_time_is_kept(Fault::TooManyRequests(None)).await;
}
