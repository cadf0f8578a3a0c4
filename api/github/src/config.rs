//! What the configuration says of a host.

use std::fmt;

use plinth_egress::{Allowed, host_and_port};
use url::Url;

use crate::AppKey;

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
    /// A personal access token, used where no App is installed; without one GitHub answers 60 requests an hour.
    pub token: Option<Secret>,
    /// `apps`, asked in their order.
    pub apps: Vec<App>,
}

/// A member of `integrations.github[].apps[]`: a GitHub App, as Backstage reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// `appId`.
    pub id: u64,
    /// `clientId`. Not used yet: it is for signing people in.
    pub client_id: Option<String>,
    /// `clientSecret`. Not used yet, too.
    pub client_secret: Option<Secret>,
    /// `privateKey`.
    pub key: AppKey,
    /// `webhookSecret`.
    pub webhook_secret: Option<Secret>,
    /// `allowedInstallationOwners`, in any case: at whom it is used; `None` means at all where it is installed.
    pub allowed_owners: Option<Vec<String>>,
    /// `publicAccess`: whether the token of any of its installations reads what is public elsewhere, where there is no other.
    pub has_public_access: bool,
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

    /// What webhooks of its Apps may be signed with, for [`verify`](crate::verify).
    pub fn webhook_secrets(&self) -> impl Iterator<Item = &Secret> {
        self.apps.iter().filter_map(|app| app.webhook_secret.as_ref())
    }

    /// The host that is asked; it needs no `backend.reading.allow`.
    pub(crate) fn allowed(&self) -> Allowed {
        Allowed { host: host_and_port(&self.api), paths: Vec::new() }
    }
}

// === impl App ===

impl App {
    /// Whether it may be used at an owner.
    pub(crate) fn may_be_at(&self, owner: &str) -> bool {
        self.allowed_owners.as_ref().is_none_or(|owners| owners.iter().any(|it| it.eq_ignore_ascii_case(owner)))
    }
}
