//! Files, by their pages and by wildcards.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::fake::{Fake, Served};
use crate::{Error, Result, host::MOST_BYTES};

const TREE: &str = "/repos/acme/shop/git/trees";

fn tree(rows: &[(&str, &str, &str)], truncated: bool) -> Value {
    let rows: Value = rows.iter().map(|(path, kind, sha)| json!({"path": path, "type": kind, "sha": sha})).collect();
    json!({"sha": "0", "tree": rows, "truncated": truncated})
}

async fn search(fake: &Fake, page: &str) -> Result<Vec<String>> {
    let github = fake.client();
    let found = github.search(&fake.place(&github, page), &fake.url(page)).await?;
    Ok(found.into_iter().map(|it| it.path().to_owned()).collect())
}

#[tokio::test]
async fn a_folder_or_a_submodule_is_no_content_and_a_file_of_json_is() {
    let fake = Fake::start().await;
    let github = fake.client();
    let entry = |kind: &str| json!({"type": kind, "path": "docs/a", "sha": "0", "name": "a", "url": "x"});
    let read = async |value: &Value| {
        fake.json("/repos/acme/shop/contents/docs?ref=main", value);
        github.read(&fake.place(&github, "/acme/shop/tree/main/docs")).await
    };
    for (value, expected) in [
        (json!([entry("file"), entry("dir")]), "a folder"),
        (entry("dir"), "a folder"),
        (entry("submodule"), "a submodule"),
        (entry("symlink"), "a link"),
    ] {
        let error = read(&value).await.unwrap_err();
        let message = format!("`/repos/acme/shop/contents/docs` is {expected}");
        assert!(!error.is_missing() && error.to_string().contains(&message), "{error}");
    }
    // Hosts that do not know how to give a file as it is.
    let mut encoded = entry("file");
    encoded["encoding"] = "base64".into();
    encoded["content"] = format!("{}\n", STANDARD.encode("kind: API")).into();
    assert_eq!(&*read(&encoded).await.unwrap(), b"kind: API");
    for value in [json!([]), json!({"openapi": "3.1.0"}), json!([{"type": "file"}]), json!(1)] {
        assert_eq!(&*read(&value).await.unwrap(), value.to_string().as_bytes());
    }
    // Told to be a file, it is one, whatever it looks like.
    let listing = json!([entry("file")]).to_string();
    fake.serve("/repos/acme/shop/contents/docs?ref=main", Served::file(&listing));
    assert_eq!(&*github.read(&fake.place(&github, "/acme/shop/tree/main/docs")).await.unwrap(), listing.as_bytes());
}

#[tokio::test]
async fn a_file_that_is_too_large_is_told_with_the_limit() {
    let fake = Fake::start().await;
    let github = fake.client();
    let place = fake.place(&github, "/acme/shop/blob/main/a.yaml");
    let path = "/repos/acme/shop/contents/a.yaml?ref=main";
    fake.serve(path, Served::file(&"x".repeat(MOST_BYTES)));
    assert_eq!(github.read(&place).await.unwrap().len(), MOST_BYTES);
    fake.serve(path, Served::file(&"x".repeat(MOST_BYTES + 1)));
    let error = github.read(&place).await.unwrap_err();
    assert!(matches!(error, Error::Egress(plinth_egress::Error::TooLarge { .. })), "{error}");
    assert!(error.to_string().contains("a.yaml` is larger than 16777216 bytes"), "{error}");
}

#[tokio::test]
async fn a_reference_in_full_is_asked_for_in_full_and_stays_so() {
    let fake = Fake::start().await;
    let github = fake.client();
    for (written, asked) in [("refs/heads/main", "refs%2Fheads%2Fmain"), ("refs/tags/v1", "refs%2Ftags%2Fv1")] {
        fake.serve(&format!("/repos/acme/shop/contents/b/a.yaml?ref={asked}"), Served::file("one"));
        fake.json(&format!("{TREE}/{asked}?recursive=1"), &tree(&[("b/a.yaml", "blob", "1")], false));
        let page = format!("/acme/shop/blob/{written}/b/a.yaml");
        assert_eq!(&*github.read(&fake.place(&github, &page)).await.unwrap(), b"one");
        assert_eq!(search(&fake, &format!("/acme/shop/blob/{written}/*/a.yaml")).await.unwrap(), [page]);
    }
}

