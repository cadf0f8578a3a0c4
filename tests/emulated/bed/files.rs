//! Files, trees, old names, and who may see them.

use serde_json::json;

use super::{get, header, json, names};
use crate::emulated::{By, GitHub, Repository, Seed, TOKEN};

const TEXT: &str = "kind: Component # ein Wörtchen\n";

#[tokio::test]
async fn the_emulator_shows_files_raw_and_in_trees() {
    let repository = Repository::new("a").default_branch("trunk").file("catalog-info.yaml", TEXT);
    let repository = repository.file("deep/er/catalog-info.yaml", "").file_on("side", "catalog-info.yaml", "side");
    let github = GitHub::start(Seed::default().repository(repository)).await;
    let raw = Some(("accept", "application/vnd.github.raw+json"));
    for (query, text) in [("", TEXT), ("?ref=trunk", TEXT), ("?ref=side", "side")] {
        let at = format!("/repos/acme/a/contents/catalog-info.yaml{query}");
        let answer = get(&github, Some(TOKEN), &at, raw).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, text), "{query}");
    }
    let (_, file) = json(&github, "/repos/acme/a/contents/catalog-info.yaml").await;
    let (_, tree) = json(&github, "/repos/acme/a/git/trees/trunk?recursive=1").await;
    let mut paths = names(&tree["tree"], "path");
    paths.sort_unstable();
    assert_eq!(paths, ["README.md", "catalog-info.yaml", "deep", "deep/er", "deep/er/catalog-info.yaml"]);
    let entry = tree["tree"].as_array().unwrap().iter().find(|it| it["path"] == "catalog-info.yaml").unwrap();
    assert_eq!((&tree["truncated"], &entry["sha"]), (&json!(false), &file["sha"]));
    let head = github.head("a", "trunk").await.unwrap();
    assert_eq!(json(&github, &format!("/repos/acme/a/git/trees/{head}?recursive=1")).await.1["sha"], tree["sha"]);
    assert_eq!(json(&github, "/repos/acme/a").await.1["default_branch"], "trunk");
    assert_eq!(json(&github, "/repos/acme/a/contents/missing.yaml").await.0, 404);
    assert!(github.exchanges().iter().all(|it| it.by == By::Emulator), "{:#?}", github.exchanges());
}

#[tokio::test]
async fn the_proxy_answers_304_until_a_file_changes() {
    let github = GitHub::start(Seed::default().repository(Repository::new("a").file("x", "1"))).await;
    let at = "/repos/acme/a/git/trees/main?recursive=1";
    let first = get(&github, Some(TOKEN), at, None).await.unwrap();
    let tag = header(&first, "etag");
    assert!(tag.starts_with('"') && tag.len() == 66, "{tag}");
    for has in [tag.clone(), format!("\"other\", {tag}")] {
        let again = get(&github, Some(TOKEN), at, Some(("if-none-match", &has))).await.unwrap();
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.clone()));
        assert_eq!(header(&again, "x-ratelimit-remaining"), header(&first, "x-ratelimit-remaining"), "it is free");
        assert_eq!(again.text().await.unwrap(), "");
    }
    github.commit("a", "main", &[("x", Some("2"))]).await;
    let changed = get(&github, Some(TOKEN), at, Some(("if-none-match", &tag))).await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(header(&changed, "etag"), tag);
    let seen: Vec<_> = github.exchanges().iter().map(|it| (it.path.clone(), it.status)).collect();
    assert_eq!(
        seen,
        [200, 304, 304, 200].map(|status| (at.to_owned(), Some(status))),
        "the test's own changes do not count"
    );
}

