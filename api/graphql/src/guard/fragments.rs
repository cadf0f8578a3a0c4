//! Fragments in an order in which each comes behind those that it spreads.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use super::limit::Refused;

/// A fragment of a document.
pub(super) type Fragment<'a> = (&'a str, &'a Positioned<FragmentDefinition>);

/// All fragments, each behind those that it spreads; refused where one spreads itself, at whatever distance.
pub(super) fn ordered(document: &ExecutableDocument) -> Result<Vec<Fragment<'_>>, Refused> {
    let mut spreads: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, fragment) in &document.fragments {
        let mut found = HashSet::new();
        gather(&fragment.node.selection_set.node, &mut found);
        // One that is not there is for the validator to refuse.
        found.retain(|spread| document.fragments.contains_key(*spread));
        found.iter().for_each(|spread| users.entry(spread).or_default().push(name.as_str()));
        spreads.insert(name.as_str(), found);
    }
    let mut ready: Vec<&str> = spreads.iter().filter(|(_, spread)| spread.is_empty()).map(|(name, _)| *name).collect();
    let mut ordered = Vec::new();
    while let Some(name) = ready.pop() {
        spreads.remove(name);
        ordered.extend(document.fragments.get_key_value(name).map(|(name, fragment)| (name.as_str(), fragment)));
        for user in users.get(name).into_iter().flatten() {
            let Some(waits_for) = spreads.get_mut(user) else { continue };
            waits_for.remove(name);
            if waits_for.is_empty() {
                ready.push(user);
            }
        }
    }
    match cycle(&spreads) {
        Some(names) => {
            let places = names.iter().filter_map(|name| Some(document.fragments.get(*name)?.pos));
            let message = format!("fragment `{}` spreads itself: break the circle", names.join("`, which spreads `"));
            Err(Refused::invalid(message, places))
        }
        None => Ok(ordered),
    }
}

/// A circle among fragments each of which waits for another one of them.
fn cycle<'a>(waiting: &HashMap<&'a str, HashSet<&'a str>>) -> Option<Vec<&'a str>> {
    let mut path: Vec<&str> = vec![waiting.keys().min()?];
    loop {
        let next = waiting.get(path.last()?)?.iter().min()?;
        if let Some(begin) = path.iter().position(|name| name == next) {
            return Some(path.split_off(begin));
        }
        path.push(next);
    }
}

/// The names that a selection set spreads; its own nesting is bounded by the scan.
fn gather<'a>(set: &'a SelectionSet, found: &mut HashSet<&'a str>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => gather(&field.node.selection_set.node, found),
            Selection::InlineFragment(fragment) => gather(&fragment.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => {
                found.insert(&spread.node.fragment_name.node);
            }
        }
    }
}
