//! `APP_CONFIG_a_b_c=<JSON or text>`: keys from the environment, the last word.

use std::collections::BTreeMap;

use plinth_catalog::Place;

use crate::{Error, Item, Value, item::below};

const PREFIX: &str = "APP_CONFIG_";

/// What the environment says; `None` where it says nothing.
///
/// # Errors
/// Where a name is no key, where two contradict each other, or where a value is null.
pub(crate) fn read(environment: &BTreeMap<String, String>) -> Result<Option<Item>, Error> {
    let place = || Place { file: "environment".to_owned(), ..Place::default() };
    let mut root = Item { value: Value::Map(Vec::new()), place: place(), external: false };
    let mut any = false;
    for (variable, text) in environment {
        let Some(key) = variable.strip_prefix(PREFIX).filter(|_| !text.is_empty()) else { continue };
        any = true;
        let place = Place { file: format!("environment variable {variable}"), ..Place::default() };
        set(&mut root, key, text, &place)?;
    }
    Ok(any.then_some(root))
}

fn set(root: &mut Item, key: &str, text: &str, place: &Place) -> Result<(), Error> {
    let parts: Vec<&str> = key.split('_').collect();
    let refused = |message: String| Error::one(place.clone(), message);
    if let Some(part) = parts.iter().find(|part| !is_key(part)) {
        return Err(refused(format!("`{part}` is no key; expected letters and digits, joined by `-` or `:`")));
    }
    let (last, folders) = parts.split_last().ok_or_else(|| refused("it names no key".to_owned()))?;
    let mut item = root;
    let mut path = String::new();
    for part in folders {
        path = below(&path, part);
        let Value::Map(members) = &mut item.value else {
            return Err(refused(format!("`{path}` cannot stand below a value that another variable gives")));
        };
        let found = members.iter().position(|(it, _)| it == part);
        let found = found.unwrap_or_else(|| {
            let place = Place { key: path.clone(), ..place.clone() };
            members.push(((*part).to_owned(), Item { value: Value::Map(Vec::new()), place, external: true }));
            members.len() - 1
        });
        item = &mut members[found].1;
    }
    path = below(&path, last);
    let Value::Map(members) = &mut item.value else {
        return Err(refused(format!("`{path}` cannot stand below a value that another variable gives")));
    };
    if members.iter().any(|(it, _)| it == last) {
        return Err(refused(format!("another variable gives `{path}` already")));
    }
    let json = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.to_owned()));
    if json.is_null() {
        return Err(refused(format!("`{path}` may not be null")));
    }
    let item = from_json(json, &Place { key: path, ..place.clone() });
    members.push(((*last).to_owned(), item));
    Ok(())
}

/// `[a-z][a-z0-9]*([-_:][a-z0-9]+)*`, without case.
fn is_key(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_alphabetic())
        && part.split(['-', ':']).all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// JSON as items that all stand in one place.
pub(crate) fn from_json(json: serde_json::Value, place: &Place) -> Item {
    use serde_json::Value as Json;
    let at = |key: String| Place { key, ..place.clone() };
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Number(number),
        Json::String(text) => Value::String(text),
        Json::Array(members) => {
            let each = members.into_iter().enumerate();
            Value::List(each.map(|(index, it)| from_json(it, &at(format!("{}[{index}]", place.key)))).collect())
        }
        Json::Object(members) => {
            let member = |(key, it): (String, Json)| {
                let item = from_json(it, &at(below(&place.key, &key)));
                (key, item)
            };
            Value::Map(members.into_iter().map(member).collect())
        }
    };
    Item { value, place: place.clone(), external: true }
}