#[tokio::test]
async fn the_proxy_leads_old_names_on_and_says_what_is_gone_empty_or_cut() {
    let seed =
        Seed::default().repository(Repository::new("old").file("x", "1")).repository(Repository::new("void").empty());
    let github = GitHub::start(seed.repository(Repository::new("doomed"))).await;
    github.rename("old", "new").await;
    github.delete("doomed").await;
    let moved = get(&github, Some(TOKEN), "/repos/acme/old/contents/x?ref=main", None).await.unwrap();
    assert_eq!(moved.status(), 301);
    let to = header(&moved, "location").replace(github.url(), "");
    assert!(to.starts_with("/repositories/") && to.ends_with("/contents/x?ref=main"), "{to}");
    assert_eq!(json(&github, &to).await.1["name"], "x");
    let to = header(&get(&github, Some(TOKEN), "/repos/acme/old", None).await.unwrap(), "location")
        .replace(github.url(), "");
    assert_eq!(json(&github, &to).await.1["full_name"], "acme/new");
    assert_eq!(json(&github, "/repos/acme/doomed").await.0, 404);
    let void = json(&github, "/repos/acme/void/git/trees/main?recursive=1").await;
    assert_eq!((void.0, &void.1["message"]), (409, &json!("Git Repository is empty.")));
    let void = json(&github, "/repos/acme/void/contents/x").await;
    assert_eq!((void.0, &void.1["message"]), (404, &json!("This repository is empty.")));
    github.truncate_trees(1);
    let (_, tree) = json(&github, "/repos/acme/new/git/trees/main?recursive=1").await;
    assert_eq!((names(&tree["tree"], "path"), &tree["truncated"]), (vec!["README.md"], &json!(true)));
}

#[tokio::test]
async fn the_proxy_is_the_host_of_raw_files() {
    let github = GitHub::start(Seed::default().repository(Repository::new("a").private().file("b/c.yaml", TEXT))).await;
    let at = format!("{}/acme/a/main/b/c.yaml", github.raw_url().replace(github.url(), ""));
    let answer = get(&github, Some(TOKEN), &at, None).await.unwrap();
    assert_eq!(header(&answer, "content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.text().await.unwrap(), TEXT);
    assert_eq!(get(&github, None, &at, None).await.unwrap().status(), 404);
    assert_eq!(get(&github, Some(TOKEN), "/raw/acme/a/main/none", None).await.unwrap().status(), 404);
    assert_eq!(github.blob("a", "b/c.yaml"), format!("http://{}/acme/a/blob/main/b/c.yaml", github.host()));
}

#[tokio::test]
async fn the_proxy_refuses_unknown_tokens_and_hides_what_one_may_not_see() {
    let seed = Seed::default().repository(Repository::new("open")).repository(Repository::new("secret").private());
    let github = GitHub::start(seed).await;
    for (token, path, status) in [
        (Some("token-of-nobody"), "/repos/acme/open", 401),
        (Some(TOKEN), "/repos/acme/secret", 200),
        (None, "/repos/acme/secret", 404),
        (None, "/repos/acme/open", 200),
    ] {
        let answer = get(&github, token, path, None).await.unwrap();
        assert_eq!(answer.status(), status, "{token:?} {path}");
        assert_eq!(header(&answer, "x-ratelimit-limit"), if token.is_some() { "5000" } else { "60" });
        assert!(!header(&answer, "x-github-request-id").is_empty());
    }
    github.hide("open").await;
    assert_eq!(get(&github, None, "/repos/acme/open", None).await.unwrap().status(), 404);
    github.revoke(Some(TOKEN));
    assert_eq!(
        json(&github, "/repos/acme/open").await,
        (
            401,
            json!({
                "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401",
            })
        )
    );
    let nameless = github.proxy.client().get(github.url()).send().await.unwrap();
    assert_eq!(nameless.status(), 403, "GitHub wants to know the program's name");
    let tokens: Vec<_> = github.take_exchanges().into_iter().filter_map(|it| it.token).collect();
    assert_eq!(tokens, ["token-of-nobody", TOKEN, TOKEN]);
    assert!(github.exchanges().is_empty());
}
