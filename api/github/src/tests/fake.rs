//! A server like GitHub's: with `ETag`s, faults on demand, and a memory of what it was asked.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::DateTime;
use plinth_egress::Limits;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{App, AppKey, GitHub, Integration, Place, Secret, host::Times, key};

/// A request as it came, and how it was answered.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: String,
    /// The header that makes it conditional.
    pub(super) condition: Option<HeaderName>,
    pub(super) status: u16,
}

/// An answer.
#[derive(Clone)]
pub(super) struct Served {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

#[derive(Default)]
struct Memory {
    served: BTreeMap<String, VecDeque<Served>>,
    faults: VecDeque<Served>,
    seen: Vec<Seen>,
    /// Tokens of installations that were given out, the last of which are accepted.
    tokens: Vec<String>,
    /// How long a token is good for.
    good_for: Duration,
    is_silent: bool,
    is_revoking: bool,
}

/// The server, and what a client needs to know of it.
#[derive(Clone)]
pub(super) struct Fake {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
}

// === impl Served ===

impl Served {
    pub(super) fn json(value: &Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Self { status: 200, headers, body: value.to_string().into_bytes() }
    }

    pub(super) fn file(text: &str) -> Self {
        let headers = vec![("content-type", "application/vnd.github.raw+json; charset=utf-8".to_owned())];
        Self { status: 200, headers, body: text.into() }
    }

    pub(super) fn fault(status: u16, message: &str) -> Self {
        Self { status, ..Self::json(&json!({"message": message})) }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a next page.
    pub(super) fn next(self, url: &str) -> Self {
        self.with("link", &format!("<{url}>; rel=\"next\", <http://x/last>; rel=\"last\""))
    }

    fn response(&self, asked: &HeaderMap) -> Response {
        let mut hash = Sha256::new();
        hash.update(format!("{:?}", self.headers));
        hash.update(&self.body);
        // As with GitHub each token has its own.
        hash.update(asked.get(header::AUTHORIZATION).map_or(&b""[..], |it| it.as_bytes()));
        let digits: String = hash.finalize().iter().map(|it| format!("{it:02x}")).collect();
        let mut headers: HeaderMap =
            self.headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let status = StatusCode::from_u16(self.status).unwrap();
        if !status.is_success() {
            return (status, headers, self.body.clone()).into_response();
        }
        headers.insert(header::ETAG, format!("\"{digits}\"").parse().unwrap());
        let is_as_of =
            |name: HeaderName| asked.contains_key(&name) && asked.get(name) == headers.get(header::LAST_MODIFIED);
        let is_same = match asked.get(header::IF_NONE_MATCH) {
            Some(etag) => headers.get(header::ETAG) == Some(etag),
            None => is_as_of(header::IF_MODIFIED_SINCE),
        };
        if is_same {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (status, headers, self.body.clone()).into_response()
    }
}

// === impl Fake ===

impl Fake {
    pub(super) async fn start() -> Self {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let memory = Memory { good_for: Duration::from_secs(3_600), ..Memory::default() };
        let fake = Self { address, memory: Arc::new(Mutex::new(memory)) };
        let app = axum::Router::new().fallback(answer).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fake
    }

    fn change<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.memory.lock().unwrap())
    }

    /// What is at a path from now on.
    pub(super) fn serve(&self, path: &str, served: Served) {
        self.serve_each(path, [served]);
    }

    /// What is at a path the first time, the second time, and so on; the last one stays.
    pub(super) fn serve_each(&self, path: &str, served: impl IntoIterator<Item = Served>) {
        self.change(|it| it.served.insert(path.to_owned(), served.into_iter().collect()));
    }

    pub(super) fn json(&self, path: &str, value: &Value) {
        self.serve(path, Served::json(value));
    }

    /// What is answered next, whatever is asked.
    pub(super) fn fail(&self, fault: Served) {
        self.change(|it| it.faults.push_back(fault));
    }

    pub(super) fn tokens_are_good_for(&self, time: Duration) {
        self.change(|it| it.good_for = time);
    }

    /// No token that was given out so far is accepted any more.
    pub(super) fn revoke(&self) {
        self.change(|it| it.tokens.clear());
    }

