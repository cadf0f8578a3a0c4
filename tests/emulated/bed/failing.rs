//! What the proxy does when it is told to fail.

use std::time::Duration;

use serde_json::Value;

use super::{get, header, json};
use crate::emulated::{By, Exchange, Fault, Gate, GitHub, Repository, Seed, TOKEN};

const AT: &str = "/repos/acme/a";

async fn github() -> GitHub {
    GitHub::start(Seed::default().repository(Repository::new("a"))).await
}

#[tokio::test]
async fn a_fault_answers_as_often_and_where_it_was_told_to() {
    let github = github().await;
    let secondary = "You have exceeded a secondary rate limit";
    for (fault, status, after, text) in [
        (Fault::BadGateway, 502, None, "<html>"),
        (Fault::RetryAfter(30), 403, Some("30"), secondary),
        (Fault::SecondaryLimit, 403, None, secondary),
        (Fault::Forbidden, 403, None, "Resource not accessible by integration"),
        (Fault::NotFound, 404, None, "Not Found"),
        (Fault::TooManyRequests(None), 429, None, secondary),
        (Fault::TooManyRequests(Some(7)), 429, Some("7"), secondary),
    ] {
        github.fail("acme/a", 2, fault);
        assert_eq!(json(&github, "/orgs/acme").await.0, 200, "elsewhere all is well");
        for _ in 0..2 {
            let answer = get(&github, Some(TOKEN), AT, None).await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), answer.headers().contains_key("x-ratelimit-limit")),
                (status, status < 500)
            );
            let told = answer.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
            assert_eq!(told.as_deref(), after);
            assert!(answer.text().await.unwrap().contains(text), "{status}");
        }
        assert_eq!(json(&github, AT).await.0, 200);
    }
    github.fail("", 9, Fault::BadGateway);
    github.heal();
    assert_eq!(json(&github, AT).await.0, 200);
    assert_eq!(github.exchanges().iter().filter(|it| it.by == By::Fault).count(), 14);
}

#[tokio::test]
async fn a_fault_cuts_a_connection_before_or_in_the_middle_of_the_answer() {
    let github = github().await;
    let whole = get(&github, Some(TOKEN), AT, None).await.unwrap().bytes().await.unwrap();
    github.take_exchanges();
    github.fail(AT, 1, Fault::Cut);
    github.fail(AT, 1, Fault::HalfBody);
    assert!(get(&github, Some(TOKEN), AT, None).await.unwrap_err().is_request());
    let mut half = get(&github, Some(TOKEN), AT, None).await.unwrap();
    assert_eq!((half.status().as_u16(), half.content_length()), (200, Some(whole.len() as u64)));
    assert_eq!(half.chunk().await.unwrap().unwrap(), whole.slice(..whole.len() / 2));
    assert!(half.chunk().await.is_err());
    let statuses: Vec<_> = github.exchanges().iter().map(|it| (it.by, it.status)).collect();
    assert_eq!(statuses, [(By::Fault, None), (By::Fault, Some(200))]);
}

#[tokio::test]
async fn a_gate_of_the_proxy_holds_answers_or_their_second_half() {
    let github = github().await;
    let slow = Gate::new();
    github.fail(AT, 1, Fault::SlowBody(slow.clone()));
    let mut answer = get(&github, Some(TOKEN), AT, None).await.unwrap();
    let mut text = answer.chunk().await.unwrap().unwrap().to_vec();
    slow.reached(1).await;
    slow.open();
    while let Some(more) = answer.chunk().await.unwrap() {
        text.extend(more);
    }
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["name"], "a");

    github.take_exchanges();
    let gate = github.hold("/orgs/acme/repos");
    let lists = ["/orgs/acme/repos", "/orgs/acme/repos?page=2"];
    let (first, second, ()) =
        tokio::join!(get(&github, Some(TOKEN), lists[0], None), get(&github, Some(TOKEN), lists[1], None), async {
            gate.reached(2).await;
            tokio::select! {
                _ = get(&github, Some(TOKEN), "/orgs/acme/repos?page=3", None) => panic!("the gate is closed"),
                () = gate.reached(3) => {}
            }
            assert_eq!((github.peak(), github.exchanges().len()), (3, 0), "nothing is answered yet");
            gate.open();
        });
    assert_eq!((first.unwrap().status().as_u16(), second.unwrap().status().as_u16()), (200, 200));
    let is_there = |seen: &[Exchange], path: &str| seen.iter().any(|it| it.path == path && it.status == Some(200));
    github.until("both are answered", |seen| lists.iter().all(|path| is_there(seen, path))).await;
    assert!(github.exchanges().iter().all(|it| it.method == "GET" && it.at.elapsed() < Duration::from_secs(30)));
}

#[tokio::test]
async fn the_proxy_refuses_what_is_over_the_limit_until_it_is_renewed() {
    let github = github().await;
    github.leave(1, Duration::from_secs(600));
    let last = get(&github, Some(TOKEN), AT, None).await.unwrap();
    assert_eq!((last.status().as_u16(), header(&last, "x-ratelimit-remaining").as_str()), (200, "0"));
    let over = get(&github, Some(TOKEN), AT, None).await.unwrap();
    assert_eq!((over.status().as_u16(), header(&over, "x-ratelimit-reset")), (403, header(&last, "x-ratelimit-reset")));
    assert!(!over.headers().contains_key("retry-after"));
    assert!(over.text().await.unwrap().contains("API rate limit exceeded"));
    github.leave(0, Duration::ZERO);
    let renewed = get(&github, Some(TOKEN), AT, None).await.unwrap();
    assert_eq!((renewed.status().as_u16(), header(&renewed, "x-ratelimit-remaining").as_str()), (200, "4999"));
    assert_eq!(
        (header(&renewed, "x-ratelimit-used").as_str(), header(&renewed, "x-ratelimit-resource").as_str()),
        ("1", "core")
    );
}
