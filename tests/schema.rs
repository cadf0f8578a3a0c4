//! The committed schema, and the six rules that it keeps (the head of the contract).

use std::collections::BTreeMap;

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};
use plinth_graphql::Api;

use crate::app::repository;

/// The types of a schema, by name.
struct Types(BTreeMap<String, TypeKind>);

impl Types {
    fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self(types.collect())
    }

    fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match &self.0[name] {
            TypeKind::Object(it) => it.fields.iter().map(|field| &field.node).collect(),
            TypeKind::Interface(it) => it.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    fn implements(&self, name: &str) -> Vec<String> {
        match &self.0[name] {
            TypeKind::Object(it) => it.implements.iter().map(|name| name.node.to_string()).collect(),
            TypeKind::Interface(it) => it.implements.iter().map(|name| name.node.to_string()).collect(),
            _ => Vec::new(),
        }
    }
}

/// Every breach of the rules.
fn breaches(sdl: &str) -> Vec<String> {
    let types = Types::of(sdl);
    let mut breaches = Vec::new();
    for field in types.fields("Query") {
        if !field.ty.node.nullable {
            breaches.push(format!("1: Query.{} is not nullable", field.name.node));
        }
    }
    let mut shapes: BTreeMap<String, (String, String)> = BTreeMap::new();
    for name in types.0.keys() {
        for field in types.fields(name) {
            let place = format!("{name}.{}", field.name.node);
            if field.description.is_none() {
                breaches.push(format!("{place} has no description"));
            }
            for argument in &field.arguments {
                let argument = &argument.node;
                if argument.default_value.is_some() {
                    breaches.push(format!("2: {place}({}) has a default", argument.name.node));
                }
                if argument.description.is_none() {
                    breaches.push(format!("{place}({}) has no description", argument.name.node));
                }
                if argument.name.node == "after" && argument.ty.node.to_string() != "String" {
                    breaches.push(format!("5: {place} takes a cursor that is no String"));
                }
            }
            if types.implements(name).contains(&"Entity".to_owned()) {
                let shape = field.ty.node.to_string();
                let (first, known) = shapes.entry(field.name.node.to_string()).or_insert((name.clone(), shape.clone()));
                if *known != shape {
                    breaches.push(format!("3: {place} is {shape}, in {first} it is {known}"));
                }
            }
            if is_list(&field.ty.node) && !is_bounded(field) {
                breaches.push(format!("5: {place} is a list that says no bound"));
            }
            if field.name.node == "id"
                && (field.ty.node.to_string() != "ID!"
                    || !(name == "Node" || types.implements(name).contains(&"Node".to_owned())))
            {
                breaches.push(format!("6: {place} is no id of a Node"));
            }
        }
        if name.ends_with("Connection") {
            let first = types.fields(name);
            for needed in ["edges", "nodes", "pageInfo", "totalCount"] {
                if !first.iter().any(|field| field.name.node == needed) {
                    breaches.push(format!("5: {name} lacks {needed}"));
                }
            }
        }
    }
    breaches
}

fn is_list(kind: &Type) -> bool {
    matches!(kind.base, BaseType::List(_))
}

/// A page holds 100 at most; another list says its bound, or is the document's own.
fn is_bounded(field: &FieldDefinition) -> bool {
    let about = field.description.as_ref().map(|it| it.node.as_str()).unwrap_or_default();
    matches!(field.name.node.as_str(), "edges" | "nodes" if field.arguments.is_empty())
        || about.contains("at most")
        || about.contains("bounded by")
}

#[test]
fn the_committed_schema_is_that_of_the_code() {
    let committed = std::fs::read_to_string(repository().join("schema.graphql")).unwrap();
    assert!(committed == Api::sdl(), "schema.graphql is not what the code says; run `make schema` and commit it");
}

#[test]
fn the_six_rules_hold() {
    assert_eq!(breaches(&Api::sdl()), Vec::<String>::new());
}

#[test]
fn a_breach_of_each_rule_is_found() {
    for (sdl, expected) in [
        ("type Query { \"x\" a: Int! }", "1: Query.a is not nullable"),
        ("type Query { \"x\" a(\"x\" b: Int = 2): Int }", "2: Query.a(b) has a default"),
        (
            "type Query { \"x\" a: Int } interface Entity { \"x\" b: Int } type A implements Entity { \"x\" b: Int } type B implements Entity { \"x\" b: Int! }",
            "3: B.b is Int!, in A it is Int",
        ),
        ("type Query { \"x\" a: [Int!] }", "5: Query.a is a list that says no bound"),
        ("type Query { \"x\" a(\"x\" after: Int): Int }", "5: Query.a takes a cursor that is no String"),
        ("type Query { \"x\" a: Int } type A { \"x\" id: ID! }", "6: A.id is no id of a Node"),
        ("type Query { a: Int }", "Query.a has no description"),
    ] {
        assert!(breaches(sdl).contains(&expected.to_owned()), "{sdl}: {:?}", breaches(sdl));
    }
}

#[test]
fn entities_are_nodes_and_the_root_is_what_viewers_are_told() {
    let types = Types::of(&Api::sdl());
    assert_eq!(types.implements("Entity"), ["Node"]);
    for kind in
        ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template", "CustomEntity"]
    {
        let mut implements = types.implements(kind);
        implements.sort();
        assert_eq!(implements, ["Entity", "Node"], "{kind}");
    }
    let mut fields: Vec<String> = types.fields("Query").iter().map(|it| it.name.node.to_string()).collect();
    let mut told: Vec<String> = Api::query_fields().iter().map(|it| String::from(*it)).collect();
    fields.sort();
    told.sort();
    assert_eq!(fields, told);
}
