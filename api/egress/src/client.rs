//! The client.

use std::{error::Error as _, sync::Arc, time::Duration};

use reqwest::{
    Client, Method, Response, StatusCode,
    header::{self, HeaderMap, HeaderName},
    redirect,
};
use url::Url;

use crate::{Error, Policy, Result, policy::shown, resolver::Resolver};

/// What no other origin is told.
const OF_WHO_ASKS: [HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

/// How long and how much.
#[derive(Debug, Clone)]
pub struct Limits {
    /// From the first byte out to the last byte in, redirects included.
    pub time: Duration,
    /// For a connection.
    pub connect_time: Duration,
    /// Bytes of an answer, unpacked.
    pub bytes: usize,
    /// How often one URL may lead to another.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(20), connect_time: Duration::from_secs(5), bytes: 16 << 20, redirects: 5 }
    }
}

/// Reads what the configuration allows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Egress(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    policy: Arc<Policy>,
    limits: Limits,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it was in the end.
    pub url: Url,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is done. Only `GET` follows redirects.
    pub method: Method,
    /// Of whom.
    pub url: Url,
    /// Sent as they are. What tells who asks goes to the URL's own origin only, wherever that leads.
    pub headers: HeaderMap,
    /// What is sent, where anything is.
    pub body: Option<Vec<u8>>,
}

/// What was answered, whatever the status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it was in the end.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The content, within the limit.
    pub bytes: Vec<u8>,
}

impl Egress {
    /// A client for what a policy allows. The process needs an installed TLS provider.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(policy: Policy, limits: Limits) -> Result<Self> {
        let policy = Arc::new(policy);
        let client = Client::builder()
            .user_agent(concat!("plinth/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver(policy.clone())))
            .redirect(redirect::Policy::none())
            // A proxy would connect where nobody has checked.
            .no_proxy()
            .connect_timeout(limits.connect_time)
            .build()
            .map_err(Error::Client)?;
        Ok(Self(Arc::new(Inner { client, policy, limits })))
    }

    /// Whether a URL may be read, as far as the URL tells; a name's address is seen only when it is connected to.
    ///
    /// # Errors
    /// Says why not, and the way out.
    pub fn check(&self, url: &Url) -> Result<()> {
        self.0.policy.check(url)
    }

    /// Reads a URL.
    ///
    /// # Errors
    /// Where the policy does not allow it or something it leads to, and where it does not answer in time, with success, and
    /// within the limit.
    pub async fn get(&self, url: &Url) -> Result<Fetched> {
        let request = Request { method: Method::GET, url: url.clone(), headers: HeaderMap::new(), body: None };
        let Answer { url, status, bytes, .. } = self.send(request).await?;
        if !(200..300).contains(&status) {
            return Err(Error::Status { url: shown(&url), status });
        }
        Ok(Fetched { url, bytes })
    }

    /// Asks something; every status is an answer.
    ///
    /// # Errors
    /// Where the policy does not allow it or something it leads to, and where it does not answer in time and within the limit.
    pub async fn send(&self, request: Request) -> Result<Answer> {
        let Limits { time, .. } = self.0.limits;
        let url = shown(&request.url);
        let late = || Error::TimedOut { url, seconds: time.as_secs() };
        tokio::time::timeout(time, self.follow(request)).await.map_err(|_| late())?
    }

    async fn follow(&self, request: Request) -> Result<Answer> {
        let Limits { redirects, .. } = self.0.limits;
        let Request { method, mut url, mut headers, body } = request;
        let first = url.clone();
        for _ in 0..=redirects {
            self.0.policy.check(&url)?;
            let asked = self.0.client.request(method.clone(), url.clone()).headers(headers.clone());
            let asked = body.iter().fold(asked, |asked, body| asked.body(body.clone()));
            let response = asked.send().await.map_err(|error| failed(&url, &error))?;
            let status = response.status();
            tracing::debug!(url = shown(&url), status = status.as_u16(), "asked");
            if method == Method::GET && status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                let next = next(&url, &response)?;
                if next.origin() != url.origin() {
                    OF_WHO_ASKS.iter().for_each(|name| drop(headers.remove(name)));
                }
                url = next;
                continue;
            }
            let headers = response.headers().clone();
            let bytes = self.body(&url, response).await?;
            return Ok(Answer { url, status: status.as_u16(), headers, bytes });
        }
        Err(Error::TooManyRedirects { url: shown(&first), limit: redirects })
    }

    async fn body(&self, url: &Url, mut response: Response) -> Result<Vec<u8>> {
        let Limits { bytes: limit, .. } = self.0.limits;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(url, &error))? {
            if bytes.len() + chunk.len() > limit {
                return Err(Error::TooLarge { url: shown(url), limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Where a redirect leads.
fn next(url: &Url, response: &Response) -> Result<Url> {
    let refused = |reason: &str| Error::Redirect { url: shown(url), reason: reason.to_owned() };
    let target = response.headers().get(header::LOCATION).ok_or_else(|| refused("it names no `Location`"))?;
    let target = target.to_str().map_err(|_| refused("its `Location` is no text"))?;
    let next = url.join(target).map_err(|error| refused(&error.to_string()))?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(refused("from `https` to `http`"));
    }
    Ok(next)
}

/// The failure of a request, without its URL, which the client's own text would show whole.
fn failed(url: &Url, error: &reqwest::Error) -> Error {
    let mut cause = error.source();
    let mut last = None;
    while let Some(error) = cause {
        match error.downcast_ref::<Error>() {
            Some(Error::Address { host, address }) => return Error::Address { host: host.clone(), address: *address },
            Some(own) => return Error::Unreachable { url: shown(url), reason: own.to_string() },
            None => last = Some(error.to_string()),
        }
        cause = error.source();
    }
    let reason = last.unwrap_or_else(|| "the connection failed".to_owned());
    Error::Unreachable { url: shown(url), reason }
}
