//! What the page outlives.

use std::process::Command;

use serde_json::json;

use super::{Dashboard, change, reference, titled};

#[tokio::test]
async fn a_killed_server_that_comes_again_is_followed_without_a_reload_and_nothing_is_shown_twice() {
    let files = ["a", "b", "c", "d"].map(|it| (format!("catalog/{it}.yaml"), titled(it, &format!("{it} one"))));
    let files = files.each_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let mut dashboard = Dashboard::live(&files).await;
    dashboard.app.write("catalog/b.yaml", &titled("b", "b two"));
    dashboard.browser.see(".card .name", "b two").await;
    assert_eq!(dashboard.changes().await, [change("changed", "b")]);

    dashboard.app.kill();
    dashboard.is("Connecting again").await;
    dashboard.browser.see("#reason", "The server does not answer.").await;
    dashboard.browser.see(".card .name", "b two").await;
    dashboard.app.write("catalog/c.yaml", &titled("c", "c two"));
    dashboard.app.write("catalog/e.yaml", &titled("e", "e one"));
    std::fs::remove_file(dashboard.app.folder.path().join("catalog/d.yaml")).unwrap();
    dashboard.app.start().await;
    dashboard
        .app
        .until("all is read", async |app| {
            let data = app.data("{entities {nodes {title}}}").await;
            let titles = ["a one", "b two", "c two", "e one"].map(|title| json!({"title": title}));
            data["entities"]["nodes"].as_array().unwrap().iter().filter(|it| titles.contains(it)).count() == 4
                && data["entities"]["nodes"].as_array().unwrap().len() == 4
        })
        .await;
    // It waits for the next try; who is there need not.
    dashboard.is("Live").await;
    dashboard.browser.see(".card .name", "c two").await;
    dashboard.browser.see(".card .name", "e one").await;
    dashboard.browser.miss(".card .name", "d one").await;
    dashboard.browser.see("#count", "4").await;

    assert_eq!(dashboard.browser.texts(".card .name").await, ["a one", "b two", "c two", "e one"]);
    assert_eq!(dashboard.cards().await, ["a", "b", "c", "e"].map(reference));
    let mut changes = dashboard.changes().await;
    assert_eq!(changes.pop(), Some(change("changed", "b")));
    changes.sort();
    assert_eq!(changes, [change("changed", "c"), change("gone", "d"), change("new", "e")]);
    let details = dashboard.browser.texts(".change ul").await;
    assert!(details.contains(&"name: c one → c two".to_owned()), "{details:?}");
    dashboard.was_well().await;
}

#[tokio::test]
async fn a_server_that_stops_in_order_is_followed_again() {
    let mut dashboard = Dashboard::live(&[("catalog/a.yaml", &titled("a", "One"))]).await;
    assert!(dashboard.app.stop().success());
    dashboard.is("Connecting again").await;
    dashboard.app.start().await;
    dashboard.is("Live").await;
    dashboard.app.write("catalog/a.yaml", &titled("a", "Two"));
    dashboard.browser.see(".card .name", "Two").await;
    assert_eq!(dashboard.changes().await, [change("changed", "a")]);
    dashboard.was_well().await;
}

#[tokio::test]
async fn a_server_with_other_data_is_shown_anew() {
    let files = [("catalog/a.yaml", titled("a", "Old")), ("catalog/b.yaml", titled("b", "Both"))];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let mut dashboard = Dashboard::live(&files).await;
    dashboard.app.write("catalog/a.yaml", &titled("a", "Older"));
    dashboard.browser.see(".change .name", "Older").await;
    dashboard.app.kill();
    let folder = dashboard.app.folder.path().to_owned();
    std::fs::remove_dir_all(folder.join("data")).unwrap();
    std::fs::remove_file(folder.join("catalog/a.yaml")).unwrap();
    dashboard.app.write("catalog/c.yaml", &titled("c", "New"));
    dashboard.app.start().await;
    dashboard.browser.see(".card .name", "New").await;
    dashboard.browser.see("#count", "2").await;
    dashboard.is("Live").await;
    assert_eq!(dashboard.cards().await, ["b", "c"].map(reference));
    // What was told of the old data is gone; of the new, what came before it was read is no change.
    assert!(!dashboard.changes().await.iter().any(|(_, it)| *it == reference("a")));
    dashboard.was_well().await;
}

#[tokio::test]
async fn without_a_network_the_page_says_so_and_catches_up_when_it_is_back() {
    let mut dashboard = Dashboard::live(&[("catalog/a.yaml", &titled("a", "One"))]).await;
    dashboard.browser.order(json!({"do": "offline", "is": true})).await;
    dashboard.is("Offline").await;
    dashboard.app.write("catalog/a.yaml", &titled("a", "Two"));
    dashboard.app.write("catalog/b.yaml", &titled("b", "Other"));
    dashboard
        .app
        .until("it is read", async |app| app.data("{entities {totalCount}}").await["entities"]["totalCount"] == 2)
        .await;
    dashboard.browser.order(json!({"do": "offline", "is": false})).await;
    dashboard.is("Live").await;
    dashboard.browser.see(".card .name", "Two").await;
    dashboard.browser.see(".card .name", "Other").await;
    let mut changes = dashboard.changes().await;
    changes.sort();
    assert_eq!(changes, [change("changed", "a"), change("new", "b")]);
    dashboard.was_well().await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_and_followed_again_when_it_speaks() {
    let mut dashboard = Dashboard::new(&[("catalog/a.yaml", &titled("a", "One"))], true).await;
    dashboard.browser.order(json!({"do": "open", "url": dashboard.page, "clock": true})).await;
    dashboard.is("Live").await;
    let id = dashboard.app.process().to_string();
    assert!(Command::new("kill").args(["-STOP", &id]).status().unwrap().success());
    dashboard.browser.order(json!({"do": "forward", "seconds": 80})).await;
    dashboard.is("Connecting again").await;
    dashboard.browser.see("#reason", "The server fell silent.").await;
    assert!(Command::new("kill").args(["-CONT", &id]).status().unwrap().success());
    dashboard.app.write("catalog/a.yaml", &titled("a", "Two"));
    dashboard.is("Live").await;
    dashboard.browser.see(".card .name", "Two").await;
    assert_eq!(dashboard.changes().await, [change("changed", "a")]);
    dashboard.was_well().await;
}

#[tokio::test]
async fn a_cursor_that_the_server_cannot_read_is_dropped_and_all_is_read_again() {
    let mut dashboard = Dashboard::live(&[("catalog/a.yaml", &titled("a", "One"))]).await;
    dashboard.browser.order(json!({"do": "spoil", "variable": "after", "value": "nonsense"})).await;
    dashboard.app.kill();
    dashboard.app.write("catalog/b.yaml", &titled("b", "Other"));
    std::fs::remove_file(dashboard.app.folder.path().join("catalog/a.yaml")).unwrap();
    dashboard.is("Connecting again").await;
    dashboard.app.start().await;
    dashboard.browser.see(".card .name", "Other").await;
    dashboard.browser.miss(".card .name", "One").await;
    dashboard.is("Live").await;
    assert_eq!(dashboard.cards().await, [reference("b")]);
    assert_eq!(dashboard.browser.order(json!({"do": "spoiled"})).await, 1);
    dashboard.was_well().await;
}
