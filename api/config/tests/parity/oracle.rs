//! Asks `@backstage/config-loader`, one process for all cases.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value as Json, json};

use crate::case::Placed;

/// What it says about each case: the merged configuration, or its error.
pub(crate) fn ask(cases: &[Placed]) -> Vec<Result<Json, String>> {
    assert!(
        std::env::var_os("PLINTH_NODE_TOOLS").is_some(),
        "PLINTH_NODE_TOOLS is not set: name the folder whose node_modules holds `@backstage/config-loader` (made by \
         tests/setup/node.sh)",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/config.mjs");
    let mut command = Command::new("node");
    command.arg(&script).env("NODE_NO_WARNINGS", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("`node` must be installed for this test");
    let mut stdin = child.stdin.take().unwrap();
    let line = |(id, case): (usize, &Placed)| {
        let Placed { directory, files, environment } = case;
        json!({"id": id, "directory": directory, "files": files, "env": environment}).to_string() + "\n"
    };
    let lines: String = cases.iter().enumerate().map(line).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "`{}` failed: see above", script.display());
    writer.join().unwrap().unwrap();
    let answers: Vec<_> = String::from_utf8(output.stdout).unwrap().lines().enumerate().map(answer).collect();
    assert_eq!(answers.len(), cases.len(), "the oracle answers each case once");
    answers
}

fn answer((id, line): (usize, &str)) -> Result<Json, String> {
    let mut answer: Json = serde_json::from_str(line).unwrap();
    assert_eq!(answer["id"], id);
    if answer["ok"] == true { Ok(answer["config"].take()) } else { Err(answer["message"].to_string()) }
}
