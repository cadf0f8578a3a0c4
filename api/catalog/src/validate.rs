//! Whether a document is an entity: the envelope, the formats, the fields of its kind.
//!
//! The rules are those of Backstage's `@backstage/catalog-model`; every finding has a field and a place.

mod fields;
mod format;
mod metadata;
mod spec;

pub(crate) use fields::fields_of;

use plinth_model::EntityRef;
use plinth_yaml::{Node, Position, Value};

use crate::{Kind, ProblemCode};

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What sort of fault it is.
    pub code: ProblemCode,
    /// The field's path: `spec.dependsOn[0]`; none where it is the whole document.
    pub field: Option<String>,
    /// Where in the file.
    pub at: Position,
    /// What is wrong and what would be right, for a person.
    pub message: String,
}

/// What a document says it is, as far as that can be read.
pub(crate) fn identity(document: &Node) -> Option<EntityRef> {
    let metadata = document.get("metadata")?;
    let kind = document.get("kind")?.as_str().filter(|it| !it.is_empty())?;
    let name = metadata.get("name")?.as_str().filter(|it| !it.is_empty())?;
    let namespace = metadata.get("namespace").and_then(Node::as_str).filter(|it| !it.is_empty()).unwrap_or("default");
    // What is no reference names nothing, and could not be read back from the database.
    let named = EntityRef::new(kind, namespace, name);
    let read: EntityRef = named.as_str().parse().ok()?;
    (read == named && !named.as_str().chars().any(char::is_control)).then_some(named)
}

/// Checks a document whose placeholders are resolved; `custom` says whether a catalog rule names a kind that is not built
/// in. Whether its source may bring this kind is not asked here.
///
/// # Errors
/// Everything that is wrong with it.
pub fn validate(document: &Node, custom: impl Fn(&str) -> bool) -> Result<Kind, Vec<Finding>> {
    let mut check = Check { findings: Vec::new() };
    let Value::Map(entries) = &document.value else {
        check.fail(
            ProblemCode::Malformed,
            None,
            document.at,
            format!("the document is {}; expected a map", what(document)),
        );
        return Err(check.findings);
    };
    for entry in entries {
        if !matches!(entry.key.as_str(), "apiVersion" | "kind" | "metadata" | "spec") {
            let message =
                format!("`{}` is no field of an entity; expected `apiVersion`, `kind`, `metadata`, `spec`", entry.key);
            check.invalid(&entry.key, entry.key_at, message);
        }
    }
    let kind = check.kind(document, custom);
    check.metadata(document);
    check.spec(document, kind);
    match kind {
        Some(kind) if check.findings.is_empty() => Ok(kind),
        _ => Err(check.findings),
    }
}

/// A node's type, for messages.
fn what(node: &Node) -> &'static str {
    match &node.value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty string",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

/// A value as a message shows it: at most 60 characters of a scalar.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::String(text) if !text.is_empty() => format!("`{}`", text.chars().take(60).collect::<String>()),
        Value::Number(number) => format!("the number {number}"),
        Value::Bool(value) => format!("the boolean {value}"),
        _ => what(node).to_owned(),
    }
}

/// Whether JavaScript takes it for false; Backstage reads some fields only where they are not.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => *number == 0.0 || number.is_nan(),
        Value::String(text) => text.is_empty(),
        Value::List(_) | Value::Map(_) => false,
    }
}

/// Collects what is wrong.
struct Check {
    findings: Vec<Finding>,
}

impl Check {
    fn fail(&mut self, code: ProblemCode, field: Option<String>, at: Position, message: String) {
        self.findings.push(Finding { code, field, at, message });
    }

    fn invalid(&mut self, field: &str, at: Position, message: String) {
        self.fail(ProblemCode::Invalid, Some(field.to_owned()), at, message);
    }

    /// Says that a field is missing, at the map that lacks it.
    fn missing(&mut self, field: &str, parent: &Node, expected: &str) {
        self.invalid(field, parent.at, format!("`{field}` is missing; expected {expected}"));
    }

    /// Says that a field is not what it must be.
    fn wrong(&mut self, field: &str, node: &Node, expected: &str) {
        self.invalid(field, node.at, format!("`{field}` is {}; expected {expected}", shown(node)));
    }

    /// A string that holds something; `format` may ask for more.
    fn text(&mut self, field: &str, node: &Node, format: Format) {
        let right = node.as_str().is_some_and(|text| !text.is_empty() && (format.holds)(text));
        if !right {
            self.wrong(field, node, format.expected);
        }
    }

    fn kind(&mut self, document: &Node, custom: impl Fn(&str) -> bool) -> Option<Kind> {
        let before = self.findings.len();
        for (field, format) in [("apiVersion", format::API_VERSION), ("kind", format::KIND)] {
            match document.get(field) {
                None => self.missing(field, document, format.expected),
                Some(node) => self.text(field, node, format),
            }
        }
        if self.findings.len() > before {
            return None;
        }
        let (version, kind) = (document.get("apiVersion")?, document.get("kind")?);
        let (version_text, kind_text) = (version.as_str()?, kind.as_str()?);
        match Kind::named(kind_text) {
            Some(Kind::Template) if version_text == "scaffolder.backstage.io/v1beta3" => Some(Kind::Template),
            Some(Kind::Template) => {
                self.wrong("apiVersion", version, "`scaffolder.backstage.io/v1beta3` for a Template");
                None
            }
            Some(kind) if matches!(version_text, "backstage.io/v1alpha1" | "backstage.io/v1beta1") => Some(kind),
            Some(_) => {
                self.wrong("apiVersion", version, "`backstage.io/v1alpha1` for this kind");
                None
            }
            None if custom(kind_text) => Some(Kind::Custom),
            None => {
                let names = Kind::BUILT_IN.map(Kind::as_str).join(", ");
                self.wrong("kind", kind, &format!("one of {names}, or a kind that `catalog.rules` names"));
                None
            }
        }
    }
}

/// A format: what it is called and what holds it.
#[derive(Clone, Copy)]
struct Format {
    expected: &'static str,
    holds: fn(&str) -> bool,
}

#[cfg(test)]
mod tests;
