//! What arguments and variables are, as far as cost goes: page sizes, lengths of lists, weight.

use std::collections::HashMap;

use async_graphql::{Name, Positioned, parser::types::OperationDefinition};
use async_graphql_value::{ConstValue, Number, Value};
use serde_json::{Map, Value as Json};

use super::limit::{Limit, Refused};
use crate::{
    graph::{MOST_NODES, NODES},
    page::{DEFAULT, LARGEST},
};

/// Of what weighs as much as one field: values in lists and objects.
const MEMBERS: u64 = 10;
/// Of what weighs as much as one field: bytes of text.
const BYTES: u64 = 1024;

/// The arguments of a field or a directive.
pub(super) type Arguments = [(Positioned<Name>, Positioned<Value>)];

/// The variables of an operation.
pub(super) struct Values<'a>(HashMap<&'a str, Variable<'a>>);

struct Variable<'a> {
    /// `None` where it has none.
    value: Option<Given<'a>>,
    extent: Extent,
}

/// A variable's value, by the request or by default.
enum Given<'a> {
    Json(&'a Json),
    Default(&'a ConstValue),
}

/// How large a value is; for each use it is copied.
#[derive(Clone, Copy, Default)]
struct Extent {
    members: u64,
    bytes: u64,
}

// === impl Values ===

impl<'a> Values<'a> {
    /// The variables of this operation; refused where all that are given are too large.
    pub(super) fn of(operation: &'a OperationDefinition, given: &'a Map<String, Json>) -> Result<Self, Refused> {
        let mut extents = HashMap::new();
        let mut bytes = 0;
        for (name, value) in given {
            let extent = Extent::of_json(value)?;
            bytes += extent.bytes + name.len() as u64;
            extents.insert(name.as_str(), extent);
        }
        Limit::VariableBytes.check(bytes, None)?;
        let variables = operation.variable_definitions.iter().map(|definition| {
            let name = definition.node.name.node.as_str();
            let default = definition.node.default_value.as_ref().map(|default| &default.node);
            let variable = match given.get(name) {
                Some(value) => {
                    Variable { value: Some(Given::Json(value)), extent: extents.get(name).copied().unwrap_or_default() }
                }
                None => {
                    let mut extent = Extent::default();
                    default.into_iter().for_each(|default| extent.add_constant(default));
                    Variable { value: default.map(Given::Default), extent }
                }
            };
            (name, variable)
        });
        Ok(Self(variables.collect()))
    }

    /// How many items a page has at most by its `first` or `last`. What a page may not have is refused by its field.
    pub(super) fn page(&self, arguments: &Arguments) -> u64 {
        self.size(arguments, &["first", "last"]).unwrap_or(DEFAULT as u64).min(LARGEST as u64)
    }

    /// How many entities a graph has at most by its `maxNodes`, likewise.
    pub(super) fn nodes(&self, arguments: &Arguments) -> u64 {
        self.size(arguments, &["maxNodes"]).unwrap_or(NODES as u64).min(MOST_NODES as u64)
    }

    /// The largest of the numbers that these arguments give.
    fn size(&self, arguments: &Arguments, names: &[&str]) -> Option<u64> {
        let sizes = arguments.iter().filter(|(name, _)| names.contains(&name.node.as_str()));
        sizes.filter_map(|(_, value)| self.number(&value.node)).max()
    }

    /// How many members the argument of this name has; a list that may not be so long is refused by its field.
    pub(super) fn length(&self, arguments: &Arguments, name: &str) -> u64 {
        let Some((_, value)) = arguments.iter().find(|(argument, _)| argument.node == name) else { return 0 };
        let length = match &value.node {
            Value::List(items) => items.len(),
            Value::Null => 0,
            Value::Variable(name) => match self.value(name) {
                Some(Given::Json(Json::Array(items))) => items.len(),
                Some(Given::Default(ConstValue::List(items))) => items.len(),
                None | Some(Given::Json(Json::Null) | Given::Default(ConstValue::Null)) => 0,
                Some(_) => 1,
            },
            _ => 1,
        };
        length.min(LARGEST) as u64
    }

    /// How many fields the arguments are worth: nothing for the usual ones.
    pub(super) fn weight(&self, arguments: &Arguments) -> u64 {
        let mut extent = Extent::default();
        for (_, value) in arguments {
            self.add(&value.node, &mut extent);
        }
        extent.members / MEMBERS + extent.bytes / BYTES
    }

    fn add(&self, value: &Value, extent: &mut Extent) {
        match value {
            Value::Variable(name) => {
                let variable = self.0.get(name.as_str()).map(|variable| variable.extent).unwrap_or_default();
                extent.members = extent.members.saturating_add(variable.members);
                extent.bytes = extent.bytes.saturating_add(variable.bytes);
            }
            Value::List(items) => items.iter().for_each(|item| {
                extent.members += 1;
                self.add(item, extent);
            }),
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                extent.members += 1;
                extent.bytes += name.len() as u64;
                self.add(member, extent);
            }),
            Value::String(text) => extent.bytes += text.len() as u64,
            _ => {}
        }
    }

    fn value(&self, name: &str) -> Option<&Given<'a>> {
        self.0.get(name)?.value.as_ref()
    }

    /// A number of items; `None` where none is given.
    fn number(&self, value: &Value) -> Option<u64> {
        match value {
            Value::Null => None,
            Value::Number(number) => Some(items(number)),
            Value::Variable(name) => match self.value(name)? {
                Given::Json(Json::Null) | Given::Default(ConstValue::Null) => None,
                Given::Json(Json::Number(number)) | Given::Default(ConstValue::Number(number)) => Some(items(number)),
                _ => Some(u64::MAX),
            },
            _ => Some(u64::MAX),
        }
    }
}

