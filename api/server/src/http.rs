//! HTTP: GraphQL by POST and GET, GraphiQL, health. WebSockets and event streams begin here, too.
//!
//! ```text
//! request ── host ── cors ── compression ─┬─ get ──┬─ GraphiQL
//!                                         │        ├─ ws
//!                                         │        │      (csrf, caller)
//!                                         └─ post ─┴─ read ── execute ─┬─ JSON
//!                                                                      └─ sse
//! ```

mod body;
mod cors;
mod csrf;
mod execute;
mod get;
mod host;
mod negotiation;
mod origins;
mod post;
mod refused;
mod revision;
mod router;

use std::sync::Arc;

use plinth_auth::Auth;
use plinth_catalog::Catalog;
use plinth_github::GitHub;
use plinth_graphql::Api;
use plinth_model::Ids;
use plinth_storage::Db;
use tokio::sync::watch;

pub(crate) use self::{
    body::{document, json},
    host::Hosts,
    origins::Origins,
    refused::Refused,
    router::router,
};
use crate::{metrics::Metrics, seats::Seats, webhooks::Webhooks};

/// Bytes of a request's body.
pub(crate) const REQUEST_BYTES: usize = 1 << 20;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) api: Api,
    pub(crate) catalog: Catalog,
    pub(crate) auth: Auth,
    pub(crate) db: Db,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) development: bool,
    pub(crate) origins: Origins,
    pub(crate) hosts: Hosts,
    pub(crate) seats: Seats,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) github: GitHub,
    pub(crate) webhooks: Webhooks,
}

/// Names a request in logs and answers.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    pub(crate) fn new() -> Self {
        Self(Ids.ordered().simple().to_string())
    }
}
