//! People and teams of an organisation, and an App that reads them. The stand-in answers.

use std::process::Command;

use serde_json::{Value, json};

use super::{
    GitHub, component, components, problems,
    webhooks::{deliver, deliver_text, guid},
};
use crate::app::{App, BOTH, Database, repository};

fn acme(github: &GitHub) {
    github.organise(|it| {
        for (login, name) in [("Ann", "Ann Example"), ("bob", "Bob Example"), ("cem", "Cem Example")] {
            it.join(login, name);
        }
        it.team("all", None, &["Ann"]);
        it.team("web", Some("all"), &["bob", "cem"]);
    });
}

/// A server that reads the people of `acme`, whose rules allow Components only.
async fn app(github: &GitHub, database: Database) -> App {
    let mut app = App::new(database).await;
    github.configure(&app, &[], "");
    let text = local(&app);
    let url = format!("http://{}", github.host());
    let providers = format!("{{githubOrg: {{id: acme, githubUrl: '{url}', orgs: [acme]}}}}");
    let text =
        text.replace("providers: {github: {}}", &format!("rules: [{{allow: [Component]}}]\n  providers: {providers}"));
    assert!(text.contains("githubOrg"), "{text}");
    app.write("app-config.local.yaml", &text);
    app.start().await;
    app
}

fn local(app: &App) -> String {
    std::fs::read_to_string(app.folder.path().join("app-config.local.yaml")).unwrap()
}

/// The references that a list of one entity has, in order.
async fn listed(app: &App, reference: &str, kind: &str, list: &str) -> Vec<String> {
    let query = format!("{{entity(ref: \"{reference}\") {{... on {kind} {{list: {list} {{nodes {{ref}}}}}}}}}}");
    let data = app.data(&query).await;
    let nodes = data["entity"]["list"]["nodes"].as_array().cloned().unwrap_or_default();
    let mut references: Vec<String> = nodes.iter().map(|it| it["ref"].as_str().unwrap().to_owned()).collect();
    references.sort();
    references
}

/// What GitHub tells when somebody leaves a team.
fn left(login: &str, slug: &str) -> Value {
    json!({
        "action": "removed", "scope": "team", "member": {"login": login, "id": 1}, "team": {"slug": slug, "id": 2},
        "organization": {"login": "acme", "id": 3},
    })
}

