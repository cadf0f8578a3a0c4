//! `/metrics`: what an operator watches, in the OpenMetrics text format.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::Result;
use plinth_auth::Caller;
use plinth_catalog::{List, Severity};
use plinth_github::GitHub;
use plinth_graphql::Answer;
use plinth_storage::now;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::http::App;

/// The content type of what is scraped.
pub(crate) const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long the database may take to answer: less than who scrapes waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Transport {
    /// POST or GET.
    Http,
    /// An operation on a WebSocket.
    WebSocket,
    /// Server-sent events.
    Sse,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    transport: Transport,
    /// `executed`, or `refused` where nothing ran.
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSeverity {
    severity: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHost {
    host: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GitHubAnswers {
    host: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// Counts while the server runs; the rest is looked up when somebody scrapes.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Histogram,
    errors: Family<Code, Counter>,
    /// Open WebSockets.
    pub(crate) sockets: Gauge,
    entities: Gauge,
    locations: Gauge,
    revision: Gauge,
    problems: Family<OfSeverity, Gauge>,
    executed: Counter,
    told: Counter,
    waiting: Gauge,
    lag: Gauge<f64, AtomicU64>,
    ready: Gauge,
    database_up: Gauge,
    database_seconds: Gauge<f64, AtomicU64>,
    github_requests: Family<GitHubAnswers, Counter>,
    github_remaining: Family<OfHost, Gauge>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        // From a quarter of a millisecond to eight seconds.
        let seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 16));
        let mut metrics = Self {
            requests: Family::default(),
            seconds,
            errors: Family::default(),
            sockets: Gauge::default(),
            entities: Gauge::default(),
            locations: Gauge::default(),
            revision: Gauge::default(),
            problems: Family::default(),
            executed: Counter::default(),
            told: Counter::default(),
            waiting: Gauge::default(),
            lag: Gauge::default(),
            ready: Gauge::default(),
            database_up: Gauge::default(),
            database_seconds: Gauge::default(),
            github_requests: Family::default(),
            github_remaining: Family::default(),
            registry: Registry::with_prefix("plinth"),
        };
        metrics.register();
        metrics
    }

    /// Gives each its name.
    fn register(&mut self) {
        let registry = &mut self.registry;
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build", "The version that runs", build);
        registry.register("graphql_requests", "GraphQL operations by transport and outcome", self.requests.clone());
        registry.register_with_unit(
            "graphql_request",
            "How long GraphQL operations took",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register(
            "graphql_errors",
            "Errors by extensions.code; LIMIT_EXCEEDED are the guard's",
            self.errors.clone(),
        );
        registry.register("websockets", "Open WebSockets", self.sockets.clone());
        registry.register("catalog_entities", "Entities in the snapshot", self.entities.clone());
        registry.register("catalog_locations", "Registered locations", self.locations.clone());
        registry.register("catalog_revision", "The snapshot's revision", self.revision.clone());
        registry.register(
            "stream_executions",
            "Events of subscriptions that were executed; those who ask the same share one",
            self.executed.clone(),
        );
        registry.register("stream_events", "Events that subscribers were told", self.told.clone());
        registry.register("catalog_problems", "Problems by severity", self.problems.clone());
        registry.register(
            "catalog_readings_waiting",
            "Readings that were asked for and have not begun",
            self.waiting.clone(),
        );
        registry.register_with_unit(
            "catalog_reading_lag",
            "For how long the oldest of them waits",
            Unit::Seconds,
            self.lag.clone(),
        );
        registry.register("ready", "Whether /readyz says yes", self.ready.clone());
        registry.register("database_up", "Whether the database answers", self.database_up.clone());
        registry.register_with_unit(
            "database_answer",
            "How long the database took to answer",
            Unit::Seconds,
            self.database_seconds.clone(),
        );
        registry.register(
            "github_requests",
            "Answers of GitHub: `not_modified` cost nothing of the rate limit, `limited` reached it",
            self.github_requests.clone(),
        );
        registry.register(
            "github_rate_limit_remaining",
            "Requests that the rate limit leaves, as the last answer told",
            self.github_remaining.clone(),
        );
    }

    /// How much of GitHub's rate limits is used.
    fn take_usage(&self, github: &GitHub) {
        for (host, usage) in github.usage() {
            let counts =
                [("answered", usage.answered), ("not_modified", usage.not_modified), ("limited", usage.limited)];
            for (outcome, count) in counts {
                let of = GitHubAnswers { host: host.to_owned(), outcome };
                self.github_requests.get_or_create(&of).inner().store(count, Ordering::Relaxed);
            }
            if let Some(remaining) = usage.remaining {
                let remaining = i64::try_from(remaining).unwrap_or(i64::MAX);
                self.github_remaining.get_or_create(&OfHost { host: host.to_owned() }).set(remaining);
            }
        }
    }

    /// Counts one operation.
    pub(crate) fn answered(&self, transport: Transport, answer: &Answer, took: Option<Duration>) {
        let outcome = if answer.executed { "executed" } else { "refused" };
        self.requests.get_or_create(&Request { transport, outcome }).inc();
        // A stream's answers come when something happens.
        if let Some(took) = took {
            self.seconds.observe(took.as_secs_f64());
        }
        for code in &answer.error_codes {
            self.errors.get_or_create(&Code { code: code.clone() }).inc();
        }
    }

    /// What stands there now, for who may see it.
    pub(crate) async fn scraped(&self, caller: &Caller, app: &App) -> Result<String> {
        let App { catalog, db, api, github, .. } = app;
        self.take_usage(github);
        let (executed, told) = api.stream_counts();
        self.executed.inner().store(executed, Ordering::Relaxed);
        self.told.inner().store(told, Ordering::Relaxed);
        let snapshot = catalog.snapshot(caller)?;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.entities.set(count(snapshot.by_name().count()));
        self.locations.set(count(snapshot.locations().count()));
        self.revision.set(snapshot.revision().0);
        for (severity, word) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
            let problems = snapshot.problems().filter(|it| it.severity == severity).count();
            self.problems.get_or_create(&OfSeverity { severity: word }).set(count(problems));
        }
        let (waiting, oldest) = catalog.waiting(caller)?;
        self.waiting.set(count(waiting));
        let lag = oldest.and_then(|oldest| (now() - oldest).to_std().ok()).unwrap_or_default();
        self.lag.set(lag.as_secs_f64());
        self.ready.set(i64::from(catalog.is_ready()));
        let began = std::time::Instant::now();
        // Who follows the database says so in the log, once.
        let answers = db.ping(PATIENCE).await;
        self.database_up.set(i64::from(answers.is_ok()));
        self.database_seconds.set(began.elapsed().as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
