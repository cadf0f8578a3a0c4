//! `/metrics`, as Prometheus scrapes it.

use std::{collections::BTreeSet, fs};

use serde_json::json;

use crate::app::{App, Database, component, repository};

/// The metrics that an expression names.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    words.filter(|word| word.starts_with("plinth_")).collect()
}

#[tokio::test]
async fn what_alerts_ask_for_is_in_a_scrape_and_counts_what_happened() {
    let app =
        App::started(Database::Postgres, &[("catalog/a.yaml", &component("a", "")), ("catalog/b.yaml", "kind: [")])
            .await;
    app.data("{entity(ref: \"component:a\") {name}}").await;
    app.answer("{entity(ref: \"nokind\") {name}}", json!({})).await;
    app.answer("{{", json!({})).await;
    app.answer(&format!("{{{}}}", "a:__typename ".repeat(31)), json!({})).await;
    let response = app.get("/metrics").await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = response.text().await.unwrap();
    let values: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for line in [
        "plinth_catalog_entities 1",
        "plinth_catalog_locations 1",
        "plinth_catalog_problems{severity=\"error\"} 1",
        "plinth_catalog_problems{severity=\"warning\"} 0",
        "plinth_catalog_readings_waiting 0",
        "plinth_database_up 1",
        "plinth_ready 1",
        "plinth_websockets 0",
        "plinth_graphql_requests_total{transport=\"Http\",outcome=\"executed\"} 2",
        "plinth_graphql_requests_total{transport=\"Http\",outcome=\"refused\"} 2",
        "plinth_graphql_errors_total{code=\"BAD_USER_INPUT\"} 1",
        "plinth_graphql_errors_total{code=\"GRAPHQL_PARSE_FAILED\"} 1",
        "plinth_graphql_errors_total{code=\"LIMIT_EXCEEDED\"} 1",
        "plinth_graphql_request_seconds_count 4",
    ] {
        assert!(values.contains(line), "{line}\n{text}");
    }
    let revision = app.data("{catalogRevision}").await["catalogRevision"].clone();
    assert!(values.contains(format!("plinth_catalog_revision {revision}").as_str()), "{text}");

    let rules = fs::read_to_string(repository().join("deploy/alerts.yaml")).unwrap();
    let scraped: BTreeSet<&str> = values.iter().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let missing: Vec<_> = named(&rules).into_iter().filter(|name| !scraped.contains(name)).collect();
    // A counter of errors of our own stands there once there was one.
    assert_eq!(missing, Vec::<&str>::new(), "{scraped:?}");
    assert!(named(&rules).len() >= 6);
}
