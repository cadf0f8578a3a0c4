//! What can go wrong on the way out.

use std::net::IpAddr;

/// What can go wrong on the way out. No message holds a URL's query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration does not allow it.
    #[error("reading `{url}` is not allowed: {reason}")]
    NotAllowed {
        /// The URL.
        url: String,
        /// Why, and the way out.
        reason: String,
    },
    /// The host lies where nothing is read from.
    #[error(
        "`{host}` lies at {address}, which is not read from; an address in a private network needs its host in full under `backend.reading.allow`"
    )]
    Address {
        /// The host.
        host: String,
        /// Where it lies.
        address: IpAddr,
    },
    /// The host's name leads nowhere.
    #[error("`{host}` is not known: {source}")]
    Unknown {
        /// The host.
        host: String,
        /// Why.
        source: std::io::Error,
    },
    /// It answered something else than success.
    #[error("`{url}` answered {status}")]
    Status {
        /// The URL.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// It is larger than what is taken.
    #[error("`{url}` is larger than {limit} bytes")]
    TooLarge {
        /// The URL.
        url: String,
        /// Bytes.
        limit: usize,
    },
    /// It leads on and on.
    #[error("`{url}` leads to another URL more than {limit} times")]
    TooManyRedirects {
        /// The URL.
        url: String,
        /// Redirects.
        limit: usize,
    },
    /// It leads to something that is no URL to go to.
    #[error("`{url}` leads to what cannot be followed: {reason}")]
    Redirect {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
    /// It took too long.
    #[error("`{url}` did not answer within {seconds} s")]
    TimedOut {
        /// The URL.
        url: String,
        /// Seconds.
        seconds: u64,
    },
    /// The connection failed.
    #[error("`{url}` cannot be reached: {reason}")]
    Unreachable {
        /// The URL.
        url: String,
        /// Why.
        reason: String,
    },
    /// The client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}
