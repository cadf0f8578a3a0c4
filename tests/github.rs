//! A stand-in for GitHub: the answers of the REST interface that Plinth asks for, with a state that tests change.
//!
//! It answers as GitHub's documentation says, where the emulator of npm does not: `ETag` and 304, unknown tokens, pages, rate
//! limits, raw contents, an organisation's repositories, people and teams, an App's installation.

mod discovery;
mod limits;
mod locations;
mod organisation;
mod people;
mod webhooks;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::organisation::Organisation;
use crate::app::{App, Database};

/// A repository's files, and what is told of it.
#[derive(Clone, Default)]
pub(crate) struct Repository {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) archived: bool,
    pub(crate) topics: Vec<String>,
}

/// What is answered instead, once.
#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) message: &'static str,
}

#[derive(Default)]
struct Inner {
    repositories: BTreeMap<String, Repository>,
    requests: Vec<(String, u16)>,
    faults: VecDeque<Fault>,
    organisation: Option<Organisation>,
}

/// GitHub, as far as it is asked here.
#[derive(Clone)]
pub(crate) struct GitHub {
    address: SocketAddr,
    token: String,
    inner: Arc<Mutex<Inner>>,
}

impl GitHub {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token = format!("test-{}", uuid::Uuid::new_v4().simple());
        let github = Self { address: listener.local_addr().unwrap(), token, inner: Arc::default() };
        let app = Router::new().fallback(answer).with_state(github.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        github
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// The URL of a file's page.
    pub(crate) fn page(&self, repository: &str, path: &str) -> String {
        format!("http://{}/acme/{repository}/blob/main/{path}", self.host())
    }

    /// Writes a file to a repository's branch `main`; makes the repository where there is none.
    pub(crate) fn commit(&self, repository: &str, path: &str, text: &str) {
        self.change(repository, |it| drop(it.files.insert(path.to_owned(), text.to_owned())));
    }

    pub(crate) fn change(&self, repository: &str, change: impl FnOnce(&mut Repository)) {
        change(self.inner.lock().unwrap().repositories.entry(repository.to_owned()).or_default());
    }

    pub(crate) fn delete(&self, repository: &str) {
        self.inner.lock().unwrap().repositories.remove(repository);
    }

    pub(crate) fn fail(&self, fault: Fault) {
        self.inner.lock().unwrap().faults.push_back(fault);
    }

    /// What was asked since the last time, and how it was answered.
    pub(crate) fn asked(&self) -> Vec<(String, u16)> {
        std::mem::take(&mut self.inner.lock().unwrap().requests)
    }

    /// A server that knows this GitHub: with these locations, and these keys under `catalog.providers.github`.
    pub(crate) async fn app(&self, database: Database, locations: &[String], provider: &str) -> App {
        let mut app = App::new(database).await;
        self.configure(&app, locations, provider);
        app.start().await;
        app
    }

    pub(crate) fn configure(&self, app: &App, locations: &[String], provider: &str) {
        let locations: Vec<_> = locations.iter().map(|it| format!("{{type: url, target: '{it}'}}")).collect();
        app.configure(&format!("locations: [{}]", locations.join(", ")));
        let host = self.host();
        app.write(
            "app-config.local.yaml",
            &format!(
                "integrations:\n  github: [{{host: '{host}', apiBaseUrl: 'http://{host}', token: {}}}]\nevents: \
                 {{modules: {{github: {{webhookSecret: {}}}}}}}\ncatalog:\n  providers: {{github: {{{provider}}}}}\n",
                self.token,
                self.secret()
            ),
        );
    }

    /// A provider of the organisation with these further keys.
    pub(crate) fn provider(&self, more: &str) -> String {
        format!("acme: {{host: '{}', organization: acme{more}}}", self.host())
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What signs webhooks.
    pub(crate) fn secret(&self) -> String {
        format!("secret-of-{}", self.token)
    }

    fn repository(&self, name: &str) -> Option<Repository> {
        self.inner.lock().unwrap().repositories.get(name).cloned()
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        if !self.admits(path, headers) {
            return (StatusCode::UNAUTHORIZED, json!({"message": "Bad credentials"}).to_string()).into_response();
        }
        if let Some(Fault { status, headers, message }) = self.inner.lock().unwrap().faults.pop_front() {
            let mut response = json!({"message": message}).to_string().into_response();
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            return response;
        }
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let found = match segments.as_slice() {
            ["orgs", "acme", "repos"] => Some(self.repositories().to_string()),
            ["repos", "acme", name, "contents", path @ ..] => {
                self.repository(name).and_then(|it| it.files.get(&path.join("/")).cloned())
            }
            ["repos", "acme", name, "git", "trees", "main"] => self.repository(name).map(|it| tree(&it).to_string()),
            other => self.organised(other),
        };
        let Some(body) = found else {
            return (StatusCode::NOT_FOUND, json!({"message": "Not Found"}).to_string()).into_response();
        };
        let etag = format!("\"{:x}\"", HexOf(Sha256::digest(body.as_bytes()).as_slice()));
        if headers.get(header::IF_NONE_MATCH).is_some_and(|it| it == &etag) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
        }
        let limits = [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "4999")];
        ([(header::ETAG, etag)], limits, body).into_response()
    }

    fn repositories(&self) -> Value {
        let inner = self.inner.lock().unwrap();
        let all = inner.repositories.iter().map(|(name, it)| {
            json!({
                "name": name, "full_name": format!("acme/{name}"), "default_branch": "main", "archived": it.archived,
                "fork": false, "visibility": "private", "private": true, "topics": it.topics,
            })
        });
        all.collect()
    }
}

/// Bytes as hexadecimal digits.
struct HexOf<'a>(&'a [u8]);

impl std::fmt::LowerHex for HexOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn tree(repository: &Repository) -> Value {
    let entry = |path: &String| json!({"path": path, "type": "blob", "mode": "100644", "sha": "0", "size": 1});
    json!({"sha": "0", "truncated": false, "tree": repository.files.keys().map(entry).collect::<Vec<_>>()})
}

async fn answer(State(github): State<GitHub>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let response = github.answer(&path, request.headers());
    github.inner.lock().unwrap().requests.push((path, response.status().as_u16()));
    response
}

/// A component's document.
pub(crate) fn component(name: &str, more: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}{more}}}\nspec: {{type: service, \
         lifecycle: production, owner: team-a}}\n"
    )
}

/// The names of all components, in order.
pub(crate) async fn components(app: &App) -> Vec<String> {
    let data = app.data("{entities(filter: {kind: {eq: \"Component\"}}) {nodes {name}}}").await;
    let nodes = data["entities"]["nodes"].as_array().unwrap();
    nodes.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// The codes of all problems.
pub(crate) async fn problems(app: &App) -> Vec<String> {
    let data = app.data("{catalogProblems {nodes {code}}}").await;
    let nodes = data["catalogProblems"]["nodes"].as_array().unwrap();
    nodes.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}
