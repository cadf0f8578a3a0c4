//! `plinth check`: catalog files without a server.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use plinth_catalog::{Checked, Config, Problem, Severity, normalized};
use plinth_storage::now;
use serde_json::{Value, json};

use crate::commands::say;

/// Checks paths and prints what is wrong; fails where a document would be refused.
pub(crate) fn check(paths: &[PathBuf], config: Option<&Config>, as_json: bool) -> Result<ExitCode> {
    let directory = std::env::current_dir().context("the current directory cannot be found")?;
    let absolute: Vec<_> = paths.iter().map(|path| normalized(&directory.join(path))).collect();
    let checked = plinth_catalog::check(&absolute, config, now());
    // Names are shown as they were given: from here, unless all of them are absolute.
    let from = Some(directory.as_path()).filter(|_| !paths.iter().all(|path| path.is_absolute()));
    if as_json {
        say(&format!("{:#}\n", report(&checked, from)))?;
    } else {
        let lines: String = checked.problems.iter().map(|problem| line(problem, from)).collect();
        say(&lines)?;
        let Checked { files, entities, problems } = &checked;
        eprint_summary(*files, entities.len(), problems.len());
    }
    Ok(if checked.is_valid() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `file:line:column: field: message`.
fn line(problem: &Problem, from: Option<&Path>) -> String {
    let mut text = file(problem, from).unwrap_or_default();
    for number in [problem.line, problem.column].into_iter().flatten() {
        text.push_str(&format!(":{number}"));
    }
    text.push_str(": ");
    if let Some(field) = &problem.field {
        text.push_str(&format!("{field}: "));
    }
    if problem.severity == Severity::Warning {
        text.push_str("warning: ");
    }
    // A message may quote a text of several lines.
    text.push_str(&problem.message.replace(['\n', '\r'], " "));
    text.push('\n');
    text
}

fn report(checked: &Checked, from: Option<&Path>) -> Value {
    let problem = |it: &Problem| {
        json!({
            "file": file(it, from),
            "line": it.line,
            "column": it.column,
            "document": it.document,
            "entityRef": it.entity.as_ref().map(|it| it.as_str()),
            "field": it.field,
            "code": it.code.as_str(),
            "severity": it.severity.as_str().to_lowercase(),
            "message": it.message,
        })
    };
    json!({
        "files": checked.files,
        "entities": checked.entities.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "problems": checked.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

fn file(problem: &Problem, from: Option<&Path>) -> Option<String> {
    let file = problem.file.as_deref()?;
    let shown = from.and_then(|from| Path::new(file).strip_prefix(from).ok()).and_then(Path::to_str);
    Some(shown.unwrap_or(file).to_owned())
}

fn eprint_summary(files: usize, entities: usize, problems: usize) {
    use std::io::Write;
    // There is nobody to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{files} files, {entities} entities, {problems} problems");
}
