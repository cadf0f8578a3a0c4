//! What `@backstage/catalog-model` accepts is what we accept: documents that bend each field at both sides of its rule,
//! generated ones, and references, asked of the real package.
//!
//! Needs `node`, and `PLINTH_NODE_TOOLS`: a folder whose `node_modules` holds the package.

#![expect(clippy::print_stderr, reason = "the seed of a failing run is needed to repeat it")]
#![expect(clippy::unwrap_used, reason = "a broken test may panic")]

#[path = "parity/generator.rs"]
mod generator;
#[path = "parity/oracle.rs"]
mod oracle;
#[path = "parity/table.rs"]
mod table;

use std::{collections::BTreeMap, fmt::Write};

use generator::Case;
use plinth_model::EntityRef;
use plinth_yaml::Limits;
use serde_json::{Value as Json, json};
use table::{KINDS, SHARED, Sides};

/// The same document for our reader: JSON is YAML when only the characters that both escape alike are left.
fn yaml(document: &Json) -> String {
    let mut text = String::new();
    for character in document.to_string().chars() {
        match character {
            ' '..='~' => text.push(character),
            other => write!(text, "\\U{:08X}", u32::from(other)).unwrap(),
        }
    }
    text
}

/// What we say about a document: nothing, or what is wrong.
fn ours(document: &Json, claimed: bool) -> Result<(), String> {
    let root = plinth_yaml::parse(&yaml(document), &Limits::default()).unwrap();
    let findings = plinth_catalog::validate(&root, |_| claimed).err().unwrap_or_default();
    assert!(findings.iter().all(|it| it.field.is_some() || !document.is_object()), "each finding names its field");
    let messages: Vec<_> = findings.into_iter().map(|it| it.message).collect();
    if messages.is_empty() { Ok(()) } else { Err(messages.join("; ")) }
}

/// Asks both about each document, and fails unless they judge alike; gives the verdicts.
fn check(cases: &[Case]) -> Vec<bool> {
    let question = |case: &Case| json!({"entity": case.document, "claimed": case.claimed});
    let answers = oracle::ask(cases.iter().map(question).collect());
    let mut differences = String::new();
    for (case, theirs) in cases.iter().zip(&answers) {
        let ours = ours(&case.document, case.claimed);
        if ours.is_ok() != theirs.is_ok() {
            let Case { kind, bent, claimed, document } = case;
            let bent: Vec<_> = bent.iter().map(|field| field.path.join(".")).collect();
            let head = format!("--- {kind}, claimed {claimed}, bent {bent:?}\n{document}");
            writeln!(differences, "{head}\n--- ours   {ours:?}\n--- theirs {theirs:?}\n").unwrap();
        }
    }
    let refused = answers.iter().filter(|it| it.is_err()).count();
    let share = refused * 100 / cases.len();
    eprintln!("{} documents, {refused} of them refused ({share} %)", cases.len());
    assert!(differences.is_empty(), "{differences}");
    assert!((40..90).contains(&share), "both sides need cases: {share} % are refused");
    answers.iter().map(Result::is_ok).collect()
}

/// A seed that stays, and one that changes where the tests run for everybody.
fn seeds() -> Vec<u64> {
    let mut seeds = vec![2_024];
    if std::env::var_os("CI").is_some() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        seeds.push(now.as_secs());
    }
    seeds
}

#[test]
fn each_field_is_judged_alike_on_both_sides_of_its_rule() {
    let cases = generator::each();
    let mut seen: BTreeMap<(&str, &[&str], bool), [usize; 2]> = BTreeMap::new();
    for (case, accepted) in cases.iter().zip(check(&cases)) {
        let field = case.bent[0];
        let kind = if SHARED.iter().any(|it| it.path == field.path) { "any" } else { case.kind };
        let is_key = matches!(field.values, table::Values::KeysOf(_));
        seen.entry((kind, field.path, is_key)).or_default()[usize::from(accepted)] += 1;
    }
    let shared = SHARED.iter().map(|field| ("any", field));
    let own = KINDS.iter().flat_map(|kind| kind.fields.iter().map(|field| (kind.name, field)));
    for (kind, field) in shared.chain(own) {
        let is_key = matches!(field.values, table::Values::KeysOf(_));
        let [refused, accepted] = seen.get(&(kind, field.path, is_key)).copied().unwrap_or_default();
        // Where no key is right, the case without one is.
        let right = match field.sides {
            Sides::Both => refused > 1 && accepted > 0,
            Sides::Accepted => refused == 0 && accepted > 0,
            Sides::Refused => refused > 1 && accepted <= KINDS.len(),
        };
        assert!(right, "{kind} {}: {accepted} accepted, {refused} refused", field.path.join("."));
    }
}

