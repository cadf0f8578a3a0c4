//! `app-config.yaml`: what is refused, what is gone on without, what is printed.

use serde_json::json;

use crate::app::{App, Database, component};

#[tokio::test]
async fn what_cannot_be_used_yet_is_a_problem_and_the_rest_is_served() {
    let mut app = App::new(Database::Sqlite).await;
    app.write("a.yaml", &component("a", ""));
    app.configure(
        "locations:\n    - {type: file, target: a.yaml}\n    - {type: url, target: 'http://127.0.0.1:1/catalog-info.yaml'}\n\
         integrations: {github: [{host: github.com, token: '${PLINTH_TEST_UNSET}', apps: []}]}\n\
         proxy: {'/x': 'http://127.0.0.1:1'}\ntechdocs: {builder: local}",
    );
    app.start().await;
    let data = app.data("{entities {nodes {name}} server {repositoryHosts {host type}} catalogProblems {nodes {code severity field line}}}").await;
    assert_eq!(data["entities"]["nodes"], json!([{"name": "a"}]));
    assert_eq!(data["server"]["repositoryHosts"], json!([{"host": "github.com", "type": "github"}]));
    let problems = data["catalogProblems"]["nodes"].as_array().unwrap();
    for field in ["integrations.github[0].token", "proxy", "techdocs"] {
        assert!(
            problems.iter().any(|it| it["field"] == field && it["severity"] == "WARNING" && it["line"].is_i64()),
            "{field}: {data}"
        );
    }
    assert!(problems.iter().any(|it| it["code"] == "UNREADABLE" && it["severity"] == "ERROR"), "{data}");
}

#[tokio::test]
async fn all_that_is_wrong_is_named_at_once_with_its_place() {
    let app = App::new(Database::Sqlite).await;
    app.write(
        "app-config.yaml",
        "backend:\n  listen: nowhere\n  database:\n    client: mysql\ncatalog:\n  locations:\n    - {type: ftp, target: x}\n    - {type: file}\n  orphanStrategy: maybe\n",
    );
    let refused = app.command(&["serve"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    for place in [
        "app-config.yaml:2:3: backend.listen: found `nowhere`",
        "app-config.yaml:4:5: backend.database.client: found `mysql`; expected `better-sqlite3` or `pg`",
        "app-config.yaml:7:8: catalog.locations[0].type: found `ftp`; expected `file` or `url`",
        "app-config.yaml:8:7: catalog.locations[1].target: it is missing",
        "app-config.yaml:9:3: catalog.orphanStrategy: found `maybe`; expected `keep` or `delete`",
    ] {
        assert!(said.contains(place), "{place}\n{said}");
    }
}

#[tokio::test]
async fn the_printed_configuration_names_the_place_of_each_key_and_hides_secrets() {
    let app = App::new(Database::Sqlite).await;
    app.write("base.yaml", "app: {title: Base}\nbackend:\n  database:\n    client: pg\n    connection:\n      host: ${DB_HOST}\n      password: ${DB_PASSWORD}\n");
    app.write("over.yaml", "app:\n  title: Over\nproxy:\n  '/x':\n    headers: {Authorization: canary-1}\n    target: https://user:canary-2@example.com\n");
    let mut command = app.command(&["config", "--config", "base.yaml", "--config", "over.yaml"]);
    command.env("DB_HOST", "db.example").env("DB_PASSWORD", "canary-3").env("APP_CONFIG_organization_name", "\"Env\"");
    let printed = command.output().unwrap();
    let said = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success());
    for line in [
        "app.title: \"Over\"  # ",
        "over.yaml:2\n",
        "backend.database.connection.host: \"db.example\"  # ",
        "organization.name: ",
        "connection.password: <secret>  # ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test]
async fn an_unreadable_file_is_refused_with_its_name() {
    let app = App::new(Database::Sqlite).await;
    let none = app.command(&["config"]).output().unwrap();
    assert!(String::from_utf8(none.stderr).unwrap().contains("--config FILE"));
    app.write("broken.yaml", "a: 1\nb: [\n");
    let broken = app.command(&["config", "--config", "broken.yaml"]).output().unwrap();
    assert_eq!(broken.status.code(), Some(1));
    let said = String::from_utf8(broken.stderr).unwrap();
    assert!(said.contains("broken.yaml:3:1"), "{said}");
}
