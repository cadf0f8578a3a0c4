//! A value of the configuration and where it stands.

use plinth_catalog::Place;
use serde_json::{Map, Number};

/// A value with its place.
#[derive(Clone)]
pub struct Item {
    /// The value.
    pub value: Value,
    /// Where it is written.
    pub place: Place,
    /// Whether it came from a variable or another file, so that it may be a secret whatever its key says.
    pub external: bool,
}

/// What an item is.
#[derive(Clone)]
pub enum Value {
    /// Hides what earlier files say.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    String(String),
    /// A list; a later file replaces it whole.
    List(Vec<Item>),
    /// A map; later files are merged into it.
    Map(Vec<(String, Item)>),
}

impl Item {
    /// The value at a dotted path.
    pub fn get(&self, path: &str) -> Option<&Item> {
        path.split('.').try_fold(self, |item, key| item.members()?.iter().find(|(it, _)| it == key).map(|(_, it)| it))
    }

    /// The members of a map.
    pub fn members(&self) -> Option<&[(String, Item)]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    /// What it is, for messages: never its content.
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

/// The key of a member below another key.
pub(crate) fn below(key: &str, member: &str) -> String {
    if key.is_empty() { member.to_owned() } else { format!("{key}.{member}") }
}
