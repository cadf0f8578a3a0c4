//! `$text`, `$json` and `$yaml`: values that stand in another file.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use arcstr::ArcStr;
use plinth_yaml::{Limits, Node, Value};

use crate::{
    ProblemCode,
    contents::{Beside, Contents, Failure},
    validate::Finding,
};

/// How many texts one document may name.
const READS: usize = 100;
/// How long reading them may take.
const TIME: Duration = Duration::from_secs(30);

/// Reads the files that placeholders of one document name.
pub(crate) struct Placeholders<'a> {
    pub(crate) contents: &'a Contents,
    /// The file that the document stands in: a path or a URL.
    pub(crate) file: &'a str,
    /// No file outside this folder is read; it has no links itself.
    pub(crate) root: &'a Path,
    /// What is wrong.
    pub(crate) findings: Vec<Finding>,
    /// What could not be asked.
    pub(crate) warnings: Vec<Finding>,
    /// The files that were read, so that they are watched.
    pub(crate) files: Vec<ArcStr>,
    pub(crate) budget: Budget,
}

/// What one document may still read beside itself.
pub(crate) struct Budget {
    reads: usize,
    bytes: usize,
    until: Instant,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { reads: READS, bytes: Limits::default().file_bytes, until: Instant::now() + TIME }
    }

    /// Asks for one more text.
    fn ask(&mut self) -> Result<(), String> {
        if self.reads == 0 {
            return Err(format!("a document may name {READS} texts beside itself"));
        }
        if Instant::now() > self.until {
            return Err(format!("reading what the document names took longer than {} s", TIME.as_secs()));
        }
        self.reads -= 1;
        Ok(())
    }

    /// Takes a text into account.
    fn take(&mut self, text: &str) -> Result<(), String> {
        let rest = self.bytes.checked_sub(text.len());
        self.bytes = rest.ok_or_else(|| {
            format!("the texts that a document names may have {} bytes together", Limits::default().file_bytes)
        })?;
        Ok(())
    }
}

impl Placeholders<'_> {
    /// Puts the contents in place of every placeholder below a node. The depth of a document is bounded when it is read.
    pub(crate) fn resolve(&mut self, node: &mut Node, path: &str) {
        if let Some((key, target)) = placeholder(node) {
            if let Target::Path(target) = &target
                && !self.contents.has_web()
                && Beside::new(self.file, target).is_url()
            {
                let message = format!("`{key}: {target}` is not read here, so what stands there is not checked");
                let (code, field) = (ProblemCode::Unreadable, Some(path.to_owned()));
                self.warnings.push(Finding { code, field, at: node.at, message });
                node.value = if key == "$text" { Value::String(target.clone()) } else { Value::Map(Vec::new()) };
                return;
            }
            match self.read(key, &target) {
                Ok(value) => node.value = value,
                Err((code, message)) => {
                    let finding = Finding { code, field: Some(path.to_owned()), at: node.at, message };
                    self.findings.push(finding);
                }
            }
            return;
        }
        match &mut node.value {
            Value::Map(entries) => {
                for entry in entries {
                    let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                    self.resolve(&mut entry.value, &path);
                }
            }
            Value::List(members) => {
                for (place, member) in members.iter_mut().enumerate() {
                    self.resolve(member, &format!("{path}[{place}]"));
                }
            }
            _ => {}
        }
    }

    fn read(&mut self, key: &str, target: &Target) -> Result<Value, (ProblemCode, String)> {
        let Target::Path(target) = target else {
            return Err((ProblemCode::Invalid, format!("`{key}` takes a path as a string")));
        };
        let beside = self.contents.beside(self.file, target);
        if !beside.is_url() {
            self.files.push(beside.place.as_str().into());
        }
        let limit = |reason: String| (ProblemCode::LimitExceeded, format!("`{key}: {target}`: {reason}"));
        self.budget.ask().map_err(limit)?;
        let failed = |Failure { code, reason, .. }| (code, format!("`{key}: {target}`: {reason}"));
        let text = self.contents.read_beside(&beside, self.root).map_err(failed)?;
        self.budget.take(&text).map_err(limit)?;
        let malformed = |reason: String| (ProblemCode::Malformed, format!("`{key}: {target}`: {reason}"));
        match key {
            "$text" => Ok(Value::String(text)),
            // JSON is read by the reader of YAML for its limits, after its own grammar was checked.
            "$json" => {
                serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|error| malformed(error.to_string()))?;
                parsed(&text).map_err(malformed)
            }
            _ => parsed(&text).map_err(malformed),
        }
    }
}

enum Target {
    Path(String),
    Other,
}

/// The key and target of a map that is a placeholder: exactly one key, a known one.
fn placeholder(node: &Node) -> Option<(&'static str, Target)> {
    let Value::Map(entries) = &node.value else { return None };
    let [entry] = entries.as_slice() else { return None };
    let key = ["$text", "$json", "$yaml"].into_iter().find(|key| *key == entry.key)?;
    Some((key, entry.value.as_str().map_or(Target::Other, |text| Target::Path(text.to_owned()))))
}

fn parsed(text: &str) -> Result<Value, String> {
    plinth_yaml::parse(text, &Limits::default()).map(|node| node.value).map_err(|error| error.to_string())
}
