//! What the configuration says of a host.

use std::fmt;

use plinth_egress::{Allowed, host_and_port};
use url::Url;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A member of `integrations.github[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// `github.com`, or another host, perhaps with its port.
    pub host: String,
    /// Where its REST interface lies: `https://api.github.com`, or `https://HOST/api/v3`.
    pub api: Url,
    /// A personal access token; without one GitHub answers 60 requests an hour.
    pub token: Option<Secret>,
}

// === impl Secret ===

impl Secret {
    /// The text, never to be shown.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for whom it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

// === impl Integration ===

impl Integration {
    /// Where the REST interface of a host lies when nothing is said of it, as with Backstage.
    pub fn default_api(host: &str) -> Option<Url> {
        let text =
            if host == "github.com" { "https://api.github.com".to_owned() } else { format!("https://{host}/api/v3") };
        Url::parse(&text).ok()
    }

    /// The host that is asked; it needs no `backend.reading.allow`.
    pub(crate) fn allowed(&self) -> Allowed {
        Allowed { host: host_and_port(&self.api), paths: Vec::new() }
    }
}
