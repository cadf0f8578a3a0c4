//! `$text`, `$json` and `$yaml`: values that stand in another file.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use plinth_yaml::{Limits, Node, Value};

use crate::{ProblemCode, content::resolved, validate::Finding};

/// Reads the files that placeholders of one document name.
pub(crate) struct Placeholders<'a> {
    /// The file that the document stands in.
    pub(crate) file: &'a str,
    /// Nothing outside this folder is read.
    pub(crate) root: &'a Path,
    /// What is wrong.
    pub(crate) findings: Vec<Finding>,
    /// The files that were read, so that they are watched.
    pub(crate) files: Vec<Arc<str>>,
}

impl Placeholders<'_> {
    /// Puts the contents in place of every placeholder below a node. The depth of a document is bounded when it is read.
    pub(crate) fn resolve(&mut self, node: &mut Node, path: &str) {
        if let Some((key, target)) = placeholder(node) {
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
        if url::Url::parse(target).is_ok() {
            let message = format!("`{key}: {target}`: URLs cannot be read yet; put the file beside the document");
            return Err((ProblemCode::Unreadable, message));
        }
        let path = resolved(self.file, target);
        self.files.push(path.as_str().into());
        let text =
            self.text(&path).map_err(|reason| (ProblemCode::Unreadable, format!("`{key}: {target}`: {reason}")))?;
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

    fn text(&self, path: &str) -> Result<String, String> {
        let real = std::fs::canonicalize(path).map_err(|error| error.to_string())?;
        let root = std::fs::canonicalize(self.root).map_err(|error| error.to_string())?;
        if !real.starts_with(&root) {
            return Err(format!("it leads out of the location's folder `{}`", self.root.display()));
        }
        read_text(&real)
    }
}

/// A file of text within the limit.
pub(crate) fn read_text(path: &PathBuf) -> Result<String, String> {
    use std::io::Read;
    let limit = Limits::default().file_bytes;
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    if !file.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("it is no UTF-8 text from byte {} on", error.utf8_error().valid_up_to()))
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