#[tokio::test]
async fn people_and_teams_are_entities_with_their_relations() {
    for database in BOTH {
        let github = GitHub::start().await;
        acme(&github);
        let app = app(&github, database).await;
        assert_eq!(problems(&app).await, Vec::<String>::new());
        let data = app.data("{entities(orderBy: [{field: NAME}]) {nodes {ref}} locations {nodes {type origin}}}").await;
        let references =
            ["group:default/all", "group:default/web", "user:default/ann", "user:default/bob", "user:default/cem"];
        let mut found: Vec<&str> =
            data["entities"]["nodes"].as_array().unwrap().iter().map(|it| it["ref"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, references);
        assert_eq!(data["locations"]["nodes"], json!([{"type": "GITHUB_ORG", "origin": "CONFIGURATION"}]));
        assert_eq!(listed(&app, "group:web", "Group", "members").await, ["user:default/bob", "user:default/cem"]);
        assert_eq!(listed(&app, "group:all", "Group", "members").await, ["user:default/ann"]);
        assert_eq!(listed(&app, "group:all", "Group", "children").await, ["group:default/web"]);
        assert_eq!(listed(&app, "user:bob", "User", "memberOf").await, ["group:default/web"]);
        let ann = app
            .data(
                "{entity(ref: \"user:ann\") {name displayName description login: annotations(keys: \
                 [\"github.com/user-login\"]) {value} page: annotations(keys: [\"backstage.io/view-url\"]) {value}}}",
            )
            .await;
        let (login, page) = (json!([{"value": "Ann"}]), json!([{"value": "https://github.com/Ann"}]));
        let (name, description) = ("Ann Example", "I am Ann Example.");
        let expected =
            json!({"name": "Ann", "displayName": name, "description": description, "login": login, "page": page});
        assert_eq!(ann["entity"], expected);
    }
}

#[tokio::test]
async fn who_leaves_a_team_is_gone_from_it_when_github_tells() {
    for database in BOTH {
        let github = GitHub::start().await;
        acme(&github);
        let app = app(&github, database).await;
        github.organise(|it| it.team("web", Some("all"), &["bob"]));
        let other = json!({"action": "removed", "organization": {"login": "globex"}, "team": {"slug": "web"}});
        let answer = deliver(&app, &github.secret(), &guid(), "membership", &other).await;
        assert_eq!((answer.0, &answer.1["locations"]), (202, &json!(0)));
        let answer = deliver(&app, &github.secret(), &guid(), "membership", &left("cem", "web")).await;
        assert_eq!((answer.0, &answer.1["locations"]), (202, &json!(1)));
        app.until("the team is smaller", async |app| {
            listed(app, "group:web", "Group", "members").await == ["user:default/bob"]
        })
        .await;
        assert_eq!(listed(&app, "user:cem", "User", "memberOf").await, Vec::<String>::new());
        // Nobody else was written, and all that is as it was cost nothing.
        let asked = github.asked();
        assert!(asked.iter().any(|(path, status)| path == "/users/bob" && *status == 304), "{asked:?}");
    }
}

#[tokio::test]
async fn an_organisation_that_is_not_there_any_more_takes_nobody_away() {
    let github = GitHub::start().await;
    acme(&github);
    let app = app(&github, Database::Sqlite).await;
    github.hide_organisation();
    assert_eq!(deliver(&app, &github.secret(), &guid(), "membership", &left("cem", "web")).await.0, 202);
    app.until("it is told", async |app| problems(app).await == ["UNREADABLE"]).await;
    let data = app.data("{entities {totalCount} catalogProblems {nodes {message}}}").await;
    assert_eq!(data["entities"]["totalCount"], 5);
    let message = data["catalogProblems"]["nodes"][0]["message"].as_str().unwrap();
    assert!(message.contains("/orgs/acme/members"), "{message}");
    acme(&github);
    assert_eq!(deliver(&app, &github.secret(), &guid(), "organization", &left("cem", "web")).await.0, 202);
    app.until("all is well again", async |app| problems(app).await.is_empty()).await;
}

#[tokio::test]
async fn an_app_reads_a_private_repository_and_its_secret_signs_webhooks() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    let made = Command::new("node").arg(repository().join("tests/node/key.mjs")).output().unwrap();
    assert!(made.status.success());
    let key = String::from_utf8(made.stdout).unwrap();
    let mut app = App::new(Database::Sqlite).await;
    github.configure(&app, &[github.page("shop", "catalog-info.yaml")], "");
    app.write("app.pem", &key);
    let (secret, apps) = ("of-the-app", "apps: [{appId: 12, privateKey: {$file: app.pem}, webhookSecret: of-the-app}]");
    let text = local(&app).replace(&format!("token: {}", github.token()), apps);
    app.write("app-config.local.yaml", &text);
    app.start().await;
    assert_eq!((components(&app).await, problems(&app).await), (vec!["shop".to_owned()], Vec::new()));
    let asked: Vec<String> = github.asked().into_iter().map(|(path, _)| path).collect();
    let expected =
        ["/app/installations", "/app/installations/7/access_tokens", "/repos/acme/shop/contents/catalog-info.yaml"];
    assert_eq!(asked, expected);
    github.commit("shop", "catalog-info.yaml", &component("store", ""));
    let push = json!({
        "ref": "refs/heads/main", "repository": {"name": "shop", "default_branch": "main", "owner": {"login": "acme"}},
    });
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &push.to_string()).finish();
    let kind = "application/x-www-form-urlencoded";
    let answer = deliver_text(&app, secret, &guid(), "push", (kind, &form)).await;
    assert_eq!((answer.0, &answer.1["locations"]), (202, &json!(1)));
    app.until("the push is seen", async |app| components(app).await == ["store"]).await;
    // The other one is good, too, and a third one is not.
    assert_eq!(deliver(&app, &github.secret(), &guid(), "push", &push).await.0, 202);
    assert_eq!(deliver(&app, "another secret", &guid(), "push", &push).await.0, 401);
    let log = app.log();
    assert!(!log.contains(&github.installation_token()) && !log.contains(secret) && !log.contains(&key[100..140]));
}
