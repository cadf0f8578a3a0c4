//! The schema file: it is what the code says, and it keeps the rules that are dear to break once clients exist.
//!
//! Each rule is a function from a schema's text to what is wrong with it, and is shown to fail on a text that breaks it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::{
    parse_schema,
    types::{
        BaseType, EnumType, FieldDefinition, InputObjectType, InputValueDefinition, ServiceDocument, Type,
        TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use plinth_graphql::Api;

use crate::app::repository;

/// Plain lists, each with its bound told in its description. Whatever can grow further is a connection.
const BOUNDED: [&str; 35] = [
    // As many as were asked for, at most 100.
    "Query.entitiesByRefs",
    "Query.nodes",
    // At most 100.
    "EntitySource.problems",
    // As many as `maxNodes` says, at most 1,000, and ten times that.
    "EntityGraph.edges",
    "EntityGraph.nodes",
    // One of each field that is searched, ten tags; parts of some hundred bytes.
    "EntityEdge.highlights",
    "Highlight.parts",
    // As many as one document holds.
    "API.remotes",
    "Entity.annotations",
    "Entity.declaredRelations",
    "Entity.labels",
    "Entity.links",
    "Entity.tags",
    "Location.targets",
    "Template.steps",
    "TemplateForm.pages",
    // As many as the input has faults, and as the input is deep.
    "RefreshEntityPayload.userErrors",
    "RefreshLocationPayload.userErrors",
    "RegisterLocationPayload.userErrors",
    "UnregisterLocationPayload.userErrors",
    "UserError.field",
    "ValidateEntityPayload.userErrors",
    // At most 100.
    "RegisterLocationPayload.found",
    "RegisterLocationPayload.problems",
    "ValidateEntityPayload.found",
    "ValidateEntityPayload.problems",
    // At most 100.
    "CatalogChanged.deleted",
    "CatalogChanged.upserted",
    // As many as the schema has root fields.
    "Viewer.permissions",
    // As many as the configuration has.
    "Server.features",
    "Server.repositoryHosts",
    // As many as were asked for, at most 8; of each at most 100.
    "EntityConnection.facets",
    "Facet.values",
    // Pages, 100 at most.
    "*Connection.edges",
    "*Connection.nodes",
];

/// The arguments of a page and their types.
const PAGE: [(&str, &str); 4] = [("first", "Int"), ("after", "String"), ("last", "Int"), ("before", "String")];

#[test]
fn the_schema_file_is_what_the_code_says() {
    let written = std::fs::read_to_string(repository().join("schema.graphql")).unwrap_or_default();
    let said = Api::sdl();
    let line = written.lines().zip(said.lines()).position(|(written, said)| written != said);
    let line = line.unwrap_or_else(|| written.lines().count().min(said.lines().count())) + 1;
    assert!(
        written == said,
        "schema.graphql is not what the code says, first at line {line}. Renew it with `make schema`, and look at the \
         difference as a client would."
    );
}

#[test]
fn the_schema_keeps_its_rules() {
    let sdl = Api::sdl();
    let rules = [
        root_fields_are_nullable,
        nothing_has_a_default,
        a_name_has_one_type,
        lists_are_bounded,
        connections_have_one_shape,
        cursors_of_pages_are_strings,
        ids_belong_to_nodes,
        entities_are_nodes,
        everything_is_described,
        enums_are_upper_case,
        scalars_say_what_they_are,
    ];
    let wrong: Vec<_> = rules.iter().flat_map(|rule| rule(&sdl)).collect();
    assert!(wrong.is_empty(), "the schema breaks its rules:\n{}", wrong.join("\n"));
}

#[test]
fn every_bounded_list_is_there() {
    let schema = Schema::of(&Api::sdl());
    for name in BOUNDED.iter().filter(|name| !name.starts_with('*')) {
        let (owner, field) = name.split_once('.').unwrap();
        let found = schema.fields(owner).iter().any(|it| it.name.node == field && lists(&it.ty.node) > 0);
        assert!(found, "`{name}` is on the list of bounded lists, but not in the schema as one");
    }
}

#[test]
fn it_is_decided_for_every_root_field_who_may_use_it() {
    let schema = Schema::of(&Api::sdl());
    let of = |root: &'static str| schema.fields(root).iter().map(move |it| (root, it.name.node.to_string()));
    let fields: BTreeSet<_> = ["Query", "Mutation", "Subscription"].into_iter().flat_map(of).collect();
    let decided: Vec<_> = Api::rights().map(|(root, field, _)| (root, field.to_owned())).collect();
    let once: BTreeSet<_> = decided.iter().cloned().collect();
    assert_eq!((fields, decided.len()), (once.clone(), once.len()), "look at RIGHTS in api/graphql/src/rights.rs");
}

// === The rules ===

/// Rule 1: one refused field must not take the others with it.
fn root_fields_are_nullable(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let fields = ["Query", "Mutation"].into_iter().flat_map(|root| schema.fields(root));
    let wrong = fields.filter(|field| !field.ty.node.nullable);
    wrong
        .map(|field| format!("the root field `{}` is `{}`; make it nullable", field.name.node, field.ty.node))
        .collect()
}

/// Rule 2: left out and null mean the same.
fn nothing_has_a_default(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let inputs = schema.inputs().into_iter().filter(|(_, input)| input.default_value.is_some());
    inputs.map(|(place, _)| format!("`{place}` has a default; let its description say what it means")).collect()
}

/// Rule 3: fragments on several kinds of entity, or on several members of a union, merge.
fn a_name_has_one_type(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let unions = schema.types.values().filter_map(|it| match &it.kind {
        TypeKind::Union(union) => Some(union.members.iter().map(|member| member.node.to_string()).collect()),
        _ => None,
    });
    let mut families: Vec<Vec<String>> = unions.collect();
    families.push(schema.implementers("Entity"));
    let mut wrong = BTreeSet::new();
    for family in families {
        let mut known: BTreeMap<&str, (&str, String)> = BTreeMap::new();
        for (owner, field) in family.iter().flat_map(|owner| schema.fields(owner).iter().map(move |it| (owner, it))) {
            let (name, ty) = (field.name.node.as_str(), field.ty.node.to_string());
            let (first, expected) = known.entry(name).or_insert_with(|| (owner, ty.clone()));
            if *expected != ty {
                wrong.insert(format!("`{name}` is `{expected}` in {first} and `{ty}` in {owner}"));
            }
        }
    }
    wrong.into_iter().collect()
}

/// Rule 5: what can grow is a connection.
fn lists_are_bounded(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    for (owner, field) in schema.all_fields().into_iter().filter(|(_, field)| lists(&field.ty.node) > 0) {
        let name = field.name.node.as_str();
        let mut owners = schema.implemented(owner);
        owners.push(owner.to_owned());
        if owner.ends_with("Connection") {
            owners.push("*Connection".to_owned());
        }
        if !owners.iter().any(|owner| BOUNDED.contains(&format!("{owner}.{name}").as_str())) {
            wrong.push(format!("`{owner}.{name}` is a list; make it a connection, or say its bound in BOUNDED"));
        }
    }
    wrong
}

/// Rule 5: all connections are asked and answered alike.
fn connections_have_one_shape(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    for (owner, field) in schema.all_fields() {
        if !named(&field.ty.node).ends_with("Connection") {
            continue;
        }
        for (argument, expected) in PAGE {
            let found = field.arguments.iter().find(|it| it.node.name.node == argument);
            if found.is_none_or(|found| found.node.ty.node.to_string() != expected) {
                wrong.push(format!("`{owner}.{}` needs the argument `{argument}: {expected}`", field.name.node));
            }
        }
    }
    for connection in schema.types.keys().filter(|name| name.ends_with("Connection")) {
        let edge = format!("{}Edge", connection.trim_end_matches("Connection"));
        let node = schema.type_of(&edge, "node").unwrap_or_default();
        let members = [
            (connection, "edges", format!("[{edge}!]!")),
            (connection, "nodes", format!("[{node}]!")),
            (connection, "pageInfo", "PageInfo!".to_owned()),
            (&edge, "cursor", "String!".to_owned()),
        ];
        for (owner, field, expected) in members {
            if schema.type_of(owner, field).as_ref() != Some(&expected) {
                wrong.push(format!("`{owner}.{field}` must be `{expected}`"));
            }
        }
        if schema.type_of(connection, "totalCount").is_none() || !node.ends_with('!') {
            wrong.push(format!("`{connection}` needs a `totalCount` and nodes that are there"));
        }
    }
    wrong
}

/// Rule 5: a place on a page is a `String`, a place in a stream a `Cursor`; neither fits where the other is wanted.
fn cursors_of_pages_are_strings(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    for (owner, field) in schema.all_fields() {
        let of_page = owner.ends_with("Edge") || owner == "PageInfo";
        let name = field.name.node.as_str();
        if name == "cursor" || name.ends_with("Cursor") {
            let expected = if of_page { "String" } else { "Cursor" };
            if named(&field.ty.node) != expected {
                wrong.push(format!("`{owner}.{name}` is `{}`, not `{expected}`", field.ty.node));
            }
        }
        let expected = if owner == "Subscription" { "Cursor" } else { "String" };
        for argument in field.arguments.iter().filter(|it| ["after", "before"].contains(&it.node.name.node.as_str())) {
            if named(&argument.node.ty.node) != expected {
                wrong.push(format!("`{owner}.{name}({}:)` must be of type `{expected}`", argument.node.name.node));
            }
        }
    }
    wrong
}

/// Rule 6: clients' caches key by `id`.
fn ids_belong_to_nodes(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    for owner in schema.types.keys() {
        let is_node = owner == "Node" || schema.implemented(owner).contains(&"Node".to_owned());
        match (schema.type_of(owner, "id"), is_node) {
            (Some(id), true) if id != "ID!" => wrong.push(format!("`{owner}.id` is `{id}`, not `ID!`")),
            (Some(_), false) => wrong.push(format!("`{owner}` has an `id` and does not implement `Node`")),
            (None, true) => wrong.push(format!("`{owner}` implements `Node` and has no `id`")),
            _ => {}
        }
    }
    wrong
}

/// Whoever has a node in hand can ask it as an entity, whatever its kind.
fn entities_are_nodes(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    if !schema.implemented("Entity").contains(&"Node".to_owned()) {
        wrong.push("the interface `Entity` does not implement `Node`".to_owned());
    }
    let common = schema.fields("Entity");
    if common.is_empty() {
        wrong.push("the interface `Entity` has no fields".to_owned());
    }
    for kind in schema.implementers("Entity") {
        if !schema.implemented(&kind).contains(&"Node".to_owned()) {
            wrong.push(format!("`{kind}` implements `Entity` but not `Node`"));
        }
        for field in common {
            let own = schema.fields(&kind).iter().find(|it| it.name.node == field.name.node);
            if own.map(signature) != Some(signature(field)) {
                wrong.push(format!("`{kind}.{}` is not what `Entity` promises", field.name.node));
            }
        }
    }
    if schema.fields("CustomEntity").len() != common.len() {
        wrong.push(
            "`CustomEntity` has a field that `Entity` has not: a kind could then not get its own type".to_owned(),
        );
    }
    wrong
}

/// Somebody who has only the schema can work with it.
fn everything_is_described(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut places: Vec<(String, bool)> = Vec::new();
    for (name, it) in &schema.types {
        places.push((name.clone(), it.description.is_some()));
        if let TypeKind::Enum(EnumType { values }) = &it.kind {
            let values =
                values.iter().map(|it| (format!("{name}.{}", it.node.value.node), it.node.description.is_some()));
            places.extend(values);
        }
    }
    let fields = schema.all_fields().into_iter();
    places.extend(fields.map(|(owner, it)| (format!("{owner}.{}", it.name.node), it.description.is_some())));
    places.extend(schema.inputs().into_iter().map(|(place, it)| (place, it.description.is_some())));
    let wrong = places.into_iter().filter(|(_, described)| !described);
    wrong.map(|(place, _)| format!("`{place}` has no description")).collect()
}

/// Enum values look like enum values.
fn enums_are_upper_case(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let mut wrong = Vec::new();
    for (name, it) in &schema.types {
        let TypeKind::Enum(EnumType { values }) = &it.kind else { continue };
        let values = values.iter().map(|it| it.node.value.node.as_str());
        let lower =
            values.filter(|value| value.contains(|letter: char| !matches!(letter, 'A'..='Z' | '0'..='9' | '_')));
        wrong.extend(lower.map(|value| format!("`{name}.{value}` is not in upper case")));
    }
    wrong
}

/// A scalar names the page that defines it; those of our own are described in full.
fn scalars_say_what_they_are(sdl: &str) -> Vec<String> {
    let schema = Schema::of(sdl);
    let scalars = schema.types.iter().filter(|(_, it)| matches!(it.kind, TypeKind::Scalar));
    let wrong = scalars.filter(|(name, it)| {
        let ours = ["Cursor", "Revision"].contains(&name.as_str());
        !ours && !it.directives.iter().any(|directive| directive.node.name.node == "specifiedBy")
    });
    wrong.map(|(name, _)| format!("the scalar `{name}` has no @specifiedBy")).collect()
}

// === Reading a schema ===

struct Schema {
    types: BTreeMap<String, TypeDefinition>,
    fields: BTreeMap<String, Vec<FieldDefinition>>,
}

impl Schema {
    fn of(sdl: &str) -> Self {
        let ServiceDocument { definitions } = parse_schema(sdl).unwrap();
        let mut schema = Self { types: BTreeMap::new(), fields: BTreeMap::new() };
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let fields = match &definition.node.kind {
                TypeKind::Object(object) => object.fields.as_slice(),
                TypeKind::Interface(interface) => interface.fields.as_slice(),
                _ => &[],
            };
            schema.fields.insert(name.clone(), fields.iter().map(|field| field.node.clone()).collect());
            schema.types.insert(name, definition.node);
        }
        schema
    }

    fn fields(&self, owner: &str) -> &[FieldDefinition] {
        self.fields.get(owner).map(Vec::as_slice).unwrap_or_default()
    }

    fn all_fields(&self) -> Vec<(&str, &FieldDefinition)> {
        let all = self.fields.iter();
        all.flat_map(|(owner, fields)| fields.iter().map(move |field| (owner.as_str(), field))).collect()
    }

    fn type_of(&self, owner: &str, field: &str) -> Option<String> {
        Some(self.fields(owner).iter().find(|it| it.name.node == field)?.ty.node.to_string())
    }

    /// All arguments and input members, each with its place.
    fn inputs(&self) -> Vec<(String, &InputValueDefinition)> {
        let mut inputs = Vec::new();
        for (owner, field) in self.all_fields() {
            let place = |it: &InputValueDefinition| format!("{owner}.{}({}:)", field.name.node, it.name.node);
            inputs.extend(field.arguments.iter().map(|it| (place(&it.node), &it.node)));
        }
        for (owner, it) in &self.types {
            let TypeKind::InputObject(InputObjectType { fields }) = &it.kind else { continue };
            inputs.extend(fields.iter().map(|it| (format!("{owner}.{}", it.node.name.node), &it.node)));
        }
        inputs
    }

    /// The interfaces that a type implements.
    fn implemented(&self, name: &str) -> Vec<String> {
        let implements = match self.types.get(name).map(|it| &it.kind) {
            Some(TypeKind::Object(object)) => object.implements.as_slice(),
            Some(TypeKind::Interface(interface)) => interface.implements.as_slice(),
            _ => &[],
        };
        implements.iter().map(|it| it.node.to_string()).collect()
    }

    /// The object types that implement an interface.
    fn implementers(&self, interface: &str) -> Vec<String> {
        let objects = self.types.iter().filter(|(_, it)| matches!(it.kind, TypeKind::Object(_)));
        let names = objects.map(|(name, _)| name.clone());
        names.filter(|name| self.implemented(name).iter().any(|it| it == interface)).collect()
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn lists(ty: &Type) -> usize {
    match &ty.base {
        BaseType::Named(_) => 0,
        BaseType::List(item) => 1 + lists(item),
    }
}

/// What a field is asked and answers.
fn signature(field: &FieldDefinition) -> (String, BTreeMap<String, String>) {
    let arguments = field.arguments.iter().map(|it| (it.node.name.node.to_string(), it.node.ty.node.to_string()));
    (field.ty.node.to_string(), arguments.collect())
}

// === The rules can fail ===

#[track_caller]
fn check(rule: fn(&str) -> Vec<String>, breaks: &str, says: &str) {
    let wrong = rule(breaks);
    assert!(wrong.iter().any(|it| it.contains(says)), "expected `{says}` in {wrong:?}");
}

#[test]
fn a_root_field_that_may_not_be_null_is_found() {
    check(root_fields_are_nullable, "type Query { a: Int b: Int! }", "root field `b`");
    check(root_fields_are_nullable, "type Query { a: Int } type Mutation { c: [Int]! }", "root field `c`");
}

#[test]
fn a_default_is_found() {
    check(nothing_has_a_default, "type Query { a(b: Int = 2): Int }", "`Query.a(b:)`");
    check(nothing_has_a_default, "type Query { a: Int } input I { b: Int = 2 }", "`I.b`");
}

#[test]
fn a_name_with_two_types_is_found() {
    let kinds = "interface Entity { id: ID! } type A implements Entity { id: ID! x: Int }
        type B implements Entity { id: ID! x: Int! } type Query { a: Entity }";
    check(a_name_has_one_type, kinds, "`x` is `Int` in A and `Int!` in B");
    let union = "type A { x: Int } type B { x: String } union U = A | B type Query { a: U }";
    check(a_name_has_one_type, union, "`x` is `Int` in A and `String` in B");
}

#[test]
fn a_list_without_a_bound_is_found() {
    check(lists_are_bounded, "type Query { a: [Int!]! }", "`Query.a`");
    check(lists_are_bounded, "type Query { tags: [Int] }", "`Query.tags`");
    let connection = "type AConnection { nodes: [Int!]! more: [Int!]! } type Query { a: AConnection }";
    check(lists_are_bounded, connection, "`AConnection.more`");
}

#[test]
fn a_connection_of_another_shape_is_found() {
    let edge = "type AEdge { cursor: String! node: A! } type A { x: Int } type PageInfo { x: Int }";
    let whole = "type AConnection { edges: [AEdge!]! nodes: [A!]! pageInfo: PageInfo! totalCount: Int! }";
    let asked = "(first: Int after: String last: Int before: String)";
    let right = format!("type Query {{ a{asked}: AConnection }} {whole} {edge}");
    assert_eq!(connections_have_one_shape(&right), Vec::<String>::new());
    check(connections_have_one_shape, &right.replace("last: Int ", ""), "the argument `last: Int`");
    check(connections_have_one_shape, &right.replace("before: String", "before: ID"), "the argument `before: String`");
    check(connections_have_one_shape, &right.replace("nodes: [A!]!", "nodes: [A]!"), "`AConnection.nodes`");
    check(connections_have_one_shape, &right.replace("totalCount: Int!", ""), "`totalCount`");
}

#[test]
fn a_cursor_of_the_wrong_sort_is_found() {
    let check = |breaks, says| check(cursors_of_pages_are_strings, breaks, says);
    check("type PageInfo { endCursor: Cursor } type Query { a: PageInfo } scalar Cursor", "`PageInfo.endCursor`");
    check("type E { cursor: String! } type Query { a: E }", "`E.cursor`");
    check("type Query { a(after: Cursor): Int } scalar Cursor", "`Query.a(after:)`");
    check("type Query { a: Int } type Subscription { b(after: String): Int }", "`Subscription.b(after:)`");
}

#[test]
fn an_id_that_is_no_nodes_is_found() {
    check(ids_belong_to_nodes, "type A { id: ID! } type Query { a: A }", "`A` has an `id`");
    let number = "interface Node { id: ID! } type A implements Node { id: Int! } type Query { a: A }";
    check(ids_belong_to_nodes, number, "`A.id` is `Int!`");
    let none = "interface Node { id: ID! } type A implements Node { x: Int } type Query { a: A }";
    check(ids_belong_to_nodes, none, "`A` implements `Node` and has no `id`");
}

#[test]
fn an_entity_that_is_no_node_is_found() {
    let text = "interface Node { id: ID! } interface Entity { id: ID! x(y: Int): Int }
        type A implements Entity { id: ID! x: Int } type CustomEntity { id: ID! z: Int w: Int } type Query { a: A }";
    check(entities_are_nodes, text, "the interface `Entity` does not implement `Node`");
    check(entities_are_nodes, text, "`A` implements `Entity` but not `Node`");
    check(entities_are_nodes, text, "`A.x` is not what `Entity` promises");
    check(entities_are_nodes, text, "`CustomEntity` has a field");
    check(entities_are_nodes, "type Query { a: Int }", "has no fields");
}

#[test]
fn a_missing_description_is_found() {
    let text = "type Query { a(b: Int): E } enum E { F } input I { g: Int }";
    for place in ["`Query`", "`Query.a`", "`Query.a(b:)`", "`E`", "`E.F`", "`I`", "`I.g`"] {
        check(everything_is_described, text, place);
    }
    assert_eq!(
        everything_is_described("\"Yes.\" type Query { \"Yes.\" a(\"Yes.\" b: Int): Int }"),
        Vec::<String>::new()
    );
}

#[test]
fn an_enum_value_in_lower_case_is_found() {
    check(enums_are_upper_case, "enum E { GOOD Bad } type Query { a: E }", "`E.Bad`");
}

#[test]
fn a_scalar_without_a_page_is_found() {
    check(scalars_say_what_they_are, "scalar Blob type Query { a: Blob }", "`Blob`");
}
