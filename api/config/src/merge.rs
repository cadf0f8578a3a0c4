//! Merging files: later ones win, maps are merged, null hides.

use crate::item::{Item, Value};

/// What stands where both say something; `None` where the later one hides it. What stands in a list stays as it is.
pub(crate) fn merge(later: Item, earlier: Option<Item>) -> Option<Item> {
    let Item { value, place, folder, external } = later;
    let value = match value {
        Value::Null => return None,
        Value::Map(members) => {
            let mut rest = match earlier.map(|it| it.value) {
                Some(Value::Map(members)) => members,
                _ => Vec::new(),
            };
            let mut merged = Vec::with_capacity(members.len() + rest.len());
            for (key, item) in members {
                let known = rest.iter().position(|(it, _)| *it == key).map(|found| rest.remove(found).1);
                merged.extend(merge(item, known).map(|item| (key, item)));
            }
            merged.extend(rest);
            Value::Map(merged)
        }
        other => other,
    };
    Some(Item { value, place, folder, external })
}
