//! Lists of several pages.

use serde_json::{Value, json};

use super::fake::{Fake, Served};
use crate::{GitHub, Integration, Result};

const FIRST: &str = "/orgs/acme/repos?per_page=100";
const SECOND: &str = "/organizations/1/repos?per_page=100&page=2";

fn page(names: &[&str]) -> Served {
    Served::json(&names.iter().map(|it| json!({"name": it})).collect::<Value>())
}

/// With a further page, as a server behind a proxy tells of it: under its own name.
fn first(names: &[&str]) -> Served {
    page(names).next(&format!("https://ghe.example.com{SECOND}"))
}

async fn names(fake: &Fake, github: &GitHub) -> Result<Vec<String>> {
    Ok(github.repositories(&fake.host(), "acme").await?.into_iter().map(|it| it.name).collect())
}

#[tokio::test]
async fn what_moves_between_pages_is_neither_lost_nor_told_twice() {
    let fake = Fake::start().await;
    let github = fake.client();
    // After the first page `a` goes, and `c` moves to the page that was read.
    fake.serve_each(FIRST, [first(&["a", "b"]), first(&["b", "c"])]);
    fake.serve_each(SECOND, [page(&["d"])]);
    assert_eq!(names(&fake, &github).await.unwrap(), ["b", "c", "d"]);
    assert_eq!(fake.seen().iter().map(|it| it.status).collect::<Vec<_>>(), [200, 200, 200, 304, 304, 304]);
    // Unchanged, it is read once.
    assert_eq!(names(&fake, &github).await.unwrap(), ["b", "c", "d"]);
    assert_eq!(fake.asked().len(), 2);
    // It changes all the time: three readings are enough.
    fake.serve_each(FIRST, [first(&["1"]), first(&["2"]), first(&["3"]), first(&["4"])]);
    assert_eq!(names(&fake, &github).await.unwrap(), ["3", "d"]);
    assert_eq!(fake.asked().len(), 6);
    fake.serve(FIRST, page(&["a"]));
    assert_eq!(names(&fake, &github).await.unwrap(), ["a"]);
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn a_further_page_is_asked_for_where_the_api_is() {
    let fake = Fake::start().await;
    let api = fake.url("/api/v3");
    let github = GitHub::new(vec![Integration { api, ..fake.integration() }]).unwrap();
    let first = |next: &str| page(&["a"]).next(next);
    let list = format!("/api/v3{FIRST}");
    fake.serve("/api/v3/organizations/1/repos?q=1,2&page=2", page(&["b"]));
    for next in [
        "https://ghe.example.com/api/v3/organizations/1/repos?q=1,2&page=2",
        "http://user:pass@10.0.0.1:8080/api/v3/organizations/1/repos?q=1,2&page=2#x",
        "/api/v3/organizations/1/repos?q=1,2&page=2",
    ] {
        fake.serve(&list, first(next));
        assert_eq!(names(&fake, &github).await.unwrap(), ["a", "b"], "{next}");
    }
    for (next, expected) in [
        (
            "https://ghe.example.com/organizations/1/repos?page=2",
            "`/organizations/1/repos`, does not lie under `/api/v3`",
        ),
        ("https://ghe.example.com/api/v3x/repos?page=2", "does not lie under"),
        ("/api/v3/../../admin", "does not lie under"),
        ("http://[", "no URL"),
        (list.as_str(), "is itself"),
    ] {
        fake.serve(&list, first(next));
        let error = names(&fake, &github).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{next}: {error}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_leaves_no_half_list() {
    let fake = Fake::start().await;
    fake.serve(FIRST, first(&["a"]));
    assert!(names(&fake, &fake.client()).await.is_err());
    fake.serve(SECOND, Served::json(&json!([{"name": 1}])));
    let error = names(&fake, &fake.client()).await.unwrap_err().to_string();
    assert!(error.contains("`/orgs/acme/repos` cannot be read"), "{error}");
}