#[test]
fn generated_documents_are_judged_alike() {
    for seed in seeds() {
        eprintln!("seed {seed}");
        check(&generator::random(seed, 2_000));
    }
}

#[test]
fn generated_urls_are_judged_alike() {
    for seed in seeds() {
        eprintln!("seed {seed}");
        check(&generator::urls(seed, 2_000));
    }
}

/// What we make of a question about a reference.
fn reference(question: &Json) -> Option<EntityRef> {
    if let Some(parts) = question.get("write") {
        let namespace = parts.get("namespace").map_or("default", |it| it.as_str().unwrap());
        return Some(EntityRef::new(parts["kind"].as_str().unwrap(), namespace, parts["name"].as_str().unwrap()));
    }
    let parse = &question["parse"];
    let namespace = parse["namespace"].as_str().unwrap_or("default");
    EntityRef::parse(parse["text"].as_str().unwrap(), parse["kind"].as_str(), namespace).ok()
}

#[test]
fn references_are_read_and_written_alike() {
    for seed in seeds() {
        eprintln!("seed {seed}");
        let mut questions = generator::references(seed, 1_500);
        questions.extend(generator::parts(seed, 500));
        let (mut differences, mut refused) = (String::new(), 0);
        for (question, theirs) in questions.iter().zip(oracle::ask(questions.clone())) {
            let ours = reference(question);
            refused += usize::from(theirs.is_err());
            let same = match (&ours, &theirs) {
                (Some(ours), Ok(theirs)) => is_same(ours, theirs),
                (None, Err(_)) => true,
                _ => false,
            };
            if !same {
                writeln!(differences, "{question}\n--- ours   {ours:?}\n--- theirs {theirs:?}\n").unwrap();
            }
        }
        eprintln!("{} references, {refused} of them refused", questions.len());
        assert!(differences.is_empty(), "{differences}");
        assert!(refused * 5 > questions.len(), "both sides need cases");
    }
}

/// The same text; and the same parts, where the oracle tells them.
fn is_same(ours: &EntityRef, theirs: &Json) -> bool {
    let part = |name: &str| theirs["parts"][name].as_str().map(str::to_lowercase);
    let parts = [("kind", ours.kind()), ("namespace", ours.namespace()), ("name", ours.name())];
    theirs["text"] == ours.as_str() && parts.iter().all(|(name, ours)| part(name).is_none_or(|theirs| theirs == *ours))
}

/// Documents that we judge otherwise on purpose, and why.
fn differences() -> Vec<(Json, &'static str)> {
    let component = |dependency_of: Json| {
        let spec = json!({"type": "t", "lifecycle": "l", "owner": "o", "dependencyOf": dependency_of});
        json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "a"}, "spec": spec})
    };
    vec![
        (
            component(json!({"kind": "resource", "name": "b"})),
            "a reference is a text, where theirs reads an object that no schema checks",
        ),
        (component(json!([{"kind": "resource", "namespace": "n", "name": "b"}])), "the same in a list"),
    ]
}

#[test]
fn known_differences_still_differ() {
    let (documents, reasons): (Vec<Json>, Vec<&str>) = differences().into_iter().unzip();
    let answers = oracle::ask(documents.iter().map(|it| json!({"entity": it, "claimed": false})).collect());
    for ((document, reason), theirs) in documents.iter().zip(reasons).zip(answers) {
        assert_ne!(ours(document, false).is_ok(), theirs.is_ok(), "no difference any more: {reason}");
    }
}
