//! The load: wrk for rates, curl for single requests.

use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of each load.
pub(crate) const SECONDS: u32 = 3;
/// Turns of each of those who are compared. The machine is not equally quick from one second to the next, so each is measured for
/// a second after the other, again and again.
const TURNS: usize = 5;

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
  local quantiles = {}
  for permille = 1, 1000 do quantiles[permille] = string.format("%.3f", latency:percentile(permille / 10) / 1e3) end
  io.write("QUANTILES [" .. table.concat(quantiles, ",") .. "]\n")
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
    /// The times below which one of a thousand stays, two, and so on, in milliseconds.
    #[serde(skip)]
    quantiles: Vec<f64>,
}

/// What came of turns.
pub(crate) struct Compared {
    /// Of each who was compared, all turns together.
    pub(crate) measured: [Measured; 3],
    /// How many requests the first answered for one of the second in the same turn: the least, the middle, the most.
    pub(crate) share: [f64; 3],
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

/// Measures three in turns with the same request. Every answer must be a good one.
pub(crate) fn compare(urls: [&str; 3], body: &str, connections: usize) -> Result<Compared> {
    let mut turns: [Vec<Measured>; 3] = Default::default();
    for _ in 0..TURNS {
        for (turns, url) in turns.iter_mut().zip(urls) {
            turns.push(good(url, body, connections, 1)?);
        }
    }
    let [first, second, _] = &turns;
    let shares = first.iter().zip(second).map(|(one, other)| one.requests_per_second / other.requests_per_second);
    let share = spread(shares.collect(), [0, 50, 100]).map(|it| (it * 1e3).round() / 1e3);
    Ok(Compared { measured: turns.map(Measured::together), share })
}

/// Of values in order, those below which so many hundredths of them stay.
pub(crate) fn spread<const N: usize>(mut values: Vec<f64>, hundredths: [usize; N]) -> [f64; N] {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values.get((values.len() * part / 100).min(values.len().saturating_sub(1)));
    hundredths.map(|part| at(part).copied().unwrap_or_default())
}

/// Some seconds of load. Every answer must be a good one.
pub(crate) fn measure(url: &str, body: &str, connections: usize) -> Result<Measured> {
    good(url, body, connections, SECONDS)
}

/// The same where answers may be refusals.
pub(crate) fn measure_refused(url: &str, bodies: &[String], connections: usize) -> Result<Measured> {
    answered(url, bodies, connections, SECONDS)
}

fn good(url: &str, body: &str, connections: usize, seconds: u32) -> Result<Measured> {
    once(url, body)?;
    let measured = answered(url, &[body.to_owned()], connections, seconds)?;
    ensure!(measured.refused == 0, "{url} refused {} requests of {body}", measured.refused);
    Ok(measured)
}

fn answered(url: &str, bodies: &[String], connections: usize, seconds: u32) -> Result<Measured> {
    let measured = Load::start(url, bodies, connections, seconds)?.finish()?;
    ensure!(measured.failed == 0, "{url} left {} requests without an answer", measured.failed);
    Ok(measured)
}

// === impl Measured ===

impl Measured {
    /// Turns of the same length as if they were one.
    fn together(turns: Vec<Self>) -> Self {
        let count = f64::from(u32::try_from(turns.len().max(1)).unwrap_or(u32::MAX));
        let rate = turns.iter().map(|it| it.requests_per_second).sum::<f64>();
        let of = |it: &Self| it.quantiles.iter().map(|time| (*time, it.requests_per_second)).collect::<Vec<_>>();
        let mut times: Vec<(f64, f64)> = turns.iter().flat_map(of).collect();
        times.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let all = times.iter().map(|(_, weight)| weight).sum::<f64>();
        let below = |share: f64| {
            let mut left = all * share;
            let at = times.iter().find(|(_, weight)| {
                left -= weight;
                left <= 0.0
            });
            at.map_or(0.0, |(time, _)| *time)
        };
        Self {
            requests_per_second: (rate / count * 10.0).round() / 10.0,
            p50_ms: below(0.5),
            p99_ms: below(0.99),
            worst_ms: turns.iter().map(|it| it.worst_ms).fold(0.0, f64::max),
            refused: turns.iter().map(|it| it.refused).sum(),
            failed: turns.iter().map(|it| it.failed).sum(),
            quantiles: Vec::new(),
        }
    }
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
        let line = |word| {
            let found = said.lines().find_map(|line| line.strip_prefix(word));
            found.with_context(|| format!("wrk said: {said}"))
        };
        let measured: Measured = serde_json::from_str(line("MEASURED ")?).context("wrk's figures cannot be read")?;
        let quantiles = serde_json::from_str(line("QUANTILES ")?).context("wrk's times cannot be read")?;
        Ok(Measured { quantiles, ..measured })
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.wrk.kill();
        let _ = self.wrk.wait();
    }
}
