//! What `@backstage/config-loader` reads is what we read: generated files and variables, asked of the real package.
//!
//! Needs `node`, and `PLINTH_NODE_TOOLS`: a folder whose `node_modules` holds the package.
#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]
#![expect(clippy::print_stderr, reason = "the seed of a failing run is needed to repeat it")]

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use plinth_config::Sources;
use serde_json::{Value, json};

const CASES: usize = 400;

/// A small generator of numbers, the same on every machine (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

const KEYS: &[&str] = &["alpha", "beta", "gamma", "delta", "one-two"];
const TEXTS: &[&str] = &[
    "plain",
    "",
    " spaced ",
    "${SET}",
    "x${SET}y",
    "${UNSET}",
    "a${UNSET}b",
    "${SET:-f}",
    "${UNSET:-fallback}",
    "${UNSET:-}",
    "${EMPTY}",
    "${EMPTY:-f}",
    "${ SET }",
    "${UNSET:- padded }",
    "$${SET}",
    "$$${SET}",
    "${SET}${SPACED}",
    "${SPACED}",
    "${}",
    "${{SET}}",
    "${SET",
    "$SET",
    "{SET}",
    "${UNSET:-a:-b}",
    "$${UNSET}x${SET}",
    "${a:b}",
    "用户${SET}",
];
const SPECIALS: &[&str] = &[
    r#"{"$env": "SET"}"#,
    r#"{"$env": "UNSET"}"#,
    r#"{"$env": "SPACED"}"#,
    r#"{"$file": "text.txt"}"#,
    r#"{"$file": "missing.txt"}"#,
    r#"{"$file": "${NAME}.txt"}"#,
    r#"{"$include": "inc.yaml"}"#,
    r#"{"$include": "inc.yaml#deep.list"}"#,
    r#"{"$include": "inc.yaml#deep.text"}"#,
    r#"{"$include": "inc.json#a"}"#,
    r#"{"$include": "inc.json#none"}"#,
    r#"{"$include": "inc.json#a.b.c.d"}"#,
    r#"{"$include": "sub/inc.yml"}"#,
    r#"{"$include": "text.txt"}"#,
    r#"{"$include": "${UNSET}"}"#,
    r#"{"$env": "SET", "other": 1}"#,
    r#"{"$env": 5}"#,
];

fn value(chance: &mut Chance, depth: u64) -> Value {
    match chance.below(if depth == 0 { 6 } else { 12 }) {
        0 => json!(null),
        1 => json!(chance.below(100)),
        2 => json!(chance.below(2) == 0),
        3..=5 => json!(chance.pick(TEXTS)),
        6 | 7 => (0..chance.below(4)).map(|_| value(chance, depth - 1)).collect(),
        // Rare, since one that is refused decides the whole case.
        8 if chance.below(4) == 0 => serde_json::from_str(chance.pick(SPECIALS)).unwrap(),
        _ => map(chance, depth - 1),
    }
}

fn map(chance: &mut Chance, depth: u64) -> Value {
    (0..chance.below(5)).map(|_| (chance.pick(KEYS).to_owned(), value(chance, depth))).collect()
}

fn case(chance: &mut Chance, folder: &Path) -> Sources {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    write("text.txt", "from a file \n\n");
    write("inc.yaml", "deep:\n  list: [1, '${SET}', {$env: SET}, '${UNSET}']\n  text: '${SET} ${SET}'\nnothing: ~\n");
    write("inc.json", "{\"a\": {\"b\": \"x\"}}");
    write("sub/inc.yml", "inner: {$include: 'other.yaml#x'}\n");
    write("sub/other.yaml", "x: {y: '${SET}'}\n");
    let mut files = Vec::new();
    for number in 0..=chance.below(3) {
        let name = format!("config{number}.yaml");
        let text = if chance.below(20) == 0 { String::new() } else { map(chance, 3).to_string() };
        write(&name, &text);
        files.push(name.into());
    }
    let mut environment: BTreeMap<String, String> =
        [("SET", "value"), ("EMPTY", ""), ("SPACED", " in space "), ("NAME", "text")]
            .map(|(key, it)| (key.to_owned(), it.to_owned()))
            .into();
    for _ in 0..chance.below(3) {
        let key = match chance.below(3) {
            0 => chance.pick(KEYS).to_owned(),
            1 => format!("{}_{}", chance.pick(KEYS), chance.pick(KEYS)),
            _ => chance.pick(&["9bad", "alpha__beta", "alpha_beta_gamma", "x:y"]).to_owned(),
        };
        let text = chance.pick(&["text", "5", "true", "{\"x\": [1]}", "[null]", "null", "", "\"quoted\"", "{broken"]);
        environment.insert(format!("APP_CONFIG_{key}"), text.to_owned());
    }
    Sources { files, directory: folder.to_owned(), environment, data_dir: None, default_data_dir: folder.to_owned() }
}

/// What the package says of each case.
fn oracle(cases: &[Sources]) -> Vec<Value> {
    let tools = std::env::var_os("PLINTH_NODE_TOOLS").expect("PLINTH_NODE_TOOLS names the npm tools; run `make test`");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/config.mjs");
    let mut command = Command::new("node");
    command.arg(script).env("PLINTH_NODE_TOOLS", tools).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines: String = cases
        .iter()
        .map(|it| format!("{}\n", json!({"folder": it.directory, "files": it.files, "environment": it.environment})))
        .collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn compare(seed: u64) {
    eprintln!("seed {seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(seed);
    let cases: Vec<Sources> = (0..CASES)
        .map(|number| {
            let folder = folder.path().join(number.to_string());
            std::fs::create_dir(&folder).unwrap();
            case(&mut chance, &folder)
        })
        .collect();
    let answers = oracle(&cases);
    assert_eq!(answers.len(), CASES);
    let (mut read, mut different) = (0, Vec::new());
    for (sources, answer) in cases.iter().zip(&answers) {
        let ours = plinth_config::merged(sources);
        let same = match (&ours, answer["ok"] == true) {
            (Ok(tree), true) => {
                read += 1;
                tree.to_json() == answer["data"]
            }
            (Err(_), false) => true,
            _ => false,
        };
        if !same {
            let ours = ours.map(|it| it.to_json()).map_err(|error| error.to_string());
            different.push(format!("{}: ours {ours:?}, theirs {answer}", sources.directory.display()));
        }
    }
    // Cases that all are refused would prove nothing.
    assert!(read > CASES / 3, "only {read} of {CASES} cases are read");
    assert!(
        different.is_empty(),
        "{} of {CASES} differ (seed {seed}):\n{}",
        different.len(),
        different[..different.len().min(5)].join("\n")
    );
}

#[test]
fn generated_files_mean_what_they_mean_to_backstage() {
    compare(20_261_125);
}

#[test]
fn in_ci_a_new_seed_is_tried_each_time() {
    if std::env::var_os("CI").is_some() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        compare(now.as_secs());
    }
}
