//! The proxy before the emulator: conditional answers, limits, credentials, faults, and a list of what was asked.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, Method, Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    PATIENCE, TOKEN, answers, client,
    faults::Fault,
    limits::Limits,
    messages::{Answer, Asked, Cut},
    seed::OWNER_TOKEN,
};

/// Bytes of a request; the server sends small ones.
const MAX_REQUEST: usize = 1 << 20;

/// A request as it was answered.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// With the query.
    pub(crate) path: String,
    /// None where the connection was cut before the answer.
    pub(crate) status: Option<u16>,
    pub(crate) by: By,
    /// The token that it came with.
    pub(crate) token: Option<String>,
    /// When it came.
    pub(crate) at: Instant,
}

/// Who made an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Emulator,
    Proxy,
    Fault,
}

/// The proxy, on a port of loopback; it ends with the test's runtime.
pub(super) struct Proxy {
    url: String,
    emulator: OnceLock<String>,
    client: reqwest::Client,
    exchanges: watch::Sender<Vec<Exchange>>,
    running: AtomicUsize,
    peak: AtomicUsize,
    faults: Mutex<Vec<Rule>>,
    limits: Mutex<Limits>,
    known: Mutex<Known>,
}

/// What is to go wrong where, and how often.
struct Rule {
    path: String,
    times: usize,
    fault: Fault,
}

/// What the emulator does not tell.
#[derive(Default)]
pub(super) struct Known {
    tokens: HashSet<String>,
    installation_tokens: HashSet<String>,
    /// Old names of repositories with owner, and their ids.
    pub(super) renamed: HashMap<String, u64>,
    /// Teams and those above them, by id.
    pub(super) parents: BTreeMap<u64, u64>,
    /// Entries of a recursive tree.
    pub(super) longest_tree: Option<usize>,
}

/// Counts a request as running as long as it is there.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

// === impl Proxy ===

