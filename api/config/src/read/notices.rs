//! What Plinth goes on without: keys that it knows of and does not implement yet, variables that are not set.

use plinth_catalog::Notice;

use crate::{Item, Value, transform::Missing};

/// Keys of Backstage that Plinth will read one day; nothing below them is used now.
const NOT_YET: &[&str] = &[
    "proxy",
    "techdocs",
    "scaffolder",
    "kubernetes",
    "auth",
    "backend.cors",
    "backend.reading",
    "backend.auth.externalAccess",
    "backend.auth.keys",
];

/// The members of `catalog` that are read.
const CATALOG: &[&str] = &["locations", "rules", "orphanStrategy", "processingInterval"];

/// Everything worth telling.
pub(super) fn notices(root: &Item, missing: &[Missing]) -> Vec<Notice> {
    let mut notices: Vec<Notice> = missing.iter().map(not_set).collect();
    notices.extend(NOT_YET.iter().filter_map(|key| root.get(key)).map(not_yet));
    let members = |key: &str| root.get(key).and_then(Item::members).unwrap_or_default();
    notices.extend(
        members("catalog").iter().filter(|(key, _)| !CATALOG.contains(&key.as_str())).map(|(_, it)| not_yet(it)),
    );
    for (key, item) in members("integrations") {
        if key == "github" && matches!(item.value, Value::List(_)) {
            let message = "the hosts are known, but files on them cannot be read yet".to_owned();
            notices.push(Notice { place: item.place.clone(), message });
        } else {
            notices.push(not_yet(item));
        }
    }
    notices
}

fn not_yet(item: &Item) -> Notice {
    let key = &item.place.key;
    Notice { place: item.place.clone(), message: format!("`{key}` is not implemented yet; Plinth goes on without it") }
}

fn not_set(missing: &Missing) -> Notice {
    let Missing { variable, place } = missing;
    let message = format!("the environment variable `{variable}` is not set, so `{}` is left out", place.key);
    Notice { place: place.clone(), message }
}
