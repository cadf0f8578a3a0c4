//! Asks `@backstage/catalog-model`, one process for all questions.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value as Json, json};

/// What it says to each question: its answer, or why it refuses.
pub(crate) fn ask(questions: Vec<Json>) -> Vec<Result<Json, String>> {
    assert!(
        std::env::var_os("PLINTH_NODE_TOOLS").is_some(),
        "PLINTH_NODE_TOOLS is not set: name the folder whose node_modules holds `@backstage/catalog-model` (made by \
         tests/setup/node.sh)",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/catalog.mjs");
    let mut command = Command::new("node");
    command.arg(&script).env("NODE_NO_WARNINGS", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("`node` must be installed for this test");
    let mut stdin = child.stdin.take().unwrap();
    let count = questions.len();
    let line = |(id, mut question): (usize, Json)| {
        question["id"] = json!(id);
        question.to_string() + "\n"
    };
    let lines: String = questions.into_iter().enumerate().map(line).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "`{}` failed: see above", script.display());
    writer.join().unwrap().unwrap();
    let answers: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().enumerate().map(answer).collect();
    assert_eq!(answers.len(), count, "the oracle answers each question once");
    answers
}

fn answer((id, line): (usize, &str)) -> Result<Json, String> {
    let answer: Json = serde_json::from_str(line).unwrap();
    assert_eq!(answer["id"], id);
    if answer["ok"] == true { Ok(answer) } else { Err(answer["message"].to_string()) }
}
