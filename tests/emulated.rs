//! A GitHub of the test's own: the emulator, our proxy before it, and the webhooks that GitHub would send.
//!
//! ```text
//! the server ── http://localhost:PORT ──> proxy ──> emulator <── changes, as a person makes them
//!      ^                                                            │
//!      └────────────────── a signed Delivery of each <──────────────┘
//! ```
//!
//! What a test may conclude depends on who answers:
//!
//! - **The emulator**: repositories, contents (JSON and raw), Git data (trees, also recursive; blobs, commits, refs; ids are
//!   real, the order of a tree's entries is not), branches, topics, users, members of organisations, Apps with their
//!   installations and tokens. Names are compared with their case, which GitHub does not do.
//! - **The proxy**, see `answers`: repositories of an organisation and of an installation, teams with parents and their
//!   members, old names of repositories, what a caller may not see, empty repositories, truncated trees, raw files; 401 for
//!   unknown tokens, `ETag` and 304, limits, request ids.
//! - **A fault**, see `faults`.
//!
//! `bed` proves the bed itself, `product` the server on it.

mod answers;
mod bed;
mod changes;
mod commits;
mod delivery;
mod emulator;
mod faults;
mod limits;
mod messages;
mod people;
mod product;
mod proxy;
mod seed;

use std::{sync::Arc, time::Duration};

use emulator::Emulator;
use proxy::Proxy;

pub(crate) use commits::Change;
pub(crate) use delivery::Delivery;
pub(crate) use faults::{Fault, Gate};
pub(crate) use proxy::{By, Exchange};
pub(crate) use seed::{Repository, Seed};

/// How long anything may take before the test fails; nothing waits this long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// The organisation of every seed.
pub(crate) const ORGANIZATION: &str = "acme";

/// The owner of the organisation, who makes all changes.
pub(crate) const OWNER: &str = "ada";

/// The token of `bob`, who is a member and may read everything: the server's own.
pub(crate) const TOKEN: &str = "token-of-bob";

/// A client that follows nothing.
fn client() -> reqwest::Client {
    // Several tests in one process: the first to come installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirect = reqwest::redirect::Policy::none();
    reqwest::Client::builder().timeout(PATIENCE).redirect(redirect).build().unwrap()
}

/// A GitHub whose state can be changed, and which fails when told to. It ends with the value.
pub(crate) struct GitHub {
    emulator: Emulator,
    proxy: Arc<Proxy>,
}

impl GitHub {
    pub(crate) async fn start(seed: Seed) -> Self {
        let proxy = Proxy::start().await;
        let emulator = Emulator::start(&seed.document(), proxy.url(), proxy.client()).await;
        proxy.stand_before(emulator.url());
        let github = Self { emulator, proxy };
        github.plant(seed).await;
        github
    }

    /// `http://localhost:PORT`: where the API is, and what stands before `/acme/repository/blob/main/file`.
    pub(crate) fn url(&self) -> &str {
        self.proxy.url()
    }

    /// `localhost:PORT`.
    pub(crate) fn host(&self) -> &str {
        self.url().trim_start_matches("http://")
    }

    /// Where raw files are: `…/OWNER/REPOSITORY/REFERENCE/PATH`.
    pub(crate) fn raw_url(&self) -> String {
        format!("{}/raw", self.url())
    }

    /// The URL of a file on `main` as a browser shows it.
    pub(crate) fn blob(&self, repository: &str, path: &str) -> String {
        format!("{}/{ORGANIZATION}/{repository}/blob/main/{path}", self.url())
    }

    /// The private key of the seed's App, PEM (PKCS #1); made anew for each emulator.
    pub(crate) fn app_key(&self) -> &str {
        self.emulator.app_key().expect("the seed has an App")
    }

    /// What the server has asked so far, in the order of the answers.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.proxy.exchanges()
    }

    /// The same, forgotten after: the next call tells only what came later.
    pub(crate) fn take_exchanges(&self) -> Vec<Exchange> {
        self.proxy.take_exchanges()
    }

    /// Waits until the exchanges since the last `take_exchanges` are enough.
    pub(crate) async fn until(&self, what: &str, enough: impl FnMut(&[Exchange]) -> bool) {
        self.proxy.until(what, enough).await;
    }

    /// How many requests were at work at the same time, at most.
    pub(crate) fn peak(&self) -> usize {
        self.proxy.peak()
    }

    /// Lets the next `times` requests fail whose path and query hold `path`; of several such the oldest acts.
    pub(crate) fn fail(&self, path: &str, times: usize, fault: Fault) {
        self.proxy.fail(path, times, fault);
    }

    /// Holds all requests whose path and query hold `path`, until the gate is opened.
    pub(crate) fn hold(&self, path: &str) -> Gate {
        let gate = Gate::new();
        self.proxy.fail(path, usize::MAX, Fault::Held(gate.clone()));
        gate
    }

    /// Ends all faults that are still to come.
    pub(crate) fn heal(&self) {
        self.proxy.heal();
    }

    /// Leaves every caller this many requests until the limit is renewed, which happens after `renewed`.
    pub(crate) fn leave(&self, remaining: u64, renewed: Duration) {
        self.proxy.leave(remaining, renewed);
    }

    /// From now on the token is unknown; all tokens of installations when it is `None`.
    pub(crate) fn revoke(&self, token: Option<&str>) {
        self.proxy.revoke(token);
    }

    /// From now on recursive trees end after this many entries and say so.
    pub(crate) fn truncate_trees(&self, entries: usize) {
        self.proxy.truncate_trees(entries);
    }
}
