//! Logs: JSON lines on standard error, one event a line. Spans go to where traces are sent, too.

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::traces::Traces;

/// Begins; `PLINTH_LOG` says what is logged, `info` where it is not set.
pub(crate) fn start(traces: Option<&Traces>) {
    let filter = EnvFilter::try_from_env("PLINTH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(filter);
    // Ours only: the client that sends them makes spans as well.
    let spans = traces.map(|traces| {
        tracing_opentelemetry::layer().with_tracer(traces.tracer()).with_filter(EnvFilter::new("plinth=info"))
    });
    tracing_subscriber::registry().with(lines).with(spans).init();
}