impl Proxy {
    pub(super) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let known = Known { tokens: [TOKEN, OWNER_TOKEN].map(str::to_owned).into(), ..Known::default() };
        let proxy = Arc::new(Self {
            url: format!("http://localhost:{}", listener.local_addr().unwrap().port()),
            emulator: OnceLock::new(),
            client: client(),
            exchanges: watch::Sender::default(),
            running: AtomicUsize::default(),
            peak: AtomicUsize::default(),
            faults: Mutex::default(),
            limits: Mutex::new(Limits::ordinary()),
            known: Mutex::new(known),
        });
        tokio::spawn(proxy.clone().accept(listener));
        proxy
    }

    async fn accept(self: Arc<Self>, listener: tokio::net::TcpListener) {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let proxy = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| proxy.clone().serve(request));
                // A connection that was cut, here or there, is an error to it and none to the test.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
            });
        }
    }

    pub(super) fn stand_before(&self, emulator: &str) {
        self.emulator.set(emulator.to_owned()).unwrap();
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.borrow().clone()
    }

    pub(super) fn take_exchanges(&self) -> Vec<Exchange> {
        self.exchanges.send_replace(Vec::new())
    }

    pub(super) async fn until(&self, what: &str, mut enough: impl FnMut(&[Exchange]) -> bool) {
        let mut exchanges = self.exchanges.subscribe();
        let reached = tokio::time::timeout(PATIENCE, exchanges.wait_for(|it| enough(it))).await.is_ok();
        assert!(reached, "it took too long until {what}; asked: {:#?}", self.exchanges());
    }

    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(super) fn fail(&self, path: &str, times: usize, fault: Fault) {
        self.faults.lock().unwrap().push(Rule { path: path.to_owned(), times, fault });
    }

    pub(super) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub(super) fn leave(&self, remaining: u64, renewed: Duration) {
        *self.limits.lock().unwrap() = Limits::new(remaining, remaining, renewed);
    }

    pub(super) fn revoke(&self, token: Option<&str>) {
        self.known(|known| match token {
            Some(token) => drop(known.tokens.remove(token)),
            None => known.installation_tokens.clear(),
        });
    }

    pub(super) fn truncate_trees(&self, entries: usize) {
        self.known(|known| known.longest_tree = Some(entries));
    }

    pub(super) fn known<T>(&self, ask: impl FnOnce(&mut Known) -> T) -> T {
        ask(&mut self.known.lock().unwrap())
    }

    /// One request, from its arrival to the answer's body.
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let at = Instant::now();
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        let _running = Running(&self.running);
        self.peak.fetch_max(running, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(Body::new(body), MAX_REQUEST).await.map_err(|_| Cut)?;
        let asked = Asked::new(parts, body);
        let fault = self.fault(&asked.target());
        if let Some(Fault::Held(gate)) = &fault {
            gate.pass().await;
        }
        let (by, answer) = match fault.as_ref().and_then(Fault::answer) {
            Some(answer) => (By::Fault, answer),
            None => match self.refusal(&asked) {
                Some(refusal) => (By::Proxy, refusal),
                None => answers::answer(&self, &asked).await,
            },
        };
        let answer = self.finish(&asked, answer);
        let status = (!matches!(fault, Some(Fault::Cut))).then_some(answer.status);
        let by = if matches!(fault, Some(Fault::Cut | Fault::HalfBody)) { By::Fault } else { by };
        let (path, token) = (asked.target(), asked.token());
        let exchange = Exchange { method: asked.method, path, status, by, token, at };
        self.exchanges.send_modify(|exchanges| exchanges.push(exchange));
        answer.into_response(fault)
    }

    fn fault(&self, target: &str) -> Option<Fault> {
        let mut rules = self.faults.lock().unwrap();
        let rule = rules.iter_mut().find(|rule| rule.times > 0 && target.contains(&rule.path))?;
        rule.times -= 1;
        Some(rule.fault.clone())
    }

    /// What stands in every answer of GitHub's own.
    fn finish(&self, asked: &Asked, answer: Answer) -> Answer {
        if answer.status >= 500 {
            return answer;
        }
        let answer = answer.conditional(asked);
        let answer = self.limits.lock().unwrap().tell(&asked.token(), answer);
        let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
        answer.header("x-github-request-id", &id).header("vary", "Accept, Authorization, Cookie")
    }

    /// What GitHub refuses whatever is asked for.
    fn refusal(&self, asked: &Asked) -> Option<Answer> {
        if !asked.headers.contains_key("user-agent") {
            let why =
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header";
            return Some(Answer::new(403, "text/plain", why));
        }
        let token = asked.token();
        let is_known = match &token {
            // The emulator checks what an App has signed.
            Some(token) if token.starts_with("eyJ") => true,
            Some(token) => self.known(|it| it.tokens.contains(token) || it.installation_tokens.contains(token)),
            None => true,
        };
        if !is_known {
            return Some(Answer::message(401, "Bad credentials"));
        }
        let is_spent = self.limits.lock().unwrap().left(&token) == 0;
        is_spent.then(|| Answer::message(403, "API rate limit exceeded for user ID 1."))
    }

    /// The emulator's answer to a request, or to another path than was asked for.
    pub(super) async fn forward(&self, asked: &Asked, path: &str) -> Answer {
        let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
        let url = format!("{}{path}{query}", self.emulator.get().expect("the emulator runs"));
        let mut headers = asked.headers.clone();
        for name in ["connection", "accept-encoding", "if-none-match", "content-length"] {
            headers.remove(name);
        }
        let request = self.client.request(asked.method.clone(), url).headers(headers).body(asked.body.clone());
        let response = request.send().await.unwrap();
        let left = response.headers().get("x-ratelimit-remaining");
        assert!(
            left.is_none_or(|it| it != "0"),
            "the emulator's own limit of 5,000 requests is spent: let the test ask less"
        );
        let status = response.status().as_u16();
        let mut headers = HeaderMap::new();
        for name in ["content-type", "link", "location"] {
            if let Some(value) = response.headers().get(name) {
                headers.insert(HeaderName::from_static(name), value.clone());
            }
        }
        let answer = Answer { status, headers, body: response.bytes().await.unwrap() };
        if status == 201 && path.ends_with("/access_tokens") {
            let token = answer.json()["token"].as_str().unwrap().to_owned();
            self.known(|known| known.installation_tokens.insert(token));
        }
        answer
    }

    /// All that the emulator lists at a path, in the name of who asks.
    pub(super) async fn list(&self, asked: &Asked, path: &str, query: &str) -> Result<Vec<Value>, Answer> {
        let mut items = Vec::new();
        for page in 1.. {
            let asked = asked.beside(path, format!("{query}per_page=100&page={page}"));
            let answer = self.forward(&asked, path).await;
            if answer.status != 200 {
                return Err(answer);
            }
            let mut found = answer.json();
            let found = if found.is_array() { found.take() } else { found["items"].take() };
            let Value::Array(found) = found else { panic!("no list at {path}: {found}") };
            let is_last = found.len() < 100;
            items.extend(found);
            if is_last {
                break;
            }
        }
        Ok(items)
    }
}
