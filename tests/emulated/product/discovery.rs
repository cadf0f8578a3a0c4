//! Providers find repositories. The emulator has them; the list of an organisation, and that it did not change, is the
//! proxy's word.

use serde_json::{Value, json};

use super::{Configured, commit, components, create, locations, problems, refresh, revision, service, tell};
use crate::{
    app::{App, BOTH, component},
    emulated::{GitHub, Repository, Seed},
};

/// Whose page an entity was read from.
async fn target(app: &App, reference: &str) -> String {
    let data = app.data(&format!("{{entity(ref: \"{reference}\") {{source {{location {{target}}}}}}}}")).await;
    data["entity"]["source"]["location"]["target"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn repositories_are_found_by_the_filters() {
    for database in BOTH {
        let has = |repository: Repository| repository.topics(&["catalog"]);
        let deep = Repository::new("deep").file("a/b/catalog-info.yaml", &component("deep", ""));
        let seed = Seed::default().repository(has(service("shop"))).repository(has(deep)).repository(service("other"));
        let seed = seed.repository(has(service("old").archived())).repository(has(service("hidden").private()));
        let seed = seed.repository(has(service("copy").fork())).repository(has(Repository::new("void").empty()));
        let github = GitHub::start(seed.repository(service("no").topics(&["catalog", "no-catalog"]))).await;
        let filters = ", catalogPath: '/**/catalog-info.yaml', filters: {topic: {include: [catalog], exclude: \
                       [no-catalog]}, allowForks: false, visibility: [public]}";
        let app = Configured::of(&github).discovery(filters).start(database).await;
        assert_eq!((components(&app).await, problems(&app).await), (vec!["deep".into(), "shop".into()], Vec::new()));
        let data = app.data("{locations(first: 10) {nodes {type origin}}}").await;
        let mut kinds: Vec<String> =
            data["locations"]["nodes"].as_array().unwrap().iter().map(Value::to_string).collect();
        kinds.sort();
        let (provider, page) = (
            json!({"type": "GITHUB_DISCOVERY", "origin": "CONFIGURATION"}),
            json!({"type": "URL", "origin": "DISCOVERY"}),
        );
        // That of the repository without a commit is one, too.
        let mut expected = [&provider, &page, &page, &page].map(Value::to_string);
        expected.sort();
        assert_eq!(kinds, expected);
    }
}

#[tokio::test]
async fn what_people_do_to_repositories_is_seen_when_github_tells() {
    for database in BOTH {
        let github = GitHub::start(Seed::default().repository(service("shop")).repository(service("billing"))).await;
        let app = Configured::of(&github).discovery("").start(database).await;
        assert_eq!(components(&app).await, ["billing", "shop"]);
        let shown = async |what: &str, names: &[&str]| {
            app.until(what, async |app| components(app).await == names).await;
        };

        assert_eq!(tell(&app, &create(&github, "orders").await).await, 1);
        shown("it is found", &["billing", "orders", "shop"]).await;
        assert_eq!(tell(&app, &commit(&github, "orders", "requests").await).await, 1);
        shown("the push is seen", &["billing", "requests", "shop"]).await;

        tell(&app, &github.archive("billing").await).await;
        shown("the archived one leaves", &["requests", "shop"]).await;
        tell(&app, &github.unarchive("billing").await).await;
        shown("it comes again", &["billing", "requests", "shop"]).await;

        // The provider, and the page under its old name.
        assert_eq!(tell(&app, &github.rename("shop", "market").await).await, 2);
        let page = github.blob("market", "catalog-info.yaml");
        app.until("it has moved", async |app| target(app, "component:shop").await == page).await;
        assert_eq!(components(&app).await, ["billing", "requests", "shop"]);

        tell(&app, &github.delete("orders").await).await;
        shown("the deleted one leaves", &["billing", "shop"]).await;
        // Its page is asked for again, too, and is perhaps found to be empty before the provider is done.
        app.until("so does its page", async |app| locations(app, "URL").await.len() == 2).await;
        app.until("nothing is wrong", async |app| problems(app).await.is_empty()).await;
    }
}

#[tokio::test]
async fn an_unchanged_organisation_is_answered_304_and_writes_nothing() {
    for database in BOTH {
        let github = GitHub::start(Seed::default().repository(service("a")).repository(service("b"))).await;
        let app = Configured::of(&github).discovery("").people().start(database).await;
        assert_eq!(components(&app).await, ["a", "b"]);
        let before = revision(&app).await;
        github.take_exchanges();
        let kinds = ["GITHUB_DISCOVERY", "GITHUB_ORG", "URL"];
        for kind in kinds {
            for location in locations(&app, kind).await {
                assert_eq!(refresh(&app, &location).await["state"], "SUCCEEDED");
            }
        }
        let asked = github.exchanges();
        let of = |part: &str| asked.iter().filter(|it| it.path.contains(part)).count();
        assert_eq!((of("/orgs/acme/repos"), of("/contents/"), of("/orgs/acme/members"), of("/users/")), (1, 2, 1, 3));
        assert!(asked.iter().all(|it| it.status == Some(304)), "{asked:#?}");
        assert_eq!(revision(&app).await, before);
    }
}
