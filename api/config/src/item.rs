//! A value of the configuration and where it stands.

use std::{path::Path, sync::Arc};

use plinth_catalog::Place;
use serde_json::{Map, Number};

/// A value with its place.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) value: Value,
    /// Where it is written.
    pub(crate) place: Place,
    /// What its relative paths start from: the folder of the configuration file, also where another file was included.
    pub(crate) folder: Arc<Path>,
    /// Whether it came from a variable or a whole file, so that it may be a secret whatever its key says.
    pub(crate) external: bool,
}

/// What an item is.
#[derive(Clone)]
pub(crate) enum Value {
    /// Hides what earlier files say.
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    /// A later file replaces it whole.
    List(Vec<Item>),
    /// Later files are merged into it.
    Map(Vec<(String, Item)>),
}

impl Item {
    /// The value at a path whose keys hold no dots.
    pub(crate) fn get(&self, path: &str) -> Option<&Item> {
        path.split('.').try_fold(self, |item, key| item.member(key))
    }

    /// The member of a map.
    pub(crate) fn member(&self, key: &str) -> Option<&Item> {
        self.members()?.iter().find(|(it, _)| it == key).map(|(_, it)| it)
    }

    /// The members of a map.
    pub(crate) fn members(&self) -> Option<&[(String, Item)]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    /// What it is, never its content.
    pub(crate) fn what(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(text) if text.is_empty() => "an empty string",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::String(text) => Json::String(text.clone()),
            Value::List(members) => Json::Array(members.iter().map(Item::to_json).collect()),
            Value::Map(members) => {
                Json::Object(members.iter().map(|(key, item)| (key.clone(), item.to_json())).collect::<Map<_, _>>())
            }
        }
    }
}

/// Says what it is, not what it holds: that may be a secret.
impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}:{}", self.what(), self.place.file, self.place.line)
    }
}

/// The key of a member below another key; quoted as `["a.b/c"]` where it would be read as something else.
pub(crate) fn below(key: &str, member: &str) -> String {
    if member.is_empty() || member.contains(['.', '[', ']', '"', ' ', '\n', '#']) {
        return format!("{key}[{}]", serde_json::Value::from(member));
    }
    if key.is_empty() { member.to_owned() } else { format!("{key}.{member}") }
}
