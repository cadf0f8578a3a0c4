//! What the schema says of its fields that matters for cost: what they answer with, and how much of it.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, OperationType, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};

/// Fields that take as long as so many others: they write out, or gather and sort, more than they answer with.
const HEAVY: &[(&str, u64)] =
    &[("manifest", 20), ("facets", 20), ("graph", 10), ("highlights", 10), ("relations", 10), ("spec", 5)];
/// Values of a facet at most.
const FACET: u64 = 100;
/// Relations that a graph is reckoned to have for each of its entities.
const EDGES: u64 = 2;
/// Lists that are short, and the items that they are reckoned to have.
const SHORT: &[(&str, u64)] = &[("highlights", 3)];
/// Items that a list of introspection is reckoned to have. It is read from memory that never changes, so fewer than there
/// are: the query that tools send for the whole schema must pass.
const INTROSPECTED: u64 = 3;
/// The same for a list by which introspection can go round.
const ROUND: u64 = 8;

/// The lists and the ways between the types of introspection, which the schema's text leaves out.
const INTROSPECTION: &str = "
    type __Schema {
        types: [__Type] queryType: __Type mutationType: __Type subscriptionType: __Type directives: [__Directive]
    }
    type __Type {
        fields: [__Field] interfaces: [__Type] possibleTypes: [__Type] enumValues: [__EnumValue]
        inputFields: [__InputValue] ofType: __Type
    }
    type __Field { args: [__InputValue] type: __Type }
    type __InputValue { type: __Type }
    type __Directive { args: [__InputValue] }
";

/// The fields of each object and interface.
#[derive(Default)]
pub(super) struct Shape {
    roots: HashMap<&'static str, String>,
    types: HashMap<String, HashMap<String, FieldShape>>,
}

/// What a field answers with.
pub(super) struct FieldShape {
    /// The name of its type.
    pub(super) of: String,
    pub(super) many: Many,
    /// As many fields as it is worth itself.
    pub(super) worth: u64,
    /// A list that leads from a type to types: through it, introspection can go round.
    pub(super) goes_round: bool,
}

/// How often what stands below a field is answered.
pub(super) enum Many {
    Once,
    /// Once; but each list in it (`nodes`, `edges`) has as many items as `first` or `last` says.
    Page,
    /// The same, where `maxNodes` says it.
    Graph,
    /// So often for each item of the page that it stands in.
    Item(u64),
    /// For each member of this argument.
    Argument(String),
    /// For each item of a list of which the schema does not say how long it is.
    List,
    /// This often.
    Times(u64),
}

// === impl Shape ===

impl Shape {
    pub(super) fn of(sdl: &str) -> Self {
        let mut shape = Self::default();
        shape.add(sdl);
        shape.add(INTROSPECTION);
        let root = shape.root(OperationType::Query).to_owned();
        let root = shape.types.entry(root).or_default();
        for (name, of) in [("__schema", "__Schema"), ("__type", "__Type")] {
            let of = of.to_owned();
            root.insert(name.to_owned(), FieldShape { of, many: Many::Once, worth: 1, goes_round: false });
        }
        shape
    }

    /// The name of the type at the root.
    pub(super) fn root(&self, operation: OperationType) -> &str {
        let usual = match operation {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        self.roots.get(usual).map_or(usual, String::as_str)
    }

    /// A field of a type; `None` for a scalar's name too.
    pub(super) fn field(&self, of: &str, name: &str) -> Option<&FieldShape> {
        self.types.get(of)?.get(name)
    }

    fn add(&mut self, sdl: &str) {
        let mut definitions = Vec::new();
        for definition in parse_schema(sdl).map(|document| document.definitions).unwrap_or_default() {
            match definition {
                TypeSystemDefinition::Type(definition) => definitions.push(definition.node),
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    let roots =
                        [("Query", schema.query), ("Mutation", schema.mutation), ("Subscription", schema.subscription)];
                    let named = roots.into_iter().filter_map(|(usual, name)| Some((usual, name?.node.to_string())));
                    self.roots.extend(named);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        let all = || definitions.iter().flat_map(|definition| fields(definition).0);
        let named_by = |is: fn(&FieldDefinition) -> bool| {
            all().filter(|field| is(field)).map(|field| named(&field.ty.node)).collect::<HashSet<&str>>()
        };
        let (pages, graphs) = (named_by(is_page), named_by(is_graph));
        for definition in &definitions {
            let name = definition.name.node.as_str();
            let (fields, is_event) = fields(definition);
            let place = Place { name, is_page: pages.contains(name), is_graph: graphs.contains(name), is_event };
            let fields = fields.map(|field| (field.name.node.to_string(), place.shape(field))).collect();
            self.types.insert(name.to_owned(), fields);
        }
    }
}

/// The type that a field belongs to.
struct Place<'a> {
    name: &'a str,
    is_page: bool,
    is_graph: bool,
    is_event: bool,
}

impl Place<'_> {
    fn shape(&self, field: &FieldDefinition) -> FieldShape {
        let is_list = |of: &Type| matches!(of.base, BaseType::List(_));
        let needed = |of: &Type| is_list(of) && !of.nullable;
        let listed = field.arguments.iter().find(|argument| needed(&argument.node.ty.node));
        let goes_round = self.name == "__Type" && is_list(&field.ty.node) && field.name.node != "enumValues";
        let short = SHORT.iter().find(|(name, _)| field.name.node == *name).map(|(_, items)| *items);
        let many = match (short, listed) {
            _ if is_page(field) => Many::Page,
            _ if is_graph(field) => Many::Graph,
            _ if !is_list(&field.ty.node) => Many::Once,
            // It counts over the whole list, not for each item of the page.
            (_, Some(argument)) if self.is_page => Many::Argument(argument.node.name.node.to_string()),
            _ if self.is_graph && field.name.node == "edges" => Many::Item(EDGES),
            _ if self.is_page || self.is_graph => Many::Item(1),
            _ if self.name == "Facet" => Many::Times(FACET),
            // The cost of an event is that of one entity.
            _ if self.is_event => Many::Once,
            _ if goes_round => Many::Times(ROUND),
            _ if self.name.starts_with("__") => Many::Times(INTROSPECTED),
            (Some(items), _) => Many::Times(items),
            (None, Some(argument)) => Many::Argument(argument.node.name.node.to_string()),
            (None, None) => Many::List,
        };
        let worth = HEAVY.iter().find(|(name, _)| field.name.node == *name).map_or(1, |(_, worth)| *worth);
        FieldShape { of: named(&field.ty.node).to_owned(), many, worth, goes_round }
    }
}

/// The fields of a type, and whether it is an event of a stream.
fn fields(definition: &TypeDefinition) -> (impl Iterator<Item = &FieldDefinition>, bool) {
    let (fields, implements) = match &definition.kind {
        TypeKind::Object(object) => (object.fields.as_slice(), object.implements.as_slice()),
        TypeKind::Interface(interface) => (interface.fields.as_slice(), interface.implements.as_slice()),
        _ => Default::default(),
    };
    (fields.iter().map(|field| &field.node), implements.iter().any(|name| name.node == "StreamEvent"))
}

fn is_page(field: &FieldDefinition) -> bool {
    ["first", "last"].iter().all(|name| field.arguments.iter().any(|argument| argument.node.name.node == *name))
}

fn is_graph(field: &FieldDefinition) -> bool {
    field.arguments.iter().any(|argument| argument.node.name.node == "maxNodes")
}

/// The name of a type without its lists.
fn named(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}
