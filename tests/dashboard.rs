//! The page of `deploy/dashboard` in a real browser, put together and served as `make dashboard` does.

mod browser;
mod restart;
mod rights;
mod view;

use std::{
    net::TcpListener,
    process::{Child, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use serde_json::{Value, json};
use tokio::process::Command;

use self::browser::Browser;
use crate::{
    app::{App, Database, component, repository},
    script,
};

/// A port that nobody has, and that nobody gets who asks for any: it must outlive a restart of who listens there.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = 20_000 + (offset + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A server, the page that follows it, and the browser that shows it.
struct Dashboard {
    app: App,
    browser: Browser,
    /// Ends when its standard input does.
    _page: Child,
    page: String,
}

impl Dashboard {
    /// All is there, and the browser has opened nothing yet. The server reads `catalog/*.yaml`.
    async fn new(files: &[(&str, &str)], development: bool) -> Self {
        Self::beside("", files, development).await
    }

    /// The same with these locations, too.
    async fn beside(locations: &str, files: &[(&str, &str)], development: bool) -> Self {
        let (mut app, port, page_port) = (App::new(Database::Sqlite).await, port(), port());
        for (name, text) in files {
            app.write(name, text);
        }
        app.configure(&format!("locations: [{{type: file, target: 'catalog/*.yaml'}}{locations}]"));
        let page = format!("http://127.0.0.1:{page_port}");
        let path = app.folder.path().join("app-config.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("127.0.0.1:0", &format!("127.0.0.1:{port}\n  cors: {{origin: '{page}'}}"));
        std::fs::write(path, text.replace("Policy: true", &format!("Policy: {development}"))).unwrap();
        app.start().await;
        let served = served(&app, page_port);
        app.until("the page is there", async |app| app.client().get(&page).send().await.is_ok()).await;
        Self { app, browser: Browser::start().await, _page: served, page }
    }

    /// The same, opened and live.
    async fn live(files: &[(&str, &str)]) -> Self {
        let mut dashboard = Self::new(files, true).await;
        dashboard.open().await;
        dashboard.is("Live").await;
        dashboard
    }

    async fn open(&mut self) {
        self.browser.order(json!({"do": "open", "url": self.page})).await;
    }

    /// Waits until the connection is in this state.
    async fn is(&mut self, state: &str) {
        self.browser.see("#state", state).await;
    }

    /// The references of the cards.
    async fn cards(&mut self) -> Vec<String> {
        let order = json!({"do": "attributes", "selector": ".card", "name": "data-ref"});
        let cards = self.browser.order(order).await;
        serde_json::from_value(cards).unwrap()
    }

    /// The list of changes, the newest first: what happened to which.
    async fn changes(&mut self) -> Vec<(String, String)> {
        let verbs = self.browser.texts(".change .verb").await;
        let references = self.browser.texts(".change .reference").await;
        assert_eq!(verbs.len(), references.len());
        verbs.into_iter().zip(references).collect()
    }

    /// Nothing went wrong, nothing was asked of others, and the page was loaded once.
    async fn was_well(mut self) {
        let report = self.browser.order(json!({"do": "report"})).await;
        assert_eq!(report["faults"], json!([]));
        assert_eq!(report["loads"], 1, "{report}");
        let mut own = [self.page.as_str(), &self.app.url("")].map(|it| it.replace("http://", ""));
        own.sort();
        assert_eq!(report["hosts"], json!(own));
    }
}

fn served(app: &App, port: u16) -> Child {
    let mut command = std::process::Command::new(repository().join("tests/setup/dashboard.sh"));
    command.args(["--server", &app.url(""), "--port", &port.to_string(), "--out"]);
    command.arg(app.folder.path().join("page")).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn titled(name: &str, title: &str) -> String {
    let title = Value::from(title);
    component(name, "").replace(&format!("  name: {name}\n"), &format!("  name: {name}\n  title: {title}\n"))
}

fn reference(name: &str) -> String {
    format!("component:default/{name}")
}

fn change(verb: &str, name: &str) -> (String, String) {
    (verb.to_owned(), reference(name))
}

#[tokio::test]
async fn a_revision_is_applied_as_one_nothing_twice_and_no_address_but_the_webs_is_followed() {
    let seen = script::printed("dashboard-parts.mjs", "").await;
    assert_eq!(
        seen["whole"],
        json!({"before": 0, "after": 150, "told": 150, "revision": 7, "isFirst": true}),
        "{seen}"
    );
    assert_eq!(seen["again"], json!({"added": 0, "changed": 0, "removed": 0}), "{seen}");
    assert_eq!(seen["part"], json!({"told": null, "title": "a", "pending": 1, "cursor": "p1"}), "{seen}");
    assert_eq!(seen["rest"], json!({"changed": ["a", "A"], "removed": ["component:default/b"]}), "{seen}");
    assert_eq!(seen["synced"], json!({"changed": 1}), "{seen}");
    assert_eq!(seen["back"], json!({"added": 0, "changed": 0, "removed": 0, "size": 149}), "{seen}");
    assert_eq!(seen["reset"], json!({"isReset": true, "size": 0, "pending": 0, "revision": null}), "{seen}");
    assert_eq!(seen["anew"], json!({"isFirst": true, "size": 1}), "{seen}");
    let followed = ["http://a.example/", "https://a.example/?b#c", "mailto:a@example.com"];
    assert_eq!(seen["followed"], json!(followed), "{seen}");
    assert_eq!(seen["later"], json!({"told": null, "cursor": "z", "size": 1}), "{seen}");
}

#[tokio::test]
async fn a_copy_to_take_home_holds_the_page_its_client_and_the_servers_address() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(repository().join("tests/setup/dashboard.sh"));
    let made = command.args(["--server", "https://plinth.example.com", "--out"]).arg(folder.path());
    assert!(made.output().await.unwrap().status.success());
    let page = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    assert!(page.contains("connect-src https://plinth.example.com;"), "{page}");
    assert!(page.contains("content=\"https://plinth.example.com/graphql\""), "{page}");
    assert!(!page.contains("127.0.0.1"), "{page}");
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.is_symlink(), "{}", path.display());
    }
    for name in ["graphql-sse.js", "graphql-sse.LICENSE.md", "dashboard.js", "dashboard.css", "icon.svg"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    for wrong in ["plinth.example.com", "https://a.example/graphql", "https://a.example;script-src *", "https://a|b"] {
        let mut command = Command::new(repository().join("tests/setup/dashboard.sh"));
        let said = command.args(["--server", wrong, "--out"]).arg(folder.path()).output().await.unwrap();
        assert_eq!(said.status.code(), Some(2), "{wrong}");
        assert!(String::from_utf8_lossy(&said.stderr).contains("is no origin"), "{wrong}");
    }
}
