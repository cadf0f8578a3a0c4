//! `catalog.rules[]`, and the rules of a location.

use plinth_catalog::{AllowedKind, LocationMatch, LocationType, Rule, TargetMatch};

use super::{
    Reader,
    location::{absolute, location_type, location_url},
    web_url,
};
use crate::item::{Item, Value};

pub(super) fn rules(reader: &mut Reader<'_>) -> Vec<Rule> {
    let items = reader.maps("catalog.rules");
    let mut rules = Vec::new();
    for item in items {
        let allow = allowed(reader, item);
        // With none, Backstage's rule is for no location; ours would be for all.
        if let Some(list) = item.member("locations")
            && matches!(&list.value, Value::List(members) if members.is_empty())
        {
            reader.refuse_at(list.place.clone(), "found an empty list; expected one location at least, or no such key");
        }
        let locations = item.member("locations").map(|list| reader.maps_of(list)).unwrap_or_default();
        let matches: Vec<_> = locations.iter().filter_map(|item| location_match(reader, item)).collect();
        rules.push(Rule { allow, locations: matches });
    }
    rules
}

/// `allow: [Kind | {kind, spec.type}]`.
pub(super) fn allowed(reader: &mut Reader<'_>, rule: &Item) -> Vec<AllowedKind> {
    let Some(allow) = reader.needed(rule, "allow", "a list of kinds") else { return Vec::new() };
    let items = reader.list_of(allow);
    items.into_iter().filter_map(|item| allowed_kind(reader, item)).collect()
}

fn allowed_kind(reader: &mut Reader<'_>, item: &Item) -> Option<AllowedKind> {
    match &item.value {
        Value::String(kind) if !kind.is_empty() => Some(AllowedKind { kind: kind.clone(), spec_type: None }),
        Value::Map(_) => {
            let kind = reader.needed(item, "kind", "a kind")?;
            let spec_type = item.member("spec.type").and_then(|it| reader.text_of(it));
            Some(AllowedKind { kind: reader.text_of(kind)?, spec_type })
        }
        _ => {
            reader.wrong(item, "a kind, or a map with `kind` and `spec.type`");
            None
        }
    }
}

fn location_match(reader: &mut Reader<'_>, item: &Item) -> Option<LocationMatch> {
    let kind = location_type(reader, item)?;
    let target = match (item.member("exact"), item.member("pattern")) {
        (Some(exact), Some(_)) => {
            reader.refuse_at(exact.place.clone(), "`exact` and `pattern` cannot stand together; expected one of them");
            None
        }
        (Some(exact), None) => {
            let text = reader.text_of(exact)?;
            // Spelled as the locations' own targets are.
            Some(TargetMatch::Exact(match (kind, web_url(&text)) {
                (LocationType::File, _) => absolute(&text, exact),
                (_, Some(url)) => location_url(url),
                (_, None) => text,
            }))
        }
        (None, Some(pattern)) => {
            let text = reader.text_of(pattern)?;
            if globset::Glob::new(&text).is_err() {
                reader.wrong(pattern, "a glob");
            }
            Some(TargetMatch::Pattern(text))
        }
        (None, None) => None,
    };
    // One that a variable leaves out would be for every target of its type.
    for key in ["exact", "pattern"] {
        if reader.unset(&format!("{}.{key}", item.place.key)).is_some() {
            reader.needed(item, key, "the target that the rule is for");
        }
    }
    Some(LocationMatch { kind, target })
}