/// What a number means as a size: nothing below zero, and the most where it is no integer.
fn items(number: &Number) -> u64 {
    match number.as_i64() {
        Some(number) => u64::try_from(number).unwrap_or(0),
        None => u64::MAX,
    }
}

// === impl Extent ===

impl Extent {
    /// Never more bytes than the value has as JSON; refused where it is nested too deep.
    fn of_json(value: &Json) -> Result<Self, Refused> {
        let mut extent = Self::default();
        let mut deepest = 0;
        let mut waiting = vec![(value, 0_u64)];
        while let Some((value, depth)) = waiting.pop() {
            deepest = deepest.max(depth);
            match value {
                Json::String(text) => extent.bytes += text.len() as u64 + 2,
                Json::Array(items) => {
                    extent.members += items.len() as u64;
                    extent.bytes += 2;
                    deepest = deepest.max(depth + 1);
                    waiting.extend(items.iter().map(|item| (item, depth + 1)));
                }
                Json::Object(members) => {
                    extent.members += members.len() as u64;
                    extent.bytes += 2 + members.keys().map(|key| key.len() as u64 + 3).sum::<u64>();
                    deepest = deepest.max(depth + 1);
                    waiting.extend(members.values().map(|member| (member, depth + 1)));
                }
                Json::Null | Json::Bool(_) | Json::Number(_) => extent.bytes += 1,
            }
        }
        Limit::VariableNesting.check(deepest, None)?;
        Ok(extent)
    }

    /// A constant of the document, whose nesting is bounded by the scan.
    fn add_constant(&mut self, value: &ConstValue) {
        match value {
            ConstValue::List(items) => {
                self.members += items.len() as u64;
                items.iter().for_each(|item| self.add_constant(item));
            }
            ConstValue::Object(members) => {
                self.members += members.len() as u64;
                members.values().for_each(|member| self.add_constant(member));
            }
            ConstValue::String(text) => self.bytes += text.len() as u64,
            _ => {}
        }
    }
}
