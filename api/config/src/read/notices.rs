//! What Plinth goes on without: keys that it knows of and does not implement yet, variables that are not set.

use std::collections::HashSet;

use super::Reader;
use crate::{
    item::{Item, Value},
    transform::Missing,
};

/// Keys of Backstage that Plinth will read one day; nothing below them is used now.
const NOT_YET: &[&str] = &["auth", "backend.https", "kubernetes", "proxy", "scaffolder", "techdocs"];

/// Keys below which only some members are read.
const PARTLY: &[(&str, &[&str])] = &[
    ("backend.auth", &["dangerouslyDisableDefaultAuthPolicy", "externalAccess"]),
    ("backend.cors", &["origin", "methods", "credentials"]),
    ("backend.reading", &["allow"]),
    ("catalog", &["locations", "rules", "orphanStrategy", "processingInterval", "changeLog", "providers"]),
    ("catalog.changeLog", &["maxAge", "maxRows"]),
    // One notice for each provider.
    ("catalog.providers", &["github", "githubOrg"]),
    ("integrations", &["github"]),
];

/// Notes everything worth telling that reading has not told.
pub(super) fn notices(reader: &mut Reader<'_>) {
    let (root, missing) = (reader.root, reader.missing);
    let mut known = HashSet::new();
    keys(root, &mut known);
    for Missing { variable, place } in missing.iter().filter(|it| !known.contains(it.place.key.as_str())) {
        let message = format!("the environment variable `{variable}` is not set, so `{}` is left out", place.key);
        reader.notice(place, message);
    }
    for item in NOT_YET.iter().filter_map(|key| root.get(key)) {
        not_yet(reader, item);
    }
    for (above, read) in PARTLY {
        let members = root.get(above).and_then(Item::members).unwrap_or_default();
        for (_, item) in members.iter().filter(|(key, _)| !read.contains(&key.as_str())) {
            not_yet(reader, item);
        }
    }
}

pub(super) fn not_yet(reader: &mut Reader<'_>, item: &Item) {
    let message = format!("`{}` is not implemented yet; Plinth goes on without it", item.place.key);
    reader.notice(&item.place, message);
}

/// The keys that are there after all: another file may say what a variable did not.
fn keys<'a>(item: &'a Item, known: &mut HashSet<&'a str>) {
    known.insert(&item.place.key);
    match &item.value {
        Value::Map(members) => members.iter().for_each(|(_, item)| keys(item, known)),
        Value::List(members) => members.iter().for_each(|item| keys(item, known)),
        _ => {}
    }
}
