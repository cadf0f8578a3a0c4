//! What a change costs while others read: how long it takes to apply it, and until it is seen.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{load, plinth::Plinth};

/// Who reads meanwhile.
const CONNECTIONS: usize = 16;
/// How long.
const SECONDS: u32 = 30;
const PAGE: &str = "{entities(first: 20) {nodes {ref name title kind lifecycle owner {ref name}}}}";
const CHANGED: &str = "{entity(ref: \"component:default/changed\") {title}}";

/// Changes one entity again and again under load; `record` takes the line.
pub(crate) async fn measure(server: &Plinth, size: usize, mut record: impl FnMut(Value) -> Result<()>) -> Result<()> {
    let before = server.applied()?.len();
    let load = load::Load::start(&server.url, &[json!({"query": PAGE}).to_string()], CONNECTIONS, SECONDS)?;
    let (began, mut seen) = (Instant::now(), Vec::new());
    while began.elapsed().as_secs() + 2 < SECONDS.into() {
        let (version, saved) = (seen.len() + 1, Instant::now());
        server.change(version)?;
        let title = format!("Version {version}");
        server.until(CHANGED, |data| data["entity"]["title"] == title.as_str()).await?;
        seen.push(saved.elapsed().as_secs_f64() * 1e3);
    }
    let read = load.finish()?;
    let applied: Vec<u64> = server.applied()?.split_off(before);
    ensure!(applied.len() >= seen.len(), "{} of {} changes were applied", applied.len(), seen.len());
    let applied = applied.into_iter().map(|micros| f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1e3);
    let [applied_50, applied_99, applied_worst] = load::spread(applied.collect(), [50, 99, 100]);
    let [seen_50, seen_99] = load::spread(seen.clone(), [50, 99]);
    record(json!({
        "what": "change of one entity", "entities": size, "connections": CONNECTIONS, "changes": seen.len(),
        "appliedP50Ms": applied_50, "appliedP99Ms": applied_99, "appliedWorstMs": applied_worst,
        "seenP50Ms": seen_50, "seenP99Ms": seen_99, "readsPerSecond": read.requests_per_second, "readP99Ms": read.p99_ms,
    }))
}
