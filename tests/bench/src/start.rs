//! The first start, from files, and the next, from what is stored: time and memory.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{organisation, plinth::Plinth};

const FIRST_ANSWER: &str =
    "{entities(first: 20, filter: {kind: {eq: \"Component\"}}, search: \"telemetry\") {totalCount nodes {ref name}}}";
const READINGS: &str = "{locations {nodes {lastSync {id endedAt}}}}";

/// Starts a server on so many generated entities, and again on what it stored; `record` takes the lines.
pub(crate) async fn measure(size: usize, mut record: impl FnMut(Value) -> Result<()>) -> Result<Plinth> {
    let server = Plinth::start(size).await?;
    answers_right(&server, size).await?;
    let first = first_reading(&server.until(READINGS, |data| is_ended(data, None)).await?)?;
    record(line("ingestion from files", &server, size)?)?;
    let server = server.restart().await?;
    answers_right(&server, size).await?;
    record(line("restart from what is stored", &server, size)?)?;
    server.until(READINGS, |data| is_ended(data, Some(&first))).await?;
    record(line("restart, and all files read again", &server, size)?)?;
    Ok(server)
}

/// Waits until a filtered search is answered with as many entities as were generated.
async fn answers_right(server: &Plinth, size: usize) -> Result<()> {
    let expected = organisation::components_of_telemetry(size);
    server.until(FIRST_ANSWER, |data| data["entities"]["totalCount"] == expected).await.map(drop)
}

fn line(what: &str, server: &Plinth, size: usize) -> Result<Value> {
    Ok(json!({
        "what": what, "entities": size, "readySeconds": server.ready_after.as_secs_f64(),
        "seconds": server.began.elapsed().as_secs_f64(), "memoryMb": server.memory_kb()? / 1024,
        "peakMemoryMb": server.peak_memory_kb()? / 1024,
    }))
}

/// Whether the one location was read, by another reading than the one before the restart.
fn is_ended(data: &Value, before: Option<&str>) -> bool {
    let sync = &data["locations"]["nodes"][0]["lastSync"];
    sync["endedAt"].is_string() && sync["id"].as_str() != before
}

fn first_reading(data: &Value) -> Result<String> {
    let id = data["locations"]["nodes"][0]["lastSync"]["id"].as_str();
    id.map(str::to_owned).context("the reading has no id")
}
