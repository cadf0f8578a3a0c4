//! Files in repositories, by the pages that people see. The emulator answers; that nothing changed, and that a tree is cut, is
//! the proxy's word.

use serde_json::json;

use super::{Configured, SECRET, components, locations, problem, problems, refresh, revision, service};
use crate::{
    app::{BOTH, Database, component},
    emulated::{By, GitHub, Repository, Seed, TOKEN},
};

#[tokio::test]
async fn a_page_is_read_with_what_its_documents_name_in_the_repository() {
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: shop}\nspec: {type: openapi, lifecycle: \
               production, owner: team-a, definition: {$text: ./openapi.yaml}}\n";
    let other = api.replace("name: shop", "name: top").replace("./openapi.yaml", "/top.yaml");
    for database in BOTH {
        let shop = Repository::new("shop").private().file("docs/catalog-info.yaml", &format!("{api}---\n{other}"));
        let shop = shop.file("docs/openapi.yaml", "openapi: 3.1.0").file("top.yaml", "openapi: 3.0.0");
        let github = GitHub::start(Seed::default().repository(shop)).await;
        let page = github.blob("shop", "docs/catalog-info.yaml");
        let app = Configured::of(&github).location(&page).start(database).await;
        let query = "{a: entity(ref: \"api:shop\") {... on API {definition}} b: entity(ref: \"api:top\") {... on API {definition}}}";
        let expected = json!({"a": {"definition": "openapi: 3.1.0"}, "b": {"definition": "openapi: 3.0.0"}});
        assert_eq!(app.data(query).await, expected);
        assert_eq!(problems(&app).await, Vec::<String>::new());
        let asked = github.exchanges();
        let is_right = asked.iter().all(|it| it.by == By::Emulator && it.token.as_deref() == Some(TOKEN));
        assert!(is_right && asked.len() == 3, "{asked:#?}");
        assert!(!app.log().contains(TOKEN) && !app.log().contains(SECRET));
    }
}

#[tokio::test]
async fn a_wildcard_finds_files_and_what_is_unchanged_is_answered_304_and_writes_nothing() {
    for database in BOTH {
        let shop = Repository::new("shop").file("catalog-info.yaml", &component("shop", ""));
        let shop =
            shop.file("a/b/catalog-info.yaml", &component("b", "")).file("a/other.yaml", &component("other", ""));
        let github = GitHub::start(Seed::default().repository(shop)).await;
        let page = github.blob("shop", "**/catalog-info.yaml");
        let app = Configured::of(&github).location(&page).start(database).await;
        assert_eq!(components(&app).await, ["b", "shop"]);
        let before = revision(&app).await;
        assert!(github.take_exchanges().iter().all(|it| it.status == Some(200)));
        let sync = refresh(&app, &locations(&app, "URL").await[0]).await;
        assert_eq!(sync, json!({"state": "SUCCEEDED", "unchanged": 2, "changed": 0}));
        let asked = github.exchanges();
        assert!(asked.len() == 3 && asked.iter().all(|it| it.status == Some(304)), "{asked:#?}");
        assert_eq!(revision(&app).await, before);
        github
            .commit(
                "shop",
                "main",
                &[("a/b/catalog-info.yaml", None), ("c/catalog-info.yaml", Some(&component("c", "")))],
            )
            .await;
        github.take_exchanges();
        assert_eq!(refresh(&app, &locations(&app, "URL").await[0]).await["state"], "SUCCEEDED");
        assert_eq!(components(&app).await, ["c", "shop"], "{:#?} {}", github.exchanges(), app.log());
    }
}

#[tokio::test]
async fn a_tree_that_is_cut_is_read_folder_by_folder() {
    let names = ["a", "b", "c"];
    let shop = names.iter().fold(Repository::new("shop"), |shop, name| {
        shop.file(&format!("{name}/catalog-info.yaml"), &component(name, ""))
    });
    let github = GitHub::start(Seed::default().repository(shop)).await;
    // The top holds four, and all together are seven.
    github.truncate_trees(4);
    let page = github.blob("shop", "*/catalog-info.yaml");
    let app = Configured::of(&github).location(&page).start(Database::Sqlite).await;
    assert_eq!((components(&app).await, problems(&app).await), (names.map(str::to_owned).to_vec(), Vec::new()));
    let trees = github.exchanges().iter().filter(|it| it.path.contains("/git/trees/")).count();
    assert_eq!(trees, 5, "the whole, its top, and three folders");
}

#[tokio::test]
async fn no_document_reads_another_repository_by_our_token() {
    for target in ["URL", "../../../secrets/blob/main/key.txt", "../other/key.txt"] {
        let secrets = Repository::new("secrets").private().file("key.txt", "hidden");
        let github = GitHub::start(Seed::default().repository(Repository::new("shop")).repository(secrets)).await;
        let target = target.replace("URL", &github.blob("secrets", "key.txt"));
        let document = component("shop", "")
            .replace("  name: shop\n", &format!("  name: shop\n  description: {{$text: '{target}'}}\n"));
        assert!(document.contains(&target), "{document}");
        github.commit("shop", "main", &[("catalog-info.yaml", Some(&document))]).await;
        let page = github.blob("shop", "catalog-info.yaml");
        let app = Configured::of(&github).location(&page).start(Database::Sqlite).await;
        assert_eq!((components(&app).await, problems(&app).await), (Vec::new(), vec!["UNREADABLE".into()]), "{target}");
        let asked = github.exchanges();
        assert!(asked.iter().all(|it| it.path.starts_with("/repos/acme/shop/")), "{asked:#?}");
    }
}

#[tokio::test]
async fn a_registered_page_is_read_and_a_missing_one_says_so() {
    let github = GitHub::start(Seed::default().repository(service("shop"))).await;
    let app = Configured::of(&github).start(Database::Sqlite).await;
    let register = "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT20S\"}) \
                    {sync {state} userErrors {message code}}}";
    let registered = app.run(register, json!({"target": github.blob("shop", "catalog-info.yaml")})).await;
    assert_eq!(registered["registerLocation"], json!({"sync": {"state": "SUCCEEDED"}, "userErrors": []}));
    assert_eq!(components(&app).await, ["shop"]);
    app.run(register, json!({"target": github.blob("none", "catalog-info.yaml")})).await;
    let message = problem(&app).await;
    assert!(message.contains("is not there, or the token of `integrations.github`"), "{message}");
}
