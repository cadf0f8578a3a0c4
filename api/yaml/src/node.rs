//! The tree.

use serde_json::{Map, Number};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// A value and where it begins.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub at: Position,
}

/// What a node is, by YAML's core schema.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A double, as JavaScript's.
    Number(f64),
    /// A text.
    String(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the document; no key comes twice.
    Map(Vec<Entry>),
}

/// A member of a map.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, turned to a string as JavaScript does.
    pub key: String,
    /// Where the key begins.
    pub key_at: Position,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The member of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same as JSON: whole numbers as integers, what JSON has no number for as null.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => json_number(*number),
            Value::String(text) => Json::String(text.clone()),
            Value::List(members) => Json::Array(members.iter().map(Node::to_json).collect()),
            Value::Map(entries) => {
                let members = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
                Json::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// Where a path such as `spec.dependsOn[0]` or `metadata.labels["a.b/c"]` stands, or as much of it as there is. A
    /// member of a map is found at its key.
    pub fn locate(&self, path: &str) -> Position {
        let (mut node, mut at, mut rest) = (self, self.at, path);
        while let Some((step, behind)) = next_step(rest) {
            rest = behind;
            match (step, &node.value) {
                (Step::Key(key), Value::Map(_)) => match node.entry(key) {
                    Some(entry) => (node, at) = (&entry.value, entry.key_at),
                    None => break,
                },
                (Step::Index(place), Value::List(members)) => match members.get(place) {
                    Some(member) => (node, at) = (member, member.at),
                    None => break,
                },
                _ => break,
            }
        }
        at
    }
}

enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn next_step(path: &str) -> Option<(Step<'_>, &str)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some(quoted) = path.strip_prefix("[\"") {
        return quoted.split_once("\"]").map(|(key, rest)| (Step::Key(key), rest));
    }
    if let Some(bracketed) = path.strip_prefix('[') {
        let (place, rest) = bracketed.split_once(']')?;
        return Some((Step::Index(place.parse().ok()?), rest));
    }
    if path.is_empty() {
        return None;
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    Some((Step::Key(&path[..end]), &path[end..]))
}

/// The largest number up to which every integer is a double.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

#[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range of exact integers")]
fn json_number(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT {
        return serde_json::Value::Number(Number::from(number as i64));
    }
    Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}
