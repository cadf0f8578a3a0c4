//! Hosts, and how they are asked.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use plinth_egress::{
    Answer, Egress, Limits, Method, Policy, Request,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    host_and_port,
};
use plinth_model::Ids;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use crate::{
    Error, Integration, Result, Secret, Usage, Whom,
    app::AppState,
    cache::{Cache, Known},
    limit::Limit,
    page::next_page,
};

/// Bytes of a file, and of any other answer: as many as the catalog reads of a file on the disk.
pub(crate) const MOST_BYTES: usize = 16 << 20;
/// Requests at a time with one token; GitHub asks for no more than a hundred.
pub(crate) const AT_ONCE: usize = 8;
/// Before a request is tried again, at first.
const PAUSE: Duration = Duration::from_millis(200);
pub(crate) const JSON: &str = "application/vnd.github+json";

/// A host, and what is known of it.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) integration: Integration,
    /// One for each of its Apps.
    pub(crate) apps: Vec<AppState>,
    pub(crate) times: Times,
    egress: Egress,
    budgets: Mutex<BTreeMap<Whom, Arc<Budget>>>,
    cache: Mutex<Cache>,
}

/// How long things are believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// That an App is installed somewhere.
    pub(crate) installed: Duration,
    /// That it is not.
    pub(crate) not_installed: Duration,
    /// A failure to get a token or a list of installations: many may wait for one.
    pub(crate) failed: Duration,
}

/// What one token may ask, at a time and in an hour.
#[derive(Debug)]
struct Budget {
    turns: Semaphore,
    limit: Mutex<Limit>,
}

/// Asks a host with somebody's rights. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) host: Arc<Host>,
    pub(crate) whom: Whom,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'u> {
    /// A URL of the REST interface.
    pub(crate) url: &'u Url,
    pub(crate) accept: &'static str,
    /// Whether its date tells whether it changed. GitHub gives each token other `ETag`s, and an installation gets a new token
    /// each hour; a date is the same for all. For a file it is that of a commit, and a branch may be set back to an older one.
    pub(crate) is_dated: bool,
}

/// What was answered, now or before.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) known: Known,
    /// Whether it is as it was when it was last asked for.
    pub(crate) is_unchanged: bool,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            installed: Duration::from_secs(600),
            not_installed: Duration::from_secs(60),
            failed: Duration::from_secs(1),
        }
    }
}

// === impl Budget ===

impl Budget {
    fn limit<T>(&self, look: impl FnOnce(&mut Limit) -> T) -> T {
        look(&mut self.limit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl Host ===

impl Host {
    pub(crate) fn new(integration: Integration, limits: Limits, times: Times) -> Result<Self> {
        let egress = Egress::new(Policy { allow: vec![integration.allowed()] }, limits)?;
        let apps = integration.apps.iter().map(|_| AppState::default()).collect();
        Ok(Self { integration, apps, times, egress, budgets: Mutex::default(), cache: Mutex::default() })
    }

    /// A URL of the REST interface.
    pub(crate) fn api<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Url {
        let mut url = self.integration.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Who asked something, and what each used.
    pub(crate) fn usage(&self) -> Vec<(Whom, Usage)> {
        let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.iter().map(|(whom, it)| (whom.clone(), it.limit(|limit| limit.usage))).collect()
    }

    fn budget(&self, whom: &Whom) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Budget { turns: Semaphore::new(AT_ONCE), limit: Mutex::default() });
        budgets.entry(whom.clone()).or_insert_with(new).clone()
    }

    fn cache<T>(&self, look: impl FnOnce(&mut Cache) -> T) -> T {
        look(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks, again where that may help. Gives what succeeded or is not modified.
    pub(crate) async fn send(&self, whom: &Whom, request: Request) -> Result<Answer> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let failed = match self.send_once(whom, request.clone()).await {
                Err(error) if attempt < tries(&error) => error,
                done => return done,
            };
            tracing::debug!(error = &failed as &dyn std::error::Error, attempt, "asked again");
            let pause = PAUSE * 2_u32.pow(attempt);
            tokio::time::sleep(pause + Ids.some_of(pause)).await;
        }
    }

    async fn send_once(&self, whom: &Whom, request: Request) -> Result<Answer> {
        let budget = self.budget(whom);
        // It is never closed.
        let _turn = budget.turns.acquire().await;
        let limited = |limit: &Limit, after| Err(self.limited(whom, limit.is_busy(), after));
        budget.limit(|limit| limit.wait(Instant::now()).map_or(Ok(()), |after| limited(limit, after)))?;
        let what = request.url.path().to_owned();
        let answer = self.egress.send(request).await?;
        budget.limit(|limit| limit.note(&answer, Instant::now()).map_or(Ok(()), |after| limited(limit, after)))?;
        if answer.status == 304 || (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(self.refused(whom, what, &answer))
    }

    fn limited(&self, whom: &Whom, is_busy: bool, after: Duration) -> Error {
        let host = &self.integration.host;
        let reason = if is_busy {
            format!("`{host}` is busy and asks to wait")
        } else {
            format!("the rate limit of `{host}` is reached ({whom})")
        };
        Error::RateLimited { reason, after }
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, what: &str, bytes: &[u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|error| self.malformed(what, &error.to_string()))
    }

    pub(crate) fn malformed(&self, what: &str, reason: &str) -> Error {
        Error::Malformed {
            what: what.to_owned(),
            host: host_and_port(&self.integration.api),
            reason: reason.to_owned(),
        }
    }

    fn refused(&self, whom: &Whom, what: String, answer: &Answer) -> Error {
        #[derive(Deserialize)]
        struct Refusal {
            message: String,
        }
        let (host, remedy) = (self.integration.host.clone(), whom.remedy());
        let whom = whom.named(&host);
        let message =
            serde_json::from_slice(&answer.bytes).map(|Refusal { message }| message.chars().take(200).collect());
        let message: String = message.unwrap_or_else(|_| "it says no more".to_owned());
        match answer.status {
            401 => Error::Unauthorized { host, whom, remedy },
            403 => Error::Forbidden { what, whom, message },
            404 | 410 => Error::NotFound { what, whom },
            status => Error::Status { what, host, status, message },
        }
    }
}

/// How often a request is tried that fails so. One that takes too long is tried once more only: it holds up others.
fn tries(error: &Error) -> u32 {
    use plinth_egress::Error::{TimedOut, Unreachable};
    match error {
        Error::Status { status: 500.., .. } | Error::Egress(Unreachable { .. }) => 3,
        Error::Egress(TimedOut { .. }) => 2,
        _ => 1,
    }
}

/// The headers of a request.
pub(crate) fn headers(accept: &'static str, token: Option<&Secret>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    headers.insert(HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28"));
    // The configuration refuses a token that cannot be sent.
    if let Some(Ok(mut token)) = token.map(|it| HeaderValue::from_str(&format!("Bearer {}", it.reveal()))) {
        token.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, token);
    }
    headers
}

// === impl Wanted ===

impl Wanted<'_> {
    /// The header that makes a request conditional.
    fn condition(&self, known: &Known, token: Option<&Secret>) -> Option<(HeaderName, HeaderValue)> {
        let by_tag = || Some((header::IF_NONE_MATCH, HeaderValue::from_str(&known.etag).ok()?));
        match &known.modified {
            Some(modified) if self.is_dated && known.token.as_ref() != token => {
                Some((header::IF_MODIFIED_SINCE, HeaderValue::from_str(modified).ok()?))
            }
            _ => by_tag(),
        }
    }
}

// === impl Asker ===

impl Asker {
    /// One document.
    pub(crate) async fn json<T: DeserializeOwned>(&self, url: Url) -> Result<T> {
        self.document(Wanted { url: &url, accept: JSON, is_dated: false }).await
    }

