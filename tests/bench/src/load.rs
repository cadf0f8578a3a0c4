//! The load: wrk for rates, curl for single requests.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What wrk measured.
pub(crate) struct Measured {
    pub(crate) rate: f64,
    pub(crate) p50: String,
    pub(crate) p99: String,
}

/// Whether a URL answers 200.
pub(crate) fn is_ok(url: &str) -> bool {
    let asked = Command::new("curl").args(["-s", "-o", "/dev/null", "-w", "%{http_code}", url]).output();
    asked.is_ok_and(|answer| answer.stdout == b"200")
}

/// The answer to one request.
pub(crate) fn once(url: &str, body: &str) -> Result<String> {
    let asked = Command::new("curl").args(["-s", "-H", "content-type: application/json", "-d", body, url]).output()?;
    let answer = String::from_utf8(asked.stdout)?;
    ensure!(answer.contains("\"data\"") && !answer.contains("\"errors\""), "{url} answered {answer}");
    Ok(answer)
}

/// Five seconds of load, after one to warm up.
pub(crate) fn measure(url: &str, body: &str, connections: usize) -> Result<Measured> {
    once(url, body)?;
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("post.lua");
    let quoted = serde_json::to_string(body)?;
    std::fs::write(
        &script,
        format!("wrk.method = \"POST\"\nwrk.body = {quoted}\nwrk.headers[\"content-type\"] = \"application/json\"\n"),
    )?;
    let run = |seconds: u32| -> Result<String> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t2", "--latency", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"])
            .arg(&script)
            .arg(url);
        let said = wrk.output().context("wrk is missing; run `make bench`")?;
        Ok(String::from_utf8(said.stdout)?)
    };
    run(1)?;
    let said = run(5)?;
    ensure!(!said.contains("Non-2xx"), "{said}");
    let value = |name: &str| {
        let line = said.lines().find(|line| line.trim_start().starts_with(name));
        line.and_then(|line| line.split_whitespace().last())
            .map(str::to_owned)
            .with_context(|| format!("wrk said: {said}"))
    };
    Ok(Measured { rate: value("Requests/sec:")?.parse()?, p50: value("50%")?, p99: value("99%")? })
}
