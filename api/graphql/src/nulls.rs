//! Nulls for the fields that failed.
//!
//! The executor leaves the key of a failed field out of its object. The specification wants null there or, where the
//! field may not be null, in the nearest place above it that may: a client that trusts the types must never meet an
//! object without one of its fields. This runs only for answers with errors.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, ServerError, Value,
    indexmap::IndexMap,
    parser::{
        parse_query, parse_schema,
        types::{
            BaseType, ExecutableDocument, Field, OperationType, Selection, SelectionSet, Type, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use crate::operation;

/// The type of each field of each object and interface.
pub(crate) struct Types(HashMap<String, HashMap<String, Type>>);

/// A document whose answer is mended.
struct Mending<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
}

/// A selection set and the type that it selects from.
#[derive(Clone, Copy)]
struct Selected<'a> {
    from: &'a str,
    set: &'a SelectionSet,
}

/// Whether a value may stay, perhaps mended, or whether the failure goes on to what holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Stays,
    Goes,
}

impl Types {
    /// The types of a schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|document| document.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let fields = types.filter_map(|definition| {
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let fields = fields.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node));
            Some((definition.name.node.to_string(), fields.collect()))
        });
        Self(fields.collect())
    }

    /// Puts nulls where fields failed.
    pub(crate) fn fill(&self, data: &mut Value, errors: &[ServerError], query: &str, operation_name: Option<&str>) {
        let mut failed = errors.iter().filter(|error| !error.path.is_empty()).peekable();
        if failed.peek().is_none() {
            return;
        }
        // It was parsed and found before; a copy kept for every request would cost those that do not fail.
        let Ok(document) = parse_query(query) else { return };
        let Ok(operation) = operation::find(&document, operation_name) else { return };
        let mending = Mending { types: self, document: &document };
        let from = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let root = Selected { from, set: &operation.selection_set.node };
        for error in failed {
            if let Value::Object(members) = data
                && mending.object(members, &[root], &error.path) == Outcome::Goes
            {
                *data = Value::Null;
            }
        }
    }
}

impl<'a> Mending<'a> {
    /// Mends an object at the field that the path begins with.
    fn object(&self, members: &mut IndexMap<Name, Value>, selected: &[Selected<'a>], path: &[PathSegment]) -> Outcome {
        let [PathSegment::Field(key), rest @ ..] = path else { return Outcome::Stays };
        let mut fields = Vec::new();
        selected.iter().for_each(|selected| self.fields(*selected, key, &mut fields));
        let of = fields.iter().find_map(|(from, field)| self.types.0.get(*from)?.get(field.name.node.as_str()));
        // What the schema's text does not have is introspection, which does not fail.
        let Some(of) = of else { return Outcome::Stays };
        let outcome = match members.get_mut(key.as_str()) {
            Some(value) => {
                let set = |field: &'a Field| Selected { from: named(of), set: &field.selection_set.node };
                let below: Vec<_> = fields.iter().map(|(_, field)| set(field)).collect();
                self.value(value, of, &below, rest)
            }
            None => Outcome::Goes,
        };
        if outcome == Outcome::Goes && of.nullable {
            members.insert(Name::new(key), Value::Null);
            return Outcome::Stays;
        }
        outcome
    }

    /// Mends a value of a type; the path goes on from it.
    fn value(&self, value: &mut Value, of: &Type, selected: &[Selected<'a>], path: &[PathSegment]) -> Outcome {
        match (value, &of.base, path) {
            // An object all of whose fields failed has become a null, whether or not it may be one.
            (Value::Null, _, _) if !of.nullable => Outcome::Goes,
            (Value::List(items), BaseType::List(item_type), [PathSegment::Index(place), rest @ ..]) => {
                let Some(item) = items.get_mut(*place) else { return Outcome::Stays };
                let outcome = self.value(item, item_type, selected, rest);
                if outcome == Outcome::Goes && item_type.nullable {
                    *item = Value::Null;
                    return Outcome::Stays;
                }
                outcome
            }
            (Value::Object(members), _, [_, ..]) => self.object(members, selected, path),
            _ => Outcome::Stays,
        }
    }

    /// The fields with this key, each with the type that it is selected from.
    fn fields(&self, selected: Selected<'a>, key: &str, found: &mut Vec<(&'a str, &'a Field)>) {
        for selection in &selected.set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    found.push((selected.from, &field.node));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    self.fields(Selected { from: on.unwrap_or(selected.from), set }, key, found);
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else { continue };
                    let from = fragment.node.type_condition.node.on.node.as_str();
                    self.fields(Selected { from, set: &fragment.node.selection_set.node }, key, found);
                }
            }
        }
    }
}

/// The name of a type without its lists.
fn named(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}
