//! Documents made to hurt: how soon they are refused, and how soon others are answered beside them.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    load::{self, Load},
    plinth::Plinth,
};

/// Fragments each of which spreads the next so many times, so deep.
const BOMBS: [(usize, usize); 6] = [(2, 14), (4, 14), (10, 14), (2, 30), (4, 30), (10, 30)];
/// Who send bombs at a time.
const SENDERS: usize = 3;

/// Measures the bombs, then a small query alone and beside them; `record` takes the lines.
pub(crate) fn measure(server: &Plinth, mut record: impl FnMut(Value) -> Result<()>) -> Result<()> {
    let bombs: Vec<String> = BOMBS.iter().map(|(width, depth)| bomb(*width, *depth)).collect();
    for ((width, depth), bomb) in BOMBS.iter().zip(&bombs) {
        let answer = load::ask(&server.url, bomb)?;
        ensure!(answer.contains("LIMIT_EXCEEDED"), "a bomb was answered with {answer}");
        let mut line = json!(load::measure_refused(&server.url, std::slice::from_ref(bomb), 1)?);
        line["what"] = "a bomb of fragments refused".into();
        line["width"] = (*width).into();
        line["depth"] = (*depth).into();
        record(line)?;
    }
    let small = json!({"query": "{__typename}"}).to_string();
    let mut alone = json!(load::measure(&server.url, &small, 1)?);
    alone["what"] = "{__typename}".into();
    record(alone)?;
    // They begin before it and end after it.
    let senders = Load::start(&server.url, &bombs, SENDERS, load::SECONDS + 2)?;
    let mut beside = json!(load::measure(&server.url, &small, 1)?);
    beside["what"] = "{__typename} beside three who send bombs".into();
    beside["bombsPerSecond"] = senders.finish()?.requests_per_second.into();
    record(beside)
}

fn bomb(width: usize, depth: usize) -> String {
    let spreads = |at: usize| format!("...F{at} ").repeat(width);
    let links: String = (0..depth).map(|at| format!("fragment F{at} on Query {{{}}} ", spreads(at + 1))).collect();
    let query = format!("{{...F0}} {links} fragment F{depth} on Query {{catalogRevision}}");
    json!({"query": query}).to_string()
}
