//! The server itself.

use async_graphql::{Context, Object, SimpleObject};

use crate::{
    api::{QUERY_TIME, call},
    guard::Limit,
    page::LARGEST,
    scalar::Duration,
};

/// What a server says of itself.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    /// `app.title`.
    pub name: String,
    /// `organization.name`.
    pub organization: Option<String>,
    /// Hosts that repositories lie on: host and type.
    pub repository_hosts: Vec<(String, String)>,
    /// Bytes of a request.
    pub request_bytes: usize,
    /// How long changes are kept for streams.
    pub stream_replay: std::time::Duration,
}

/// The server that answers.
pub(crate) struct Server;

/// The server that answers.
#[Object]
impl Server {
    /// `app.title` of its configuration.
    async fn name<'c>(&self, ctx: &Context<'c>) -> &'c str {
        &call(ctx).info.name
    }

    /// `organization.name` of its configuration.
    async fn organization<'c>(&self, ctx: &Context<'c>) -> Option<&'c str> {
        call(ctx).info.organization.as_deref()
    }

    /// Plinth's version.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Another one after the data was lost or replaced: cursors and revisions of the old one are void.
    async fn data_id(&self, ctx: &Context<'_>) -> String {
        call(ctx).catalog.data_id().to_string()
    }

    /// What is switched on besides the catalog; nothing yet. Some twenty at most.
    async fn features(&self) -> Vec<String> {
        Vec::new()
    }

    /// Hosts that repositories lie on, some twenty at most.
    async fn repository_hosts(&self, ctx: &Context<'_>) -> Vec<RepositoryHost> {
        let host = |(host, kind): &(String, String)| RepositoryHost { host: host.clone(), kind: kind.clone() };
        call(ctx).info.repository_hosts.iter().map(host).collect()
    }

    /// What requests are bounded by.
    async fn limits(&self, ctx: &Context<'_>) -> ServerLimits {
        let bytes = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
        let limit = |limit: Limit| i32::try_from(limit.most()).unwrap_or(i32::MAX);
        ServerLimits {
            page_size: bytes(LARGEST),
            request_bytes: bytes(call(ctx).info.request_bytes),
            cost: limit(Limit::Cost),
            depth: limit(Limit::Nesting),
            request_time: Duration::of(QUERY_TIME),
            stream_replay: Duration::of(call(ctx).info.stream_replay),
        }
    }
}

/// A host that repositories lie on.
#[derive(SimpleObject)]
pub(crate) struct RepositoryHost {
    /// `github.com`.
    host: String,
    /// `github`.
    #[graphql(name = "type")]
    kind: String,
}

/// What requests are bounded by.
#[derive(SimpleObject)]
pub(crate) struct ServerLimits {
    /// Items of a page.
    page_size: i32,
    /// Bytes of a request's body.
    request_bytes: i32,
    /// What an operation may cost: fields to answer, those below a list once for each item that it may have. What one
    /// has cost stands in `extensions.cost`.
    cost: i32,
    /// Brackets inside each other in a document, and selection sets with fragments expanded.
    depth: i32,
    /// How long a query may take; a mutation has as long as its `wait` more.
    request_time: Duration,
    /// How old the cursor of a stream may be; where very much changes, less.
    stream_replay: Duration,
}
