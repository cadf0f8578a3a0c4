//! What npm `yaml` 2 reads is what we read: fixed and generated texts, asked of the real package.
//!
//! Needs `node`, and `PLINTH_NODE_TOOLS`: a folder whose `node_modules` holds `yaml`.

#![expect(clippy::print_stderr, reason = "the seed of a failing run is needed to repeat it")]

#[path = "parity/cases.rs"]
mod cases;
#[path = "parity/oracle.rs"]
mod oracle;

use plinth_yaml::{Limits, documents};
use serde_json::Value as Json;

/// What we say about a text: its documents, or the first error.
fn ours(text: &str) -> Result<Vec<Json>, String> {
    let read = documents(text, &Limits::default()).into_iter();
    read.map(|it| it.map(|document| document.root.to_json()).map_err(|error| error.message)).collect()
}

/// JSON with every number as a double, so that `1e3` and `1000` are one.
fn doubles(json: &Json) -> Json {
    match json {
        Json::Number(number) => number.as_f64().map_or(Json::Null, Json::from),
        Json::Array(members) => members.iter().map(doubles).collect(),
        Json::Object(members) => members.iter().map(|(key, it)| (key.clone(), doubles(it))).collect(),
        other => other.clone(),
    }
}

fn check(texts: &[String]) {
    let theirs = oracle::ask(texts);
    let mut differences = String::new();
    for (text, theirs) in texts.iter().zip(theirs) {
        let ours = ours(text);
        let same = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(ours, theirs)| doubles(ours) == doubles(theirs))
            }
            (Err(_), Err(_)) => true,
            _ => false,
        };
        if !same {
            differences.push_str(&format!("--- text\n{text}\n--- ours   {ours:?}\n--- theirs {theirs:?}\n\n"));
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn fixed_texts_are_read_alike() {
    check(&cases::fixed());
}

#[test]
fn generated_texts_are_read_alike() {
    let mut seeds = vec![2_024_u64];
    if std::env::var_os("CI").is_some() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        seeds.push(now.as_secs());
    }
    for seed in seeds {
        eprintln!("seed {seed}");
        check(&cases::generated(seed, 600));
    }
}

#[test]
fn known_differences_still_differ() {
    let (texts, reasons): (Vec<String>, Vec<&str>) =
        cases::DIFFERENCES.iter().map(|(text, why)| ((*text).to_owned(), *why)).unzip();
    for ((text, reason), theirs) in texts.iter().zip(reasons).zip(oracle::ask(&texts)) {
        assert_ne!(ours(text).ok(), theirs.ok(), "no difference any more: {text:?} ({reason})");
    }
}
