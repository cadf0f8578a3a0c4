//! GraphiQL in a real browser.

use std::process::Command;

use crate::app::{App, Database, repository};

#[tokio::test]
async fn graphiql_answers_its_first_query_in_a_browser_and_loads_nothing_from_elsewhere() {
    let mut app = App::new(Database::Sqlite).await;
    let root = repository().join("deploy/sample/catalog-info.yaml");
    app.configure(&format!("locations: [{{type: file, target: {}}}]", root.display()));
    app.start().await;
    let picture = app.folder.path().join("graphiql.png");
    let script = repository().join("tests/node/graphiql.mjs");
    let mut browser = Command::new("node");
    let said = browser.arg(script).arg(app.url("/graphql")).arg(&picture).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success() && text.contains("ok"), "{text}");
    if let Some(folder) = std::env::var_os("PLINTH_PICTURES") {
        std::fs::copy(picture, std::path::Path::new(&folder).join("graphiql.png")).unwrap();
    }
}
