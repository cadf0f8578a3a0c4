//! Files in repositories, by the pages that people see. The stand-in answers.

use serde_json::json;

use super::{GitHub, component, components, problems};
use crate::app::{BOTH, Database};

const REFRESH: &str = "mutation($id: ID!) {refreshLocation(input: {locationId: $id, wait: \"PT20S\"}) \
                       {sync {state unchanged changed} userErrors {message}}}";

#[tokio::test]
async fn the_stand_ins_file_is_read_with_what_it_names_in_its_repository() {
    for database in BOTH {
        let github = GitHub::start().await;
        let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: shop}\nspec: {type: openapi, lifecycle: \
                   production, owner: team-a, definition: {$text: ./openapi.yaml}}\n";
        let other = api.replace("name: shop", "name: top").replace("./openapi.yaml", "/top.yaml");
        github.commit("shop", "docs/catalog-info.yaml", &format!("{api}---\n{other}"));
        github.commit("shop", "docs/openapi.yaml", "openapi: 3.1.0");
        github.commit("shop", "top.yaml", "openapi: 3.0.0");
        let app = github.app(database, &[github.page("shop", "docs/catalog-info.yaml")], "").await;
        let data = app
            .data("{a: entity(ref: \"api:shop\") {... on API {definition}} b: entity(ref: \"api:top\") {... on API {definition}}}")
            .await;
        assert_eq!(data, json!({"a": {"definition": "openapi: 3.1.0"}, "b": {"definition": "openapi: 3.0.0"}}));
        assert!(!app.log().contains(github.token()) && !app.log().contains(&github.secret()));
    }
}

#[tokio::test]
async fn what_did_not_change_is_answered_304_and_writes_nothing() {
    for database in BOTH {
        let github = GitHub::start().await;
        github.commit("shop", "catalog-info.yaml", &component("shop", ""));
        github.commit("shop", "a/catalog-info.yaml", &component("a", ""));
        let app = github.app(database, &[github.page("shop", "**/catalog-info.yaml")], "").await;
        assert_eq!(components(&app).await, ["a", "shop"]);
        let before = app.data("{catalogRevision locations {nodes {id}}}").await;
        assert!(github.asked().iter().all(|(_, status)| *status == 200));
        let refreshed = app.run(REFRESH, json!({"id": before["locations"]["nodes"][0]["id"]})).await;
        let sync = json!({"state": "SUCCEEDED", "unchanged": 2, "changed": 0});
        assert_eq!(refreshed["refreshLocation"], json!({"sync": sync, "userErrors": []}));
        let asked = github.asked();
        assert_eq!(asked.len(), 3, "{asked:?}");
        assert!(asked.iter().all(|(_, status)| *status == 304), "{asked:?}");
        assert_eq!(app.data("{catalogRevision}").await["catalogRevision"], before["catalogRevision"]);
    }
}

#[tokio::test]
async fn no_document_reads_another_repository_by_our_token() {
    let github = GitHub::start().await;
    let secret = github.page("secrets", "key.txt");
    github.commit("secrets", "key.txt", "hidden");
    for target in [secret.as_str(), "../../../secrets/blob/main/key.txt", "../other/key.txt"] {
        let document = component("shop", &format!(", description: {{$text: '{target}'}}"));
        github.commit("shop", "catalog-info.yaml", &document);
        let app = github.app(Database::Sqlite, &[github.page("shop", "catalog-info.yaml")], "").await;
        assert_eq!(components(&app).await, Vec::<String>::new(), "{target}");
        assert_eq!(problems(&app).await, ["UNREADABLE"], "{target}");
        let asked = github.asked();
        assert!(asked.iter().all(|(path, _)| path.contains("/shop/")), "{asked:?}");
    }
}

#[tokio::test]
async fn a_registered_page_is_read_and_a_missing_one_says_so() {
    let github = GitHub::start().await;
    github.commit("shop", "catalog-info.yaml", &component("shop", ""));
    let app = github.app(Database::Sqlite, &[], "").await;
    let register = "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT20S\"}) \
                    {sync {state} userErrors {message code}}}";
    let registered = app.run(register, json!({"target": github.page("shop", "catalog-info.yaml")})).await;
    assert_eq!(registered["registerLocation"], json!({"sync": {"state": "SUCCEEDED"}, "userErrors": []}));
    assert_eq!(components(&app).await, ["shop"]);
    app.run(register, json!({"target": github.page("none", "catalog-info.yaml")})).await;
    let problem = app.data("{catalogProblems {nodes {message}}}").await;
    let message = problem["catalogProblems"]["nodes"][0]["message"].as_str().unwrap();
    assert!(message.contains("is not there, or the token of `integrations.github`"), "{message}");
}
