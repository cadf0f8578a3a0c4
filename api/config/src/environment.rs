//! `APP_CONFIG_a_b_c=<JSON or text>`: keys from the environment, the last word.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use plinth_catalog::Place;

use crate::{
    Error,
    item::{Item, Value, below},
};

const PREFIX: &str = "APP_CONFIG_";

/// What the environment says; `None` where it says nothing. Relative paths in it start from `folder`.
///
/// # Errors
/// Where a name is no key, where two contradict each other, or where a value is null.
pub(crate) fn read(environment: &BTreeMap<String, String>, folder: &Arc<Path>) -> Result<Option<Item>, Error> {
    let mut root = item(Value::Map(Vec::new()), Place { file: "environment".to_owned(), ..Place::default() }, folder);
    let mut any = false;
    for (variable, text) in environment {
        let Some(key) = variable.strip_prefix(PREFIX).filter(|_| !text.is_empty()) else { continue };
        any = true;
        let place = Place { file: variable.clone(), ..Place::default() };
        set(&mut root, key, text, &place, folder)?;
    }
    Ok(any.then_some(root))
}

fn item(value: Value, place: Place, folder: &Arc<Path>) -> Item {
    Item { value, place, folder: Arc::clone(folder), external: true }
}

fn set(root: &mut Item, key: &str, text: &str, place: &Place, folder: &Arc<Path>) -> Result<(), Error> {
    let parts: Vec<&str> = key.split('_').collect();
    let refused = |message: String| Error::one(place.clone(), message);
    if let Some(part) = parts.iter().find(|part| !is_key(part)) {
        return Err(refused(format!("`{part}` is no key; expected letters and digits, joined by `-` or `:`")));
    }
    let mut above = root;
    let mut path = String::new();
    for (index, part) in parts.iter().enumerate() {
        let Value::Map(members) = &mut above.value else {
            return Err(refused(format!("another variable gives `{path}` a value that is no map")));
        };
        path = below(&path, part);
        let place = Place { key: path.clone(), ..place.clone() };
        let known = members.iter().position(|(it, _)| it == part);
        if index + 1 == parts.len() {
            if known.is_some() {
                return Err(refused(format!("another variable gives `{path}` already")));
            }
            let json = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.to_owned()));
            if json.is_null() {
                return Err(refused(format!("`{path}` may not be null")));
            }
            members.push(((*part).to_owned(), from_json(json, place, folder)));
            return Ok(());
        }
        let known = known.unwrap_or_else(|| {
            members.push(((*part).to_owned(), item(Value::Map(Vec::new()), place, folder)));
            members.len() - 1
        });
        above = &mut members[known].1;
    }
    Ok(())
}

/// `[a-z][a-z0-9]*([-_:][a-z0-9]+)*`, without case; `_` is gone already.
fn is_key(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_alphabetic())
        && part.split(['-', ':']).all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// JSON as items that all stand in one place.
fn from_json(json: serde_json::Value, place: Place, folder: &Arc<Path>) -> Item {
    use serde_json::Value as Json;
    let at = |key: String| Place { key, ..place.clone() };
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Number(number),
        Json::String(text) => Value::String(text),
        Json::Array(members) => {
            let each = members.into_iter().enumerate();
            Value::List(each.map(|(index, it)| from_json(it, at(format!("{}[{index}]", place.key)), folder)).collect())
        }
        Json::Object(members) => {
            let member = |(key, it): (String, Json)| {
                let item = from_json(it, at(below(&place.key, &key)), folder);
                (key, item)
            };
            Value::Map(members.into_iter().map(member).collect())
        }
    };
    item(value, place, folder)
}
