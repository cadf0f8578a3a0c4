//! Measures the release binary beside a bare async-graphql resolver and a hand-written handler, in the same run.
//!
//! `make bench` builds everything and starts it. Each line of results.jsonl is one measurement with its conditions.
//! `PLINTH_BENCH` says which parts and sizes, all when it is empty: `PLINTH_BENCH='lists 100000'`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]

mod baseline;
mod bombs;
mod changes;
mod lists;
mod load;
mod organisation;
mod plinth;
mod start;
mod subscribers;

use std::{io::Write, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// `start`: the first start and the next. `lists`: the same, and queries. `changes`: the same, and changes under load.
const PARTS: [&str; 5] = ["start", "lists", "changes", "bombs", "subscribers"];
/// Entities of each run.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// Where the measurements are kept, from the project's root, where `make bench` starts it: a path that is built in would be that
/// of another checkout, for all share what is built.
const RESULTS: &str = "tests/bench/results.jsonl";
/// Subscribers of each run.
const SUBSCRIBERS: [usize; 2] = [1_000, 5_000];

/// What is to be measured.
struct Chosen {
    parts: Vec<String>,
    sizes: Vec<usize>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let commit = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output()?;
    let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
    let record = |line| record(&commit, line);
    let chosen = Chosen::parse(&std::env::var("PLINTH_BENCH").unwrap_or_default())?;
    for size in &chosen.sizes {
        if ["start", "lists", "changes"].into_iter().any(|part| chosen.has(part)) {
            let server = start::measure(*size, record).await?;
            if chosen.has("lists") {
                lists::measure(&server, *size, record).await?;
            }
            if chosen.has("changes") {
                changes::measure(&server, *size, record).await?;
            }
        }
    }
    if chosen.has("bombs") {
        bombs::measure(&plinth::Plinth::start(SIZES[0]).await?, record)?;
    }
    if chosen.has("subscribers") {
        // Each subscriber takes a descriptor here, too.
        rlimit::increase_nofile_limit(u64::MAX)?;
        for count in SUBSCRIBERS {
            let server = plinth::Plinth::start(200).await?;
            record(subscribers::measure(&server, count).await?)?;
        }
    }
    Ok(())
}

/// Prints a measurement and appends it to results.jsonl.
fn record(commit: &str, mut line: Value) -> Result<()> {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    line["commit"] = commit.into();
    line["load"] = load.split(' ').next().unwrap_or_default().into();
    println!("{line}");
    let path = Path::new(RESULTS);
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    writeln!(file.with_context(|| format!("`{}` cannot be written", path.display()))?, "{line}")?;
    Ok(())
}

// === impl Chosen ===

impl Chosen {
    /// Words are parts, numbers are sizes.
    fn parse(text: &str) -> Result<Self> {
        let (numbers, words): (Vec<_>, Vec<_>) = text.split_whitespace().partition(|it| it.parse::<usize>().is_ok());
        for word in &words {
            ensure!(PARTS.contains(word), "PLINTH_BENCH names `{word}`; the parts are {}", PARTS.join(", "));
        }
        let mut sizes: Vec<usize> = numbers.iter().filter_map(|it| it.parse().ok()).collect();
        for size in &sizes {
            ensure!(*size >= SIZES[0], "PLINTH_BENCH names {size} entities; {} are the least", SIZES[0]);
        }
        if sizes.is_empty() {
            sizes.extend(SIZES);
        }
        Ok(Self { parts: words.iter().map(|it| (*it).to_owned()).collect(), sizes })
    }

    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|it| it == part)
    }
}
