//! The only way out of the house: an HTTP client that reads what the configuration allows, and nothing else.
//!
//! A URL is checked against [`Policy`] before each request, redirects included. The address that is connected to is
//! checked, too: an address in the URL before the request, and a name's addresses by the resolver that the client
//! connects through, so that a name cannot answer one address to the check and another to the client.

mod address;
mod client;
mod error;
mod policy;
mod resolver;

pub use client::{Answer, Egress, Fetched, Limits, Request};
pub use error::Error;
pub use policy::{Allowed, Policy, host_and_port};
pub use reqwest::{Method, header};

/// What egress answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
