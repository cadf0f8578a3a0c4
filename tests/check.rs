//! `plinth check`: files without a server.

use serde_json::{Value, json};

use crate::app::{App, Database, component};

struct Done {
    code: Option<i32>,
    out: String,
}

fn check(app: &App, arguments: &[&str]) -> Done {
    let arguments: Vec<&str> = ["check"].iter().chain(arguments).copied().collect();
    let done = app.command(&arguments).output().unwrap();
    Done { code: done.status.code(), out: String::from_utf8(done.stdout).unwrap() }
}

async fn folder() -> App {
    let app = App::new(Database::Sqlite).await;
    app.write("good/a.yaml", &component("a", ""));
    app.write("good/deep/b.yml", &format!("{}---\n{}", component("b", ""), component("c", "")));
    app.write("good/notes.txt", "kind: [");
    app
}

#[tokio::test]
async fn good_files_say_nothing_and_end_with_0() {
    let app = folder().await;
    for paths in [&["good"][..], &["good/a.yaml", "good/deep/b.yml"], &["good/**/*.y*ml"], &["./good/../good"]] {
        let done = check(&app, paths);
        assert_eq!((done.code, done.out.as_str()), (Some(0), ""), "{paths:?}");
    }
    let report: Value = serde_json::from_str(&check(&app, &["--json", "good"]).out).unwrap();
    let refs = json!(["component:default/a", "component:default/b", "component:default/c"]);
    assert_eq!(report, json!({"files": 2, "entities": refs, "problems": []}));
}

#[tokio::test]
async fn a_wrong_document_is_one_line_with_its_place_and_ends_with_1() {
    let app = folder().await;
    let wrong = component("d", "").replace("  owner: team-a\n", "  owner: 5\n");
    app.write("bad/x.yaml", &format!("{}---\n{wrong}---\na: [\n", component("a", "")));
    let done = check(&app, &["bad", "good"]);
    let owner = "`spec.owner` is the number 5; expected a string that is not empty";
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(done.code, Some(1));
    assert_eq!(lines.len(), 3, "{}", done.out);
    assert!(lines[0].starts_with(&format!("bad/x.yaml:17:10: spec.owner: {owner}")), "{}", lines[0]);
    assert!(lines[1].starts_with("bad/x.yaml:20:1: "), "{}", lines[1]);
    assert!(lines[2].starts_with("good/a.yaml:1:1: warning: `component:default/a` stands already in"), "{}", lines[2]);
    let report: Value = serde_json::from_str(&check(&app, &["--json", "bad"]).out).unwrap();
    assert_eq!(report["entities"], json!(["component:default/a"]));
    assert_eq!(
        report["problems"][0],
        json!({
            "file": "bad/x.yaml", "line": 17, "column": 10, "document": 1, "entityRef": "component:default/d",
            "field": "spec.owner", "code": "INVALID", "severity": "error", "message": owner,
        })
    );
    assert_eq!(report["problems"][1]["code"], "MALFORMED");
}

#[tokio::test]
async fn a_path_that_names_nothing_is_told() {
    let app = folder().await;
    app.write("empty/notes.txt", "");
    for path in ["none.yaml", "empty", "good/*.json"] {
        let done = check(&app, &[path]);
        assert!(done.code == Some(1) && done.out.starts_with(&format!("{path}: ")), "{path}: {}", done.out);
    }
}

#[tokio::test]
async fn texts_beside_are_read_and_urls_are_only_warned_of() {
    let app = folder().await;
    let api = |name: &str, target: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\nspec:\n  type: openapi\n  \
             lifecycle: production\n  owner: team-a\n  definition:\n    $text: {target}\n"
        )
    };
    app.write("api/open.txt", "openapi: 3.1.0\n");
    app.write("api/a.yaml", &api("a", "./open.txt"));
    app.write("api/b.yaml", &api("b", "https://example.com/open.txt"));
    let done = check(&app, &["api"]);
    assert_eq!(done.code, Some(0));
    assert!(done.out.starts_with("api/b.yaml:9:5: spec.definition: warning: "), "{}", done.out);
    app.write("api/c.yaml", &api("c", "./none.txt"));
    assert_eq!(check(&app, &["api"]).code, Some(1));
}

#[tokio::test]
async fn the_rules_of_a_configuration_are_asked_where_one_is_named() {
    let app = folder().await;
    let gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: x}\nspec: {}\n";
    app.write("kinds/g.yaml", gadget);
    app.write("rules.yaml", "catalog: {rules: [{allow: [Gadget]}]}\n");
    assert_eq!(check(&app, &["kinds"]).code, Some(1));
    assert_eq!(check(&app, &["--config", "rules.yaml", "kinds"]).code, Some(0));
    assert!(check(&app, &["--config", "rules.yaml", "good/a.yaml"]).out.contains("`Component` is not allowed"));
}
