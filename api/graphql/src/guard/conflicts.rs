//! Fields that cannot be answered under one name.
//!
//! The validator finds the same, but names each pair and each argument: a document of 4,000 tokens can have millions of
//! them. So the first is refused here, and the validator meets only documents without any.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::limit::Refused;

/// Refuses two fields of one name in one place that are different or have different arguments.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), Refused> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).try_for_each(|set| each_set(document, set))
}

/// Looks at a set and at all inside it.
fn each_set<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Result<(), Refused> {
    let mut answered = Answered { document, fields: HashMap::new(), spread: HashSet::new() };
    answered.add(None, set)?;
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => each_set(document, &field.node.selection_set.node)?,
            Selection::InlineFragment(fragment) => each_set(document, &fragment.node.selection_set.node)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

/// The fields of one place, by the type that they are selected from and the name that they are answered under.
struct Answered<'a> {
    document: &'a ExecutableDocument,
    fields: HashMap<(Option<&'a str>, &'a str), &'a Positioned<Field>>,
    spread: HashSet<&'a str>,
}

impl<'a> Answered<'a> {
    fn add(&mut self, from: Option<&'a str>, set: &'a SelectionSet) -> Result<(), Refused> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.field(from, field)?,
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.add(on, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if self.spread.insert(name) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.add(Some(on), &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, from: Option<&'a str>, field: &'a Positioned<Field>) -> Result<(), Refused> {
        let name = field.node.response_key().node.as_str();
        let first = *self.fields.entry((from, name)).or_insert(field);
        if is_same(&first.node, &field.node) {
            return Ok(());
        }
        let message = format!("two different fields are to be answered as `{name}`: give one of them an alias");
        Err(Refused::invalid(message, [first.pos, field.pos]))
    }
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| other.get_argument(&name.node).is_some_and(|it| it == value))
}
