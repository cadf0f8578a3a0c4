//! The configuration for a person: what was read, and from where.

use std::fmt::Write;

use crate::{Item, Value, secret::is_secret};

/// One line a value.
pub(crate) fn printed(root: &Item) -> String {
    let mut lines = String::new();
    print(root, &mut lines);
    lines
}

fn print(item: &Item, lines: &mut String) {
    match &item.value {
        Value::Map(members) if !members.is_empty() => members.iter().for_each(|(_, item)| print(item, lines)),
        Value::List(members) if !members.is_empty() => members.iter().for_each(|item| print(item, lines)),
        _ => {
            let value = if is_secret(item) { "<secret>".to_owned() } else { item.to_json().to_string() };
            let place = &item.place;
            let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{}: {value}  # {}{line}", place.key, place.file);
        }
    }
}
