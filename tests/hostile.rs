//! Files made to hurt: each is a clear problem on its location, the server goes on, the rest is served.

use std::{
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use crate::app::{App, Database, component};

/// What is wrong with a file: code, line, and a part of the message; no code means that it is taken.
type Expected = (Option<&'static str>, Option<u32>, &'static str);

fn bomb() -> String {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let above = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", [above.as_str(); 10].join(", ")));
    }
    text
}

fn files() -> Vec<(&'static str, Vec<u8>, Expected)> {
    let named = |name: &str| component(name, "");
    let with = |name: &str, text: &str| component(name, "").replace("spec:\n", &format!("{text}\nspec:\n"));
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    vec![
        ("alias-bomb", bomb().into_bytes(), (Some("LIMIT_EXCEEDED"), Some(4), "more than 10000 nodes")),
        ("deep-flow", deep(100_000).into_bytes(), (Some("LIMIT_EXCEEDED"), Some(1), "deeper than 64")),
        (
            "many-nodes",
            format!("[{}]", "a,".repeat(10_001)).into_bytes(),
            (Some("LIMIT_EXCEEDED"), Some(1), "10000 nodes"),
        ),
        (
            "long-document",
            format!("a: {}\n", "x".repeat(9 << 20)).into_bytes(),
            (Some("LIMIT_EXCEEDED"), Some(1), "bytes"),
        ),
        ("large-file", vec![b'#'; 50 << 20], (Some("LIMIT_EXCEEDED"), None, "larger than 16777216 bytes")),
        ("not-utf8", b"kind: \xff\xfe\n".to_vec(), (Some("MALFORMED"), None, "no UTF-8 text from byte 6 on")),
        ("nul", b"kind: \0\n".to_vec(), (Some("MALFORMED"), Some(1), "")),
        ("bom", format!("\u{feff}{}", named("bom")).into_bytes(), (None, None, "")),
        ("crlf", named("crlf").replace('\n', "\r\n").into_bytes(), (None, None, "")),
        ("duplicate-key", with("duplicate-key", "kind: API").into_bytes(), (Some("MALFORMED"), Some(5), "`kind`")),
        ("tabs", "kind: Component\nmetadata:\n\tname: a\n".into(), (Some("MALFORMED"), Some(3), "tab")),
        ("list", "- a\n- b\n".into(), (Some("MALFORMED"), Some(1), "")),
        ("scalar", "only text\n".into(), (Some("MALFORMED"), Some(1), "")),
        ("unknown-alias", "a: *b\n".into(), (Some("MALFORMED"), Some(1), "")),
        ("tag", "a: !!python/object:os.system x\n".into(), (Some("INVALID"), Some(1), "")),
        ("merge-key", "base: &b {kind: API}\n<<: *b\n".into(), (Some("INVALID"), None, "")),
        ("number-key", "1: a\n".into(), (Some("INVALID"), None, "")),
        ("huge-number", with("huge-number", "x: 1e999999").into_bytes(), (Some("INVALID"), Some(5), "`x`")),
        ("control", "metadata: {name: \"\\u0000\"}\n".into(), (Some("INVALID"), Some(1), "")),
        ("empty", Vec::new(), (None, None, "")),
        ("nulls", b"---\n---\n~\n---\nnull\n".to_vec(), (None, None, "")),
    ]
}

#[tokio::test]
async fn each_hostile_file_is_a_problem_and_the_rest_is_served() {
    let mut app = App::new(Database::Sqlite).await;
    app.write("catalog/good.yaml", &component("good", ""));
    let files = files();
    for (name, content, _) in &files {
        std::fs::write(app.folder.path().join(format!("catalog/{name}.yaml")), content).unwrap();
    }
    app.configure("locations: [{type: file, target: 'catalog/*.yaml'}]");
    app.start().await;
    let query = "{entity(ref: \"component:good\") {name} catalogProblems(first: 100) {nodes {code severity message file line location {id}}}}";
    let data = app.data(query).await;
    assert_eq!(data["entity"]["name"], "good");
    let problems = data["catalogProblems"]["nodes"].as_array().unwrap();
    let mut wrong = String::new();
    for (name, _, (code, line, part)) in files {
        let file = format!("catalog/{name}.yaml");
        let first = problems.iter().find(|it| it["file"].as_str().unwrap().ends_with(&file)).unwrap_or(&Value::Null);
        let is_right = match code {
            None => first.is_null(),
            Some(code) => {
                (&first["code"], &first["severity"]) == (&json!(code), &json!("ERROR"))
                    && (line.is_none() || first["line"] == json!(line))
                    && first["message"].as_str().unwrap().contains(part)
                    && first["location"]["id"].is_string()
            }
        };
        if !is_right {
            wrong.push_str(&format!("{name}: {first}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for name in ["bom", "crlf"] {
        assert!(
            !app.data(&format!("{{entity(ref: \"component:{name}\") {{name}}}}")).await["entity"].is_null(),
            "{name}"
        );
    }
    assert!(app.stop().success());
}

#[tokio::test]
async fn a_link_out_of_the_locations_folder_is_not_followed_and_one_within_is() {
    let mut app = App::new(Database::Sqlite).await;
    app.write("outside/secret.yaml", &component("secret", ""));
    app.write("catalog/real/inside.txt", &component("inside", ""));
    let catalog = app.folder.path().join("catalog");
    symlink(app.folder.path().join("outside/secret.yaml"), catalog.join("leak.yaml")).unwrap();
    symlink(app.folder.path().join("outside"), catalog.join("folder")).unwrap();
    symlink("real/inside.txt", catalog.join("link.yaml")).unwrap();
    symlink("loop.yaml", catalog.join("loop.yaml")).unwrap();
    app.configure("locations: [{type: file, target: 'catalog/**/*.yaml'}]");
    app.start().await;
    let data = app.data("{entities {nodes {name}} catalogProblems {nodes {code message file}}}").await;
    assert_eq!(data["entities"]["nodes"], json!([{"name": "inside"}]));
    let problems = data["catalogProblems"]["nodes"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    for (problem, text) in problems.iter().zip(["leads out of the location's folder", "symbolic links"]) {
        assert_eq!(problem["code"], "UNREADABLE");
        assert!(problem["message"].as_str().unwrap().contains(text), "{problem}");
    }
}

/// Ends the writer also when the test fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_never_leaves_while_its_file_is_being_saved() {
    let app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let location = app.data("{locations {nodes {id}}}").await["locations"]["nodes"][0]["id"].clone();
    let (file, text) = (app.folder.path().join("catalog/a.yaml"), component("a", ""));
    let stop = AtomicBool::new(false);
    let refresh = "mutation($input: RefreshLocationInput!) {refreshLocation(input: $input) {sync {state removed}}}";
    std::thread::scope(|scope| {
        // An editor that truncates and writes, over and over.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                std::fs::write(&file, "").unwrap();
                std::fs::write(&file, &text).unwrap();
            }
        });
        let stopped = StopOnDrop(&stop);
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..20 {
                    let input = json!({"input": {"locationId": location, "wait": "PT20S"}});
                    let done = app.run(refresh, input).await;
                    assert_eq!(done["refreshLocation"]["sync"]["removed"], 0, "{done}");
                }
            });
        });
        drop(stopped);
    });
    assert!(!app.data("{entity(ref: \"component:a\") {name}}").await["entity"].is_null());
}