    /// Nothing is accepted that is given out.
    pub(super) fn revoke_all(&self) {
        self.change(|it| {
            it.tokens.clear();
            it.is_revoking = true;
        });
    }

    /// It never answers.
    pub(super) fn be_silent(&self) {
        self.change(|it| it.is_silent = true);
    }

    /// What was asked since the last time.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.change(|it| std::mem::take(&mut it.seen))
    }

    /// The same as `status path`.
    pub(super) fn asked(&self) -> Vec<String> {
        self.seen().into_iter().map(|it| format!("{} {}", it.status, it.path)).collect()
    }

    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// With a token.
    pub(super) fn integration(&self) -> Integration {
        Integration {
            host: self.host(),
            api: format!("http://{}", self.address).parse().unwrap(),
            token: Some(Secret::new("hunter2".to_owned())),
            apps: Vec::new(),
        }
    }

    /// With this App and no token.
    pub(super) fn with_app(&self) -> Integration {
        Integration { token: None, apps: vec![app(12)], ..self.integration() }
    }

    pub(super) fn client(&self) -> GitHub {
        GitHub::new(vec![self.integration()]).unwrap()
    }

    pub(super) fn client_within(&self, time: Duration) -> GitHub {
        GitHub::with(vec![self.integration()], &Limits { time, ..Limits::default() }, Times::default()).unwrap()
    }

    pub(super) fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    pub(super) fn place(&self, github: &GitHub, path: &str) -> Place {
        github.find(&self.url(path)).unwrap()
    }
}

/// An App for all owners.
pub(super) fn app(id: u64) -> App {
    App {
        id,
        client_id: None,
        client_secret: None,
        key: AppKey::from_pem(&key::tests::pem()).unwrap(),
        webhook_secret: None,
        allowed_owners: None,
        has_public_access: false,
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    match fake.change(|it| it.answer(&request)) {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

// === impl Memory ===

impl Memory {
    fn answer(&mut self, request: &Request) -> Option<Response> {
        let (path, headers) = (request.uri().to_string(), request.headers());
        let authorization = headers.get(header::AUTHORIZATION).map_or("", |it| it.to_str().unwrap()).to_owned();
        let response = (!self.is_silent).then(|| self.response(&path, &authorization, headers));
        self.seen.push(Seen {
            method: request.method().to_string(),
            path,
            authorization,
            condition: [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
                .into_iter()
                .find(|it| headers.contains_key(it)),
            status: response.as_ref().map_or(0, |it| it.status().as_u16()),
        });
        response
    }

    fn response(&mut self, path: &str, authorization: &str, headers: &HeaderMap) -> Response {
        if let Some(fault) = self.faults.pop_front() {
            return fault.response(headers);
        }
        if let Some(id) = path.strip_prefix("/app/installations/").and_then(|it| it.strip_suffix("/access_tokens")) {
            return self.give(id).response(headers);
        }
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        let is_refused = token.starts_with("token-") && !self.tokens.iter().any(|it| it == token);
        if token == "none" || is_refused {
            return Served::fault(401, "Bad credentials").response(headers);
        }
        // What one installation may see, and no other.
        let own = token.split('-').nth(1).map(|id| format!("{id} {path}"));
        let path = own.filter(|it| self.served.contains_key(it)).unwrap_or_else(|| path.to_owned());
        match self.served.get_mut(&path) {
            Some(served) if served.len() > 1 => served.pop_front().unwrap().response(headers),
            Some(served) => served[0].response(headers),
            None => Served::fault(404, "Not Found").response(headers),
        }
    }

    fn give(&mut self, id: &str) -> Served {
        if !self.served.contains_key("/app/installations?per_page=100") {
            return Served::fault(404, "Not Found");
        }
        let token = format!("token-{id}-{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos());
        let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + self.good_for;
        let until = DateTime::from_timestamp(i64::try_from(until.as_secs()).unwrap(), 0).unwrap();
        if !self.is_revoking {
            self.tokens.push(token.clone());
        }
        Served { status: 201, ..Served::json(&json!({"token": token, "expires_at": until.to_rfc3339()})) }
    }
}
