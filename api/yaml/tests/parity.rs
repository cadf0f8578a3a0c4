//! What npm `yaml` 2 reads is what we read: fixed and generated texts, asked of the real package.
//!
//! Needs `node`, and `PLINTH_NODE_TOOLS`: a folder whose `node_modules` holds `yaml`.

#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]
#![expect(clippy::print_stderr, reason = "the seed of a failing run is needed to repeat it")]

#[path = "parity/cases.rs"]
mod cases;
#[path = "parity/oracle.rs"]
mod oracle;

use plinth_yaml::{Limits, documents};
use serde_json::{Value as Json, json};

/// What we say about a text: its documents, or the first error.
fn ours(text: &str) -> Result<Vec<Json>, String> {
    let read = documents(text, &Limits::default()).into_iter();
    read.map(|it| it.map(|document| document.root.to_json()).map_err(|error| error.message)).collect()
}

/// JSON with every number as a double, so that `1e3` and `1000` are one; `serde_json` reads the last digit as it likes.
fn doubles(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64().map(|it| format!("{it:.14e}"))),
        Json::Array(members) => members.iter().map(doubles).collect(),
        Json::Object(members) => members.iter().map(|(key, it)| (key.clone(), doubles(it))).collect(),
        other => other.clone(),
    }
}

/// How two answers compare.
#[derive(PartialEq, Eq)]
enum Verdict {
    Same,
    /// One reads what the other refuses.
    Taste,
    Different,
}

fn compare(ours: &Result<Vec<Json>, String>, theirs: &Result<Vec<Json>, String>) -> Verdict {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours.iter().map(doubles).eq(theirs.iter().map(doubles)) => Verdict::Same,
        (Ok(_), Ok(_)) => Verdict::Different,
        (Err(_), Err(_)) => Verdict::Same,
        // The first of the known differences.
        (Err(message), Ok(_)) if message.contains("stands as a key") => Verdict::Same,
        _ => Verdict::Taste,
    }
}

/// Asks both, and fails unless they read alike; so many texts may be refused by one and not by the other.
fn check(texts: &[String], tastes_allowed: usize) {
    let (mut differences, mut tastes) = (String::new(), 0);
    for (text, theirs) in texts.iter().zip(oracle::ask(texts)) {
        let ours = ours(text);
        let verdict = compare(&ours, &theirs);
        tastes += usize::from(verdict == Verdict::Taste);
        if verdict == Verdict::Different || (verdict == Verdict::Taste && tastes > tastes_allowed) {
            differences.push_str(&format!("--- text\n{text}\n--- ours   {ours:?}\n--- theirs {theirs:?}\n\n"));
        }
    }
    eprintln!("{} texts, {tastes} that one reads and the other refuses", texts.len());
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn fixed_texts_are_read_alike() {
    check(&cases::fixed(), 0);
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
        check(&cases::generated(seed, 600), 0);
    }
}

#[test]
fn broken_texts_are_refused_or_read_alike() {
    let seed = 7;
    eprintln!("seed {seed}");
    let mut texts = cases::fixed();
    texts.extend(cases::generated(seed, 600));
    let mut broken = cases::mutated(seed, &texts, 2_000);
    // A last line of spaces is one of the known differences.
    broken.retain(|text| !text.ends_with(' '));
    check(&broken, 20);
}

#[test]
fn known_differences_still_differ() {
    let texts: Vec<String> = cases::DIFFERENCES.iter().map(|(text, _)| (*text).to_owned()).collect();
    for ((text, reason), theirs) in cases::DIFFERENCES.iter().zip(oracle::ask(&texts)) {
        let (ours, theirs) = (ours(text).ok(), theirs.ok());
        assert_ne!(ours, theirs, "no difference any more: {text:?} ({reason})");
    }
}
