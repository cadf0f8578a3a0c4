//! The load: wrk for rates, curl for single requests.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of each load.
pub(crate) const SECONDS: u32 = 3;

/// Sends the texts of `bodies` in turn, and says at the end what came of it.
const SCRIPT: &str = r#"
local next = 0
function request()
  next = next % #bodies + 1
  return wrk.format("POST", nil, {["content-type"] = "application/json"}, bodies[next])
end
function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\nMEASURED {"requestsPerSecond": %.1f, "p50Ms": %.3f, "p99Ms": %.3f, "worstMs": %.3f, "refused": %d, "failed": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, summary.errors.status, failed))
end
"#;

/// What wrk measured.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) worst_ms: f64,
    /// Answers with a status other than 2xx or 3xx.
    #[serde(skip_serializing)]
    refused: u64,
    /// Requests without an answer.
    #[serde(skip_serializing)]
    failed: u64,
}

/// A load under way; ends when it is dropped.
pub(crate) struct Load {
    wrk: Child,
    _folder: tempfile::TempDir,
}

/// Whether a URL answers 200.
pub(crate) fn is_ok(url: &str) -> bool {
    let asked = Command::new("curl").args(["-s", "-o", "/dev/null", "-w", "%{http_code}", url]).output();
    asked.is_ok_and(|answer| answer.stdout == b"200")
}

/// The answer to one request, whatever it is.
pub(crate) fn ask(url: &str, body: &str) -> Result<String> {
    let asked = Command::new("curl").args(["-s", "-H", "content-type: application/json", "-d", body, url]).output()?;
    Ok(String::from_utf8(asked.stdout)?)
}

/// The answer to one request, which is no refusal.
pub(crate) fn once(url: &str, body: &str) -> Result<String> {
    let answer = ask(url, body)?;
    let read: Value = serde_json::from_str(&answer).with_context(|| format!("{url} answered {answer}"))?;
    ensure!(read["data"].is_object() && read.get("errors").is_none(), "{url} answered {answer}");
    Ok(answer)
}

/// Some seconds of load. Every answer must be a good one.
pub(crate) fn measure(url: &str, body: &str, connections: usize) -> Result<Measured> {
    once(url, body)?;
    let measured = measure_refused(url, &[body.to_owned()], connections)?;
    ensure!(measured.refused == 0, "{url} refused {} requests of {body}", measured.refused);
    Ok(measured)
}

/// The same where answers may be refusals.
pub(crate) fn measure_refused(url: &str, bodies: &[String], connections: usize) -> Result<Measured> {
    let load = Load::start(url, bodies, connections, SECONDS)?;
    let measured = load.finish()?;
    ensure!(measured.failed == 0, "{url} left {} requests without an answer", measured.failed);
    Ok(measured)
}

// === impl Load ===

impl Load {
    /// Sends these bodies in turn over some connections, for so many seconds.
    pub(crate) fn start(url: &str, bodies: &[String], connections: usize, seconds: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("post.lua");
        let quoted = bodies.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?.join(", ");
        std::fs::write(&script, format!("local bodies = {{{quoted}}}\n{SCRIPT}"))?;
        let threads = connections.min(2);
        let mut wrk = Command::new("wrk");
        wrk.args([
            &format!("-t{threads}"),
            &format!("-c{connections}"),
            &format!("-d{seconds}s"),
            "--timeout",
            "30s",
            "-s",
        ])
        .arg(&script)
        .arg(url);
        let wrk = wrk.stdout(Stdio::piped()).spawn().context("wrk is missing; run `make bench`")?;
        Ok(Self { wrk, _folder: folder })
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> Result<Measured> {
        let mut said = String::new();
        let output = self.wrk.stdout.take().context("wrk has no output")?;
        std::io::Read::read_to_string(&mut { output }, &mut said)?;
        let line = said.lines().find_map(|line| line.strip_prefix("MEASURED "));
        serde_json::from_str(line.with_context(|| format!("wrk said: {said}"))?).context("wrk's figures cannot be read")
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.wrk.kill();
        let _ = self.wrk.wait();
    }
}
