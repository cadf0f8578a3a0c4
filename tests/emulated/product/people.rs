//! People and teams of an organisation. The emulator has the members and what they tell of themselves; teams, their members and
//! what lies above them are the proxy's word, and so is that somebody did not change. A fault hides the organisation.

use serde_json::{Value, json};

use super::{Configured, problem, problems, tell};
use crate::{
    app::{App, BOTH, Database},
    emulated::{Delivery, Fault, GitHub, Seed},
};

async fn github() -> GitHub {
    GitHub::start(Seed::default().team("all", None, &["ada"]).team("night", Some("all"), &["bob", "cleo"])).await
}

/// The references of all entities, in order.
async fn everybody(app: &App) -> Vec<String> {
    references(&app.data("{entities(first: 100) {nodes {ref}}}").await["entities"])
}

/// The references that the list of an entity has, in order.
async fn listed(app: &App, reference: &str, kind: &str, list: &str) -> Vec<String> {
    let query = format!("{{entity(ref: \"{reference}\") {{... on {kind} {{list: {list} {{nodes {{ref}}}}}}}}}}");
    references(&app.data(&query).await["entity"]["list"])
}

fn references(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().into_iter().flatten();
    let mut found: Vec<String> = nodes.map(|it| it["ref"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

#[tokio::test]
async fn people_and_teams_are_entities_with_their_relations() {
    for database in BOTH {
        let github = github().await;
        let app = Configured::of(&github).people().start(database).await;
        assert_eq!(problems(&app).await, Vec::<String>::new());
        let expected =
            ["group:default/all", "group:default/night", "user:default/ada", "user:default/bob", "user:default/cleo"];
        assert_eq!(everybody(&app).await, expected);
        let data = app.data("{locations {nodes {type origin}}}").await;
        assert_eq!(data["locations"]["nodes"], json!([{"type": "GITHUB_ORG", "origin": "CONFIGURATION"}]));
        // GitHub lists those of the team below for `all`, too.
        assert_eq!(listed(&app, "group:all", "Group", "members").await, ["user:default/ada"]);
        assert_eq!(listed(&app, "group:night", "Group", "members").await, ["user:default/bob", "user:default/cleo"]);
        assert_eq!(listed(&app, "group:all", "Group", "children").await, ["group:default/night"]);
        assert_eq!(listed(&app, "user:bob", "User", "memberOf").await, ["group:default/night"]);
        let ada = app
            .data(
                "{entity(ref: \"user:ada\") {name displayName login: annotations(keys: [\"github.com/user-login\"]) \
                 {value} page: annotations(keys: [\"backstage.io/view-url\"]) {value}}}",
            )
            .await;
        let (login, page) = (json!([{"value": "ada"}]), json!([{"value": format!("{}/ada", github.url())}]));
        assert_eq!(ada["entity"], json!({"name": "ada", "displayName": "Ada", "login": login, "page": page}));
    }
}

#[tokio::test]
async fn who_comes_and_leaves_is_seen_when_github_tells() {
    for database in BOTH {
        let github = github().await;
        let app = Configured::of(&github).people().start(database).await;
        let tell = async |delivery: Delivery| assert_eq!(tell(&app, &delivery).await, 1, "{delivery:?}");
        let has = async |team: &str, members: &[&str]| {
            app.until("the team is another", async |app| listed(app, team, "Group", "members").await == members).await;
        };

        tell(github.add_member("dan").await).await;
        app.until("he is there", async |app| everybody(app).await.contains(&"user:default/dan".to_owned())).await;
        github.take_exchanges();
        tell(github.add_to_team("night", "dan").await).await;
        has("group:night", &["user:default/bob", "user:default/cleo", "user:default/dan"]).await;
        // Whoever is as they were costs nothing.
        let asked = github.take_exchanges();
        assert!(asked.iter().any(|it| it.path == "/users/ada" && it.status == Some(304)), "{asked:#?}");
        tell(github.remove_from_team("night", "cleo").await).await;
        has("group:night", &["user:default/bob", "user:default/dan"]).await;

        tell(github.create_team("day", Some("all")).await).await;
        app.until("the team is there", async |app| {
            listed(app, "group:all", "Group", "children").await == ["group:default/day", "group:default/night"]
        })
        .await;
        tell(github.describe_team("day", "Who sleeps").await).await;
        let query = "{entity(ref: \"group:day\") {description}}";
        app.until("it tells of itself", async |app| app.data(query).await["entity"]["description"] == "Who sleeps")
            .await;
        tell(github.delete_team("night").await).await;
        tell(github.remove_member("dan").await).await;
        let left =
            ["group:default/all", "group:default/day", "user:default/ada", "user:default/bob", "user:default/cleo"];
        app.until("they are gone", async |app| everybody(app).await == left).await;
        app.until("nothing is wrong", async |app| problems(app).await.is_empty()).await;
    }
}

#[tokio::test]
async fn what_happens_in_another_organisation_lets_nothing_be_read() {
    let github = github().await;
    let app = Configured::of(&github).people().start(Database::Sqlite).await;
    let mut payload = github.remove_from_team("night", "cleo").await.payload();
    payload["organization"]["login"] = "globex".into();
    assert_eq!(tell(&app, &Delivery::new("membership", &payload)).await, 0);
}

#[tokio::test]
async fn an_organisation_that_is_not_there_any_more_takes_nobody_away() {
    let github = github().await;
    let app = Configured::of(&github).people().start(Database::Sqlite).await;
    github.fail("/orgs/acme", usize::MAX, Fault::NotFound);
    tell(&app, &github.remove_from_team("night", "cleo").await).await;
    app.until("it is told", async |app| problems(app).await == ["UNREADABLE"]).await;
    let message = problem(&app).await;
    assert!(message.contains("/orgs/acme/members"), "{message}");
    assert_eq!(everybody(&app).await.len(), 5);
    assert_eq!(listed(&app, "group:night", "Group", "members").await.len(), 2);
    github.heal();
    tell(&app, &github.describe_team("night", "Who wakes").await).await;
    app.until("all is well again", async |app| problems(app).await.is_empty()).await;
    assert_eq!(listed(&app, "group:night", "Group", "members").await, ["user:default/bob"]);
}
