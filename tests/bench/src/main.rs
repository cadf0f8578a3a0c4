//! Measures the release binary beside a bare async-graphql resolver and a hand-written handler, in the same run.
//!
//! `make bench` builds everything and starts it. Each line of results.jsonl is one measurement with its conditions.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

mod baseline;
mod load;
mod plinth;
mod subscribers;

use std::{io::Write, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Entities of each run.
const SIZES: [usize; 2] = [1_000, 10_000];
/// Subscribers of each run.
const SUBSCRIBERS: [usize; 2] = [1_000, 5_000];
/// Connections of the load.
const CONNECTIONS: usize = 16;

const ENTITY: &str = "{entity(ref: \"component:default/service-500\") {ref name title kind lifecycle}}";
const PAGE: &str = "{entities(first: 20) {nodes {ref name title kind lifecycle owner {ref name}}}}";

#[tokio::main]
async fn main() -> Result<()> {
    let commit = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output()?;
    let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
    for size in SIZES {
        let server = plinth::Plinth::start(size).await?;
        let ingestion = json!({
            "what": "ingestion from files until ready", "entities": size, "seconds": server.ready_after.as_secs_f64(),
            "memoryMb": server.memory_mb()?,
        });
        record(&commit, ingestion)?;
        for (name, query) in [("entity", ENTITY), ("page of 20 with owner", PAGE)] {
            let body = json!({"query": query}).to_string();
            let answer = load::once(&server.url, &body)?;
            let bare = baseline::graphql(size).await?;
            let handler = baseline::bytes(answer.clone()).await?;
            for (who, url) in [("plinth", &server.url), ("bare async-graphql", &bare), ("axum handler", &handler)] {
                let measured = load::measure(url, &body, CONNECTIONS)?;
                let line = json!({
                    "what": name, "who": who, "entities": size, "connections": CONNECTIONS, "answerBytes": answer.len(),
                    "requestsPerSecond": measured.rate, "p50": measured.p50, "p99": measured.p99,
                });
                record(&commit, line)?;
            }
        }
    }
    // Each subscriber takes a descriptor here, too.
    rlimit::increase_nofile_limit(u64::MAX)?;
    for count in SUBSCRIBERS {
        let server = plinth::Plinth::start(100).await?;
        record(&commit, subscribers::measure(&server, count).await?)?;
    }
    Ok(())
}

/// Prints a measurement and appends it to results.jsonl.
fn record(commit: &str, mut line: Value) -> Result<()> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    line["commit"] = commit.into();
    line["load"] = load.split(' ').next().unwrap_or_default().into();
    println!("{line}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results.jsonl");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    writeln!(file.with_context(|| format!("`{}` cannot be written", path.display()))?, "{line}")?;
    Ok(())
}
