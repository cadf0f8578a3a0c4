//! Logs: JSON lines on standard error, one event a line.

use tracing_subscriber::EnvFilter;

/// Begins; `PLINTH_LOG` says what is logged, `info` where it is not set.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("PLINTH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
