//! The client.

use std::{
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
    Error, Integration, Place, Result, Usage,
    cache::{Cache, Known},
    limit::Limit,
};

/// Requests at a time with one token; GitHub asks for no more than a hundred.
const AT_ONCE: usize = 8;
/// How often a request is tried that fails for no fault of its own.
const TRIES: u32 = 3;
/// Before it is tried again, at first.
const PAUSE: Duration = Duration::from_millis(200);
/// Members that a page of a list has at most.
const PAGE: &str = "100";
/// Pages of one list.
const PAGES: usize = 1_000;
const JSON: &str = "application/vnd.github+json";

/// Asks GitHub, and hosts that speak as it does. Cheap to clone.
#[derive(Debug, Clone)]
pub struct GitHub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    egress: Egress,
    hosts: Vec<Host>,
}

/// A host, and what is known of it.
#[derive(Debug)]
pub(crate) struct Host {
    integration: Integration,
    turns: Semaphore,
    limit: Mutex<Limit>,
    cache: Mutex<Cache>,
}

// === impl GitHub ===

impl GitHub {
    /// A client of these hosts. The process needs an installed TLS provider.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(integrations: Vec<Integration>) -> Result<Self> {
        let policy = Policy { allow: integrations.iter().map(Integration::allowed).collect() };
        let egress = Egress::new(policy, Limits::default())?;
        let host = |integration| Host {
            integration,
            turns: Semaphore::new(AT_ONCE),
            limit: Mutex::default(),
            cache: Mutex::default(),
        };
        Ok(Self(Arc::new(Inner { egress, hosts: integrations.into_iter().map(host).collect() })))
    }

    /// The place that a URL names, where it is one of these hosts that it is on.
    pub fn find(&self, url: &Url) -> Option<Place> {
        self.0.hosts.iter().find_map(|host| Place::of(&host.integration.host, url))
    }

    /// The URL that a document at a URL of these hosts names: `/path` begins at the repository's top, as with Backstage.
    /// `None` where the document is not on one of them.
    pub fn resolve(&self, document: &Url, target: &str) -> Option<Url> {
        let place = self.find(document)?;
        match Url::parse(target) {
            Ok(url) => Some(url),
            Err(_) if target.starts_with('/') && !target.starts_with("//") => Some(place.sibling(document, target)),
            Err(_) => document.join(target).ok(),
        }
    }

    /// How much of its limits each host's token has used.
    pub fn usage(&self) -> Vec<(&str, Usage)> {
        self.0.hosts.iter().map(|host| (host.integration.host.as_str(), host.limit(|limit| limit.usage))).collect()
    }

    pub(crate) fn host(&self, name: &str) -> Result<&Host> {
        let found = self.0.hosts.iter().find(|it| it.integration.host.eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let reason = format!("name it: `integrations.github: [{{host: '{name}'}}]`");
            plinth_egress::Error::NotAllowed { url: name.to_owned(), reason }.into()
        })
    }

    /// One document.
    pub(crate) async fn json<T: DeserializeOwned>(&self, host: &Host, url: Url) -> Result<T> {
        let what = url.path().to_owned();
        let known = self.get(host, url, JSON).await?;
        host.read(&what, &known.bytes)
    }

    /// All members of a list, page by page.
    pub(crate) async fn all<T: DeserializeOwned>(&self, host: &Host, mut url: Url) -> Result<Vec<T>> {
        url.query_pairs_mut().append_pair("per_page", PAGE);
        let what = url.path().to_owned();
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let known = self.get(host, url, JSON).await?;
            all.extend(host.read::<Vec<T>>(&what, &known.bytes)?);
            match known.next {
                Some(next) if next.origin() == host.integration.api.origin() => url = next,
                Some(_) => return Err(host.malformed(&what, "its next page lies elsewhere")),
                None => return Ok(all),
            }
        }
        Err(host.malformed(&what, &format!("it has more than {PAGES} pages")))
    }

    /// What is at a URL of the REST interface; where it is as it was, from memory.
    pub(crate) async fn get(&self, host: &Host, url: Url, accept: &'static str) -> Result<Known> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let failed = match self.try_get(host, &url, accept).await {
                Err(error) if attempt < TRIES && is_passing(&error) => error,
                done => return done,
            };
            tracing::debug!(error = &failed as &dyn std::error::Error, attempt, "asked again");
            let pause = PAUSE * 2_u32.pow(attempt);
            tokio::time::sleep(pause + Ids.some_of(pause)).await;
        }
    }

    async fn try_get(&self, host: &Host, url: &Url, accept: &'static str) -> Result<Known> {
        // It is never closed.
        let _turn = host.turns.acquire().await;
        host.check_limit()?;
        let key = format!("{accept} {url}");
        let known = host.cache(|cache| cache.get(&key));
        let headers = host.headers(accept, known.as_ref());
        let request = Request { method: Method::GET, url: url.clone(), headers, body: None };
        let answer = self.0.egress.send(request).await?;
        if let Some(after) = host.limit(|limit| limit.note(&answer, Instant::now())) {
            return Err(host.limited(after));
        }
        match (answer.status, known) {
            (304, Some(known)) => Ok(known),
            (200..300, _) => Ok(host.keep(key, answer)),
            _ => Err(host.refused(url.path(), &answer)),
        }
    }
}

