//! The configuration for a person: what was read, and from where.

use std::fmt::Write;

use crate::{
    item::{Item, Value, below},
    secret::is_secret,
};

/// One line a value, sorted by key.
pub(crate) fn printed(root: &Item) -> String {
    let mut lines = String::new();
    print(root, "", &mut lines);
    lines
}

fn print(item: &Item, key: &str, lines: &mut String) {
    match &item.value {
        Value::Map(members) if !members.is_empty() => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(member, _)| member);
            members.into_iter().for_each(|(member, item)| print(item, &below(key, member), lines));
        }
        Value::List(members) if !members.is_empty() => {
            let each = members.iter().enumerate();
            each.for_each(|(index, item)| print(item, &format!("{key}[{index}]"), lines));
        }
        _ if key.is_empty() => {}
        _ => {
            let value = if is_secret(key, item) { "<secret>".to_owned() } else { item.to_json().to_string() };
            let place = &item.place;
            let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{key}: {value}  # {}{line}", place.file);
        }
    }
}
