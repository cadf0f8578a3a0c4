//! Checks `spec` by the table of its kind's fields.

use plinth_model::EntityRef;
use plinth_yaml::{Node, Value};

use super::{
    Check,
    fields::{Field, Shape, fields_to_check},
    format, is_nothing,
};
use crate::Kind;

impl Check {
    pub(super) fn spec(&mut self, document: &Node, kind: Option<Kind>) {
        let Some(spec) = document.get("spec") else {
            if kind.is_some_and(|kind| kind != Kind::Custom) {
                self.missing("spec", document, "a map");
            }
            return;
        };
        let Some(kind) = kind else {
            if !matches!(spec.value, Value::Map(_)) {
                self.wrong("spec", spec, "a map");
            }
            return;
        };
        let namespace = document.get("metadata").and_then(|it| it.get("namespace")).and_then(Node::as_str);
        let spec_type = spec.get("type").and_then(Node::as_str);
        let fields = fields_to_check(kind, spec_type, spec.get("remotes").is_some());
        self.map("spec", spec, fields, namespace.unwrap_or("default"));
    }

    fn map(&mut self, path: &str, node: &Node, fields: &[Field], namespace: &str) {
        if !matches!(node.value, Value::Map(_)) {
            return self.wrong(path, node, "a map");
        }
        for field in fields {
            let path = format!("{path}.{}", field.name);
            match node.get(field.name) {
                Some(member) => self.field(&path, member, field, namespace),
                None if field.required => self.missing(&path, node, &field.shape.expected()),
                None => {}
            }
        }
    }

    fn field(&mut self, path: &str, node: &Node, field: &Field, namespace: &str) {
        match (field.shape, &node.value) {
            (Shape::Text, _) => {
                self.text(path, node, format::TEXT);
                self.reference(path, node, field, namespace);
            }
            (Shape::AnyText, Value::String(_)) | (Shape::Condition, Value::String(_) | Value::Bool(_)) => {}
            (Shape::Presence, Value::String(text)) if text == "required" || text == "optional" => {}
            (Shape::References, Value::String(text)) if !text.is_empty() => {
                self.reference(path, node, field, namespace);
            }
            (Shape::References, _) if is_nothing(node) => {}
            (Shape::Texts | Shape::References, Value::List(members)) => {
                for (path, member) in numbered(path, members) {
                    self.text(&path, member, format::TEXT);
                    self.reference(&path, member, field, namespace);
                }
            }
            (Shape::AnyTexts, Value::List(members)) => {
                for (path, member) in numbered(path, members) {
                    self.any_text(&path, member);
                }
            }
            (Shape::Map(fields) | Shape::MapOrMaps(fields), Value::Map(_)) => self.map(path, node, fields, namespace),
            (Shape::MapOfTexts(fields), Value::Map(entries)) => {
                self.map(path, node, fields, namespace);
                let is_further = |key: &str| fields.iter().all(|field| field.name != key);
                for entry in entries.iter().filter(|entry| is_further(&entry.key)) {
                    self.any_text(&format!("{path}.{}", entry.key), &entry.value);
                }
            }
            (Shape::SomeMaps(_), Value::List(members)) if members.is_empty() => {
                self.wrong(path, node, &field.shape.expected());
            }
            (Shape::Maps(fields) | Shape::SomeMaps(fields) | Shape::MapOrMaps(fields), Value::List(members)) => {
                for (path, member) in numbered(path, members) {
                    self.map(&path, member, fields, namespace);
                }
            }
            (shape, _) => self.wrong(path, node, &shape.expected()),
        }
    }

    fn any_text(&mut self, path: &str, node: &Node) {
        if node.as_str().is_none() {
            self.wrong(path, node, "a string");
        }
    }

    /// A reference that does not parse fails the entity.
    fn reference(&mut self, path: &str, node: &Node, field: &Field, namespace: &str) {
        let (Some((_, default_kind)), Some(text)) = (field.relation, node.as_str()) else { return };
        if text.is_empty() {
            return;
        }
        if let Err(error) = EntityRef::parse(text, default_kind, namespace) {
            self.invalid(path, node.at, format!("`{path}`: {error}"));
        }
    }
}

/// The members of a list, each with its path.
fn numbered<'a>(path: &str, members: &'a [Node]) -> impl Iterator<Item = (String, &'a Node)> {
    members.iter().enumerate().map(move |(place, member)| (format!("{path}[{place}]"), member))
}