/// Whether a failure may be over at once.
fn is_passing(error: &Error) -> bool {
    use plinth_egress::Error::{TimedOut, Unreachable};
    matches!(error, Error::Status { status: 500.., .. } | Error::Egress(Unreachable { .. } | TimedOut { .. }))
}

/// The next page: `<https://…>; rel="next", …` (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<Url> {
    let links = headers.get(header::LINK)?.to_str().ok()?;
    links.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|it| it.trim() == "rel=\"next\"");
        if is_next { Url::parse(target).ok() } else { None }
    })
}

// === impl Host ===

impl Host {
    /// A URL of the REST interface.
    pub(crate) fn api<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Url {
        let mut url = self.integration.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn limit<T>(&self, look: impl FnOnce(&mut Limit) -> T) -> T {
        look(&mut self.limit.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn cache<T>(&self, look: impl FnOnce(&mut Cache) -> T) -> T {
        look(&mut self.cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn check_limit(&self) -> Result<()> {
        self.limit(|limit| limit.wait(Instant::now())).map_or(Ok(()), |after| Err(self.limited(after)))
    }

    fn limited(&self, after: Duration) -> Error {
        Error::RateLimited { host: self.integration.host.clone(), after }
    }

    fn headers(&self, accept: &'static str, known: Option<&Known>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        headers.insert(HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28"));
        if let Some(Ok(etag)) = known.map(|it| HeaderValue::from_str(&it.etag)) {
            headers.insert(header::IF_NONE_MATCH, etag);
        }
        let token = self.integration.token.as_ref().map(|it| HeaderValue::from_str(&format!("Bearer {}", it.reveal())));
        // The configuration refuses a token that cannot be sent.
        if let Some(Ok(mut token)) = token {
            token.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, token);
        }
        headers
    }

    fn keep(&self, key: String, answer: Answer) -> Known {
        let Answer { headers, bytes, .. } = answer;
        let etag = headers.get(header::ETAG).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let known = Known { etag: etag.clone().unwrap_or_default(), bytes: bytes.into(), next: next_page(&headers) };
        if etag.is_some() {
            self.cache(|cache| cache.put(key, known.clone()));
        }
        known
    }

    fn read<T: DeserializeOwned>(&self, what: &str, bytes: &[u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|error| self.malformed(what, &error.to_string()))
    }

    fn malformed(&self, what: &str, reason: &str) -> Error {
        Error::Malformed {
            what: what.to_owned(),
            host: host_and_port(&self.integration.api),
            reason: reason.to_owned(),
        }
    }

    fn refused(&self, what: &str, answer: &Answer) -> Error {
        #[derive(Deserialize)]
        struct Refusal {
            message: String,
        }
        let (what, host) = (what.to_owned(), self.integration.host.clone());
        let message =
            serde_json::from_slice(&answer.bytes).map(|Refusal { message }| message.chars().take(200).collect());
        let message: String = message.unwrap_or_else(|_| "it says no more".to_owned());
        match answer.status {
            401 => Error::Unauthorized { host },
            403 => Error::Forbidden { what, host, message },
            404 | 410 => Error::NotFound { what, host },
            status => Error::Status { what, host, status, message },
        }
    }
}