#[tokio::test]
async fn wildcards_find_files_in_the_form_of_the_url_and_nothing_hidden() {
    let fake = Fake::start().await;
    let rows = [
        ("catalog-info.yaml", "blob", "a"),
        ("services", "tree", "b"),
        ("services/a/catalog-info.yaml", "blob", "c"),
        ("services/b/catalog-info.yaml", "tree", "d"),
        ("services/.hidden/catalog-info.yaml", "blob", "e"),
        (".catalog-info.yaml", "blob", "e"),
        ("vendor", "commit", "f"),
    ];
    fake.json(&format!("{TREE}/main?recursive=1"), &tree(&rows, false));
    for (page, expected) in [
        (
            "/blob/main/**/catalog-info.yaml",
            &["/blob/main/catalog-info.yaml", "/blob/main/services/a/catalog-info.yaml"][..],
        ),
        ("/tree/main/services/*/*.yaml", &["/tree/main/services/a/catalog-info.yaml"]),
        ("/blob/main/services/.*/*.yaml", &["/blob/main/services/.hidden/catalog-info.yaml"]),
        ("/blob/main/*.yaml", &["/blob/main/catalog-info.yaml"]),
        ("/blob/main/{C,c}atalog-info.yaml", &["/blob/main/catalog-info.yaml"]),
        ("/blob/main/none*", &[]),
    ] {
        let expected: Vec<String> = expected.iter().map(|it| format!("/acme/shop{it}")).collect();
        assert_eq!(search(&fake, &format!("/acme/shop{page}")).await.unwrap(), expected, "{page}");
    }
    let error = search(&fake, "/acme/shop/blob/main/[z-a]*").await.unwrap_err();
    assert!(matches!(error, Error::Glob { .. }), "{error}");
    fake.fail(Served::fault(409, "Git Repository is empty."));
    assert_eq!(search(&fake, "/acme/shop/tree/main/*.yaml").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_tree_that_is_cut_is_walked_only_where_the_wildcard_leads() {
    let fake = Fake::start().await;
    let root = [("services", "tree", "s"), ("docs", "tree", "d"), (".git", "tree", "g"), ("a.yaml", "blob", "x")];
    fake.json(&format!("{TREE}/main?recursive=1"), &tree(&root, true));
    fake.json(&format!("{TREE}/main"), &tree(&root, false));
    fake.json(&format!("{TREE}/s?recursive=1"), &tree(&[], true));
    fake.json(&format!("{TREE}/s"), &tree(&[("a", "tree", "sa"), ("b", "tree", "sb"), (".c", "tree", "sc")], false));
    let whole = [("x.yaml", "blob", "1"), ("sub", "tree", "2"), ("sub/y.yaml", "blob", "3")];
    fake.json(&format!("{TREE}/sa?recursive=1"), &tree(&whole, false));
    fake.json(&format!("{TREE}/sb?recursive=1"), &tree(&[("z.yaml", "blob", "4")], false));
    let found = search(&fake, "/acme/shop/tree/main/services/**/*.yaml").await.unwrap();
    let expected = ["services/a/sub/y.yaml", "services/a/x.yaml", "services/b/z.yaml"];
    assert_eq!(found, expected.map(|it| format!("/acme/shop/tree/main/{it}")));
    let mut asked: Vec<String> =
        fake.asked().iter().map(|it| it.replace(TREE, "").replace("?recursive=1", "!")).collect();
    asked.sort();
    assert_eq!(asked, ["200 /main", "200 /main!", "200 /s", "200 /s!", "200 /sa!", "200 /sb!"]);
    fake.json(&format!("{TREE}/s"), &tree(&[], true));
    let error = search(&fake, "/acme/shop/tree/main/services/**/*.yaml").await.unwrap_err().to_string();
    assert!(error.contains("`services/` holds more files than GitHub tells of"), "{error}");
    let names: Vec<String> = (0..200).map(|it| format!("f{it}")).collect();
    let many: Vec<(&str, &str, &str)> = names.iter().map(|it| (it.as_str(), "tree", "e")).collect();
    fake.json(&format!("{TREE}/main"), &tree(&many, false));
    fake.json(&format!("{TREE}/e?recursive=1"), &tree(&[], false));
    let error = search(&fake, "/acme/shop/tree/main/**/*.yaml").await.unwrap_err().to_string();
    assert!(error.contains("more than 200 folders; begin it with the name of one"), "{error}");
}

#[tokio::test]
async fn what_a_document_names_is_resolved_as_backstage_does() {
    let fake = Fake::start().await;
    let github = fake.client();
    let document = fake.url("/acme/shop/blob/main/a/b.yaml?x#y");
    for (target, expected) in [
        ("/c.yaml", "/acme/shop/tree/main/c.yaml"),
        ("./c.yaml", "/acme/shop/tree/main/a/c.yaml"),
        ("c d/*.yaml", "/acme/shop/tree/main/a/c%20d/*.yaml"),
        ("../c.yaml", "/acme/shop/tree/main/c.yaml"),
        // Out of the repository it stays what it is.
        ("../../other/c.yaml", "/acme/shop/blob/other/c.yaml"),
        ("../../../../secrets/blob/main/c.yaml", "/acme/secrets/blob/main/c.yaml"),
    ] {
        assert_eq!(github.resolve(&document, target), Some(fake.url(expected)), "{target}");
    }
    let whole = "https://example.com/c.yaml";
    assert_eq!(github.resolve(&document, whole).map(String::from).as_deref(), Some(whole));
    assert_eq!(github.resolve(&"https://example.com/a.yaml".parse().unwrap(), "/c.yaml"), None);
    let full = fake.url("/acme/shop/edit/refs/heads/main/a.yaml");
    let expected = fake.url("/acme/shop/tree/refs/heads/main/c.yaml");
    assert_eq!(github.resolve(&full, "/c.yaml"), Some(expected));
    // Both are read.
    fake.serve("/repos/acme/shop/contents/c.yaml?ref=main", Served::file("one"));
    for form in ["tree", "blob", "raw", "edit"] {
        let place = fake.place(&github, &format!("/acme/shop/{form}/main/c.yaml"));
        assert_eq!(&*github.read(&place).await.unwrap(), b"one");
    }
}
