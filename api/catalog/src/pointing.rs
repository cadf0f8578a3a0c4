//! Where a `Location` may lead.

use std::path::{Path, PathBuf};

use plinth_yaml::{Node, Value};

use crate::{Kind, LocationType, ProblemCode, content::resolved, contents::web_url, files::Target, validate::Finding};

/// What is wrong with the targets of a `Location`. On the disk they may not leave `root`, the folder of the configured location
/// that led here: whoever may write there could make the server read anything. `None` asks nothing of that.
pub(crate) fn check(document: &Node, file: &str, root: Option<&Path>) -> Vec<Finding> {
    if document.get("kind").and_then(Node::as_str) != Some(Kind::Location.as_str()) {
        return Vec::new();
    }
    let Some(spec) = document.get("spec") else { return Vec::new() };
    let on_web = web_url(file).is_some();
    let named = spec.get("type").and_then(Node::as_str).and_then(LocationType::named);
    if on_web && named == Some(LocationType::File) {
        let at = spec.get("type").map_or(spec.at, |it| it.at);
        let message = "a `Location` on the web cannot name files on the server's disk; expected the type `url`";
        return vec![finding(ProblemCode::NotAllowed, "spec.type".to_owned(), at, message)];
    }
    let kind = named.unwrap_or(if on_web { LocationType::Url } else { LocationType::File });
    let mut findings = Vec::new();
    let one = spec.get("target").map(|node| ("spec.target".to_owned(), node));
    let many = match spec.get("targets").map(|node| &node.value) {
        Some(Value::List(members)) => members.as_slice(),
        _ => &[],
    };
    let many = many.iter().enumerate().map(|(place, node)| (format!("spec.targets[{place}]"), node));
    for (field, node) in one.into_iter().chain(many) {
        let Some(target) = node.as_str() else { continue };
        if let Err((code, message)) = check_one(kind, target, file, root) {
            findings.push(finding(code, field, node.at, &message));
        }
    }
    findings
}

fn check_one(kind: LocationType, target: &str, file: &str, root: Option<&Path>) -> Result<(), (ProblemCode, String)> {
    if target.chars().any(char::is_control) {
        return Err((ProblemCode::Invalid, "a target holds a control character".to_owned()));
    }
    match kind {
        LocationType::File => {
            let whole = resolved(file, target);
            let base = Target::parse(&whole).map(|it| it.base().to_owned()).unwrap_or_else(|_| PathBuf::from(&whole));
            if root.is_some_and(|root| !lies_within(&base, root)) {
                let root = root.map(|it| it.display().to_string()).unwrap_or_default();
                let message = format!(
                    "`{target}` leads out of `{root}`, the folder of the location that leads here; name it in `catalog.locations`"
                );
                return Err((ProblemCode::NotAllowed, message));
            }
            Ok(())
        }
        // No other one can be named.
        _ if joined(file, target).is_none() => {
            Err((ProblemCode::Invalid, format!("`{target}` is no `http` or `https` URL")))
        }
        _ => Ok(()),
    }
}

/// The URL that a target names, by itself or beside its file.
pub(crate) fn joined(file: &str, target: &str) -> Option<url::Url> {
    match web_url(file) {
        Some(base) => base.join(target).ok().filter(|url| matches!(url.scheme(), "http" | "https")),
        None => web_url(target),
    }
}

/// Whether a path lies within a folder, links followed as far as the path exists.
fn lies_within(path: &Path, root: &Path) -> bool {
    for ancestor in path.ancestors() {
        if let Ok(real) = std::fs::canonicalize(ancestor) {
            let rest = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
            return real.join(rest).starts_with(root);
        }
    }
    false
}

fn finding(code: ProblemCode, field: String, at: plinth_yaml::Position, message: &str) -> Finding {
    Finding { code, field: Some(field), at, message: message.to_owned() }
}
