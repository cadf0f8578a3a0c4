//! What `@backstage/config-loader` loads is what we load: fixed and generated files and environments, asked of the real
//! package.
//!
//! Needs `node`, and `PLINTH_NODE_TOOLS`: a folder whose `node_modules` holds the package.

#![expect(clippy::print_stderr, reason = "the seed of a failing run is needed to repeat it")]
#![expect(clippy::unwrap_used, reason = "a broken test may panic")]

#[path = "parity/case.rs"]
mod case;
#[path = "parity/generator.rs"]
mod generator;
#[path = "parity/oracle.rs"]
mod oracle;

use case::Case;
use serde_json::{Value as Json, json};

/// JSON with every number as a double.
fn doubles(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(members) => members.iter().map(doubles).collect(),
        Json::Object(members) => members.iter().map(|(key, it)| (key.clone(), doubles(it))).collect(),
        other => other.clone(),
    }
}

/// Whether both load the same, or both refuse.
fn agree(ours: &Result<Json, String>, theirs: &Result<Json, String>) -> bool {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => doubles(ours) == doubles(theirs),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// The first of the known differences.
fn says_nothing(theirs: &Result<Json, String>) -> bool {
    theirs.as_ref().is_err_and(|message| message.contains("Missing required config value at ''"))
}

fn check(cases: &[Case]) {
    let folder = tempfile::tempdir().unwrap();
    case::write_shared(folder.path());
    let placed: Vec<_> = cases.iter().enumerate().map(|(id, case)| case.place(folder.path(), id)).collect();
    let (mut differences, mut refused) = (String::new(), 0);
    for ((case, placed), theirs) in cases.iter().zip(&placed).zip(oracle::ask(&placed)) {
        let ours = placed.load();
        refused += usize::from(ours.is_err());
        if !agree(&ours, &theirs) && !says_nothing(&theirs) {
            differences.push_str(&format!("{case}\n--- ours   {ours:?}\n--- theirs {theirs:?}\n\n"));
        }
    }
    eprintln!("{} cases, {refused} of them refused by both", cases.len());
    assert!(differences.is_empty(), "{differences}");
    assert!(refused * 2 < cases.len(), "most cases should load");
}

/// One feature each, so that a break is easy to see.
#[test]
fn fixed_configurations_are_loaded_alike() {
    check(&case::fixed());
}

#[test]
fn generated_configurations_are_loaded_alike() {
    let mut seeds = vec![2_024_u64];
    if std::env::var_os("CI").is_some() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        seeds.push(now.as_secs());
    }
    for seed in seeds {
        eprintln!("seed {seed}");
        check(&generator::cases(seed, 600));
    }
}

#[test]
fn known_differences_still_differ() {
    let folder = tempfile::tempdir().unwrap();
    let (cases, reasons): (Vec<Case>, Vec<&str>) = case::differences().into_iter().unzip();
    let placed: Vec<_> = cases.iter().enumerate().map(|(id, case)| case.place(folder.path(), id)).collect();
    for ((placed, reason), theirs) in placed.iter().zip(reasons).zip(oracle::ask(&placed)) {
        assert!(!agree(&placed.load(), &theirs), "no difference any more: {reason}");
    }
}