    /// One document that becomes another only later than it was.
    pub(crate) async fn dated<T: DeserializeOwned>(&self, url: Url) -> Result<T> {
        self.document(Wanted { url: &url, accept: JSON, is_dated: true }).await
    }

    async fn document<T: DeserializeOwned>(&self, wanted: Wanted<'_>) -> Result<T> {
        let got = self.get(wanted).await?;
        self.host.read(wanted.url.path(), &got.known.bytes)
    }

    /// What is wanted; where it is as it was, from memory. A token of an installation that is not accepted is renewed once.
    pub(crate) async fn get(&self, wanted: Wanted<'_>) -> Result<Got> {
        let token = self.token().await?;
        match (self.get_with(token.as_ref(), wanted).await, token) {
            (Err(Error::Unauthorized { .. }), Some(token)) if self.forget(&token).await => {
                let token = self.token().await?;
                self.get_with(token.as_ref(), wanted).await
            }
            (done, _) => done,
        }
    }

    async fn get_with(&self, token: Option<&Secret>, wanted: Wanted<'_>) -> Result<Got> {
        let (Self { host, whom }, Wanted { url, accept, .. }) = (self, wanted);
        // With who asks: what one may see is never shown to another.
        let key = format!("{whom:?} {accept} {url}");
        let known = host.cache(|cache| cache.get(&key));
        let mut headers = headers(accept, token);
        headers.extend(known.as_ref().and_then(|it| wanted.condition(it, token)));
        let request = Request { method: Method::GET, url: url.clone(), headers, body: None };
        let answer = host.send(whom, request).await?;
        match (answer.status, known) {
            (304, Some(known)) => {
                let known = self.keep_again(key, known, token, &answer);
                Ok(Got { known, is_unchanged: true })
            }
            (304, None) => Err(host.malformed(url.path(), "it answered 304 to what was never asked before")),
            _ => Ok(Got { known: self.keep(key, token, answer), is_unchanged: false }),
        }
    }

    fn keep(&self, key: String, token: Option<&Secret>, answer: Answer) -> Known {
        let Answer { headers, bytes, .. } = answer;
        let etag = text(&headers, header::ETAG);
        let content_type = text(&headers, header::CONTENT_TYPE);
        let known = Known {
            etag: etag.clone().unwrap_or_default(),
            modified: text(&headers, header::LAST_MODIFIED),
            token: token.cloned(),
            bytes: bytes.into(),
            next: next_page(&headers),
            is_json: content_type.is_some_and(|it| it.trim_start().starts_with("application/json")),
        };
        if etag.is_some() {
            self.host.cache(|cache| cache.put(key, known.clone()));
        }
        known
    }

    /// What is known under an earlier token is known under this one, by the `ETag` that it has for it.
    fn keep_again(&self, key: String, known: Known, token: Option<&Secret>, answer: &Answer) -> Known {
        let Some(etag) = text(&answer.headers, header::ETAG).filter(|it| *it != known.etag) else { return known };
        let known = Known { etag, token: token.cloned(), ..known };
        self.host.cache(|cache| cache.put(key, known.clone()));
        known
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
