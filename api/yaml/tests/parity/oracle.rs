//! Asks npm `yaml`, one process for all texts.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value as Json, json};

/// What it says about each text: the documents, or its first error.
pub(crate) fn ask(texts: &[String]) -> Vec<Result<Vec<Json>, String>> {
    assert!(
        std::env::var_os("PLINTH_NODE_TOOLS").is_some(),
        "PLINTH_NODE_TOOLS is not set: name the folder whose node_modules holds `yaml` (made by tests/setup/node.sh)",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/yaml.mjs");
    let mut command = Command::new("node");
    command.arg(&script).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("`node` must be installed for this test");
    let mut stdin = child.stdin.take().unwrap();
    let lines: String =
        texts.iter().enumerate().map(|(id, text)| json!({"id": id, "text": text}).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "`{}` failed: see above", script.display());
    writer.join().unwrap().unwrap();
    let answers: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().enumerate().map(answer).collect();
    assert_eq!(answers.len(), texts.len(), "the oracle answers each text once");
    answers
}

fn answer((id, line): (usize, &str)) -> Result<Vec<Json>, String> {
    let mut answer: Json = serde_json::from_str(line).unwrap();
    assert_eq!(answer["id"], id);
    if answer["ok"] == true {
        Ok(answer["docs"].as_array_mut().map(std::mem::take).unwrap_or_default())
    } else {
        Err(answer["message"].to_string())
    }
}
