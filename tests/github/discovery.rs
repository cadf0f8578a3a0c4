//! Providers find repositories. The stand-in answers.

use super::{GitHub, component, components, problems};
use crate::app::{BOTH, Database};

#[tokio::test]
async fn repositories_are_found_by_the_filters_and_leave_with_them() {
    for database in BOTH {
        let github = GitHub::start().await;
        for name in ["shop", "billing", "old", "hidden"] {
            github.commit(name, "catalog-info.yaml", &component(name, ""));
        }
        github.commit("bare", "README.md", "no entity");
        github.change("old", |it| it.archived = true);
        github.change("hidden", |it| it.topics.push("no-catalog".to_owned()));
        let provider =
            github.provider(", filters: {topic: {exclude: [no-catalog]}}, schedule: {frequency: {seconds: 1}}");
        let app = github.app(database, &[], &provider).await;
        assert_eq!(components(&app).await, ["billing", "shop"]);
        assert_eq!(problems(&app).await, Vec::<String>::new());
        let data = app.data("{locations(first: 10) {nodes {type origin}}}").await;
        let mut kinds: Vec<_> =
            data["locations"]["nodes"].as_array().unwrap().iter().map(|it| it.to_string()).collect();
        kinds.sort();
        kinds.dedup();
        let expected =
            [r#"{"type":"GITHUB_DISCOVERY","origin":"CONFIGURATION"}"#, r#"{"type":"URL","origin":"DISCOVERY"}"#];
        assert_eq!(kinds, expected);
        github.delete("shop");
        github.commit("new", "catalog-info.yaml", &component("new", ""));
        app.until("what came is there, and what went is not", async |app| components(app).await == ["billing", "new"])
            .await;
    }
}

#[tokio::test]
async fn an_organisation_that_cannot_be_read_takes_nothing_away() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    let mut app = github.app(Database::Sqlite, &[], &github.provider("")).await;
    assert_eq!(components(&app).await, ["shop"]);
    app.stop();
    for _ in 0..20 {
        github.fail(super::Fault { status: 403, headers: Vec::new(), message: "Resource not accessible" });
    }
    app.start().await;
    app.until("the refusal is told", async |app| problems(app).await.contains(&"UNREADABLE".to_owned())).await;
    assert_eq!(components(&app).await, ["shop"]);
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_looks_finds_all_when_it_comes_again() {
    for database in BOTH {
        let github = GitHub::start().await;
        for number in 0..40 {
            let name = format!("service-{number:02}");
            github.commit(&name, "catalog-info.yaml", &component(&name, ""));
        }
        let mut app = crate::app::App::new(database).await;
        github.configure(&app, &[], &github.provider(""));
        let mut server = app
            .command(&["serve"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let began = std::time::Instant::now();
        // In the middle of it: some files were asked for, and not all.
        while github.inner.lock().unwrap().requests.len() < 15 {
            assert!(began.elapsed().as_secs() < 30);
            tokio::task::yield_now().await;
        }
        server.kill().unwrap();
        server.wait().unwrap();
        app.start().await;
        app.until("all are there", async |app| components(app).await.len() == 40).await;
        assert_eq!(problems(&app).await, Vec::<String>::new());
    }
}
