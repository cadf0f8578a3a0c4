//! The fields of each kind's `spec`, and the relations that they state.

use plinth_model::EntityRef;
use plinth_yaml::{Node, Value};

use super::{Check, format};
use crate::{Kind, RelationType};

/// A field of a kind's `spec`.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// The relation that it states, and the kind of a reference that names none.
    pub(crate) relation: Option<(RelationType, Option<&'static str>)>,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string that is not empty.
    Text,
    /// A list of such strings.
    Texts,
    /// `displayName`, `email`, `picture`.
    Profile,
    /// `required` or `optional`.
    Presence,
    /// A template's steps.
    Steps,
    /// A map or a list of maps.
    Parameters,
    /// A list of maps with `type` and `url`.
    Remotes,
}

use RelationType::{
    ChildOf, ConsumesApi, DependencyOf, DependsOn, HasMember, MemberOf, OwnedBy, ParentOf, PartOf, ProvidesApi,
};
use Shape::{Parameters, Presence, Profile, Remotes, Steps, Text, Texts};

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: false, relation: None }
}

const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, required: true, relation: None }
}

impl Field {
    const fn states(mut self, relation: RelationType, default_kind: Option<&'static str>) -> Self {
        self.relation = Some((relation, default_kind));
        self
    }
}

const OWNER: Field = required("owner", Text).states(OwnedBy, Some("Group"));
const SYSTEM: Field = field("system", Text).states(PartOf, Some("System"));
const TYPE: Field = required("type", Text);
const LIFECYCLE: Field = required("lifecycle", Text);
const DEPENDS_ON: Field = field("dependsOn", Texts).states(DependsOn, None);
const DEPENDENCY_OF: Field = field("dependencyOf", Texts).states(DependencyOf, None);

const COMPONENT: &[Field] = &[
    TYPE,
    LIFECYCLE,
    OWNER,
    SYSTEM,
    field("subcomponentOf", Text).states(PartOf, Some("Component")),
    field("providesApis", Texts).states(ProvidesApi, Some("API")),
    field("consumesApis", Texts).states(ConsumesApi, Some("API")),
    DEPENDS_ON,
    DEPENDENCY_OF,
];
const API: &[Field] = &[TYPE, LIFECYCLE, OWNER, required("definition", Text), SYSTEM];
const MCP_SERVER: &[Field] = &[TYPE, LIFECYCLE, OWNER, required("remotes", Remotes), SYSTEM];
const RESOURCE: &[Field] = &[TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF];
const SYSTEM_KIND: &[Field] = &[OWNER, field("domain", Text).states(PartOf, Some("Domain")), field("type", Text)];
const DOMAIN: &[Field] = &[OWNER, field("subdomainOf", Text).states(PartOf, Some("Domain")), field("type", Text)];
const GROUP: &[Field] = &[
    TYPE,
    required("children", Texts).states(ParentOf, Some("Group")),
    field("parent", Text).states(ChildOf, Some("Group")),
    field("members", Texts).states(HasMember, Some("User")),
    field("profile", Profile),
];
const USER: &[Field] = &[required("memberOf", Texts).states(MemberOf, Some("Group")), field("profile", Profile)];
const LOCATION: &[Field] =
    &[field("type", Text), field("target", Text), field("targets", Texts), field("presence", Presence)];
const TEMPLATE: &[Field] = &[
    TYPE,
    required("steps", Steps),
    field("parameters", Parameters),
    field("owner", Text).states(OwnedBy, Some("Group")),
    field("lifecycle", Text),
];

/// The fields that are checked and related; `spec_type` matters where a type has a form of its own.
pub(crate) fn fields_of(kind: Kind, spec_type: Option<&str>) -> &'static [Field] {
    match kind {
        Kind::Component => COMPONENT,
        Kind::Api if spec_type == Some("mcp-server") => MCP_SERVER,
        Kind::Api => API,
        Kind::Resource => RESOURCE,
        Kind::System => SYSTEM_KIND,
        Kind::Domain => DOMAIN,
        Kind::Group => GROUP,
        Kind::User => USER,
        Kind::Location => LOCATION,
        Kind::Template => TEMPLATE,
        Kind::Custom => &[],
    }
}

impl Check {
    pub(super) fn spec(&mut self, document: &Node, kind: Option<Kind>) {
        let Some(spec) = document.get("spec") else {
            if kind.is_some_and(|kind| kind != Kind::Custom) {
                self.missing("spec", document, "a map");
            }
            return;
        };
        if !matches!(spec.value, Value::Map(_)) {
            return self.wrong("spec", spec, "a map");
        }
        let Some(kind) = kind else { return };
        let namespace = document.get("metadata").and_then(|it| it.get("namespace")).and_then(Node::as_str);
        let spec_type = spec.get("type").and_then(Node::as_str);
        for field in fields_of(kind, spec_type) {
            let path = format!("spec.{}", field.name);
            match spec.get(field.name) {
                Some(node) => self.field(&path, node, field, namespace.unwrap_or("default")),
                None if field.required => self.missing(&path, spec, field.shape.expected()),
                None => {}
            }
        }
    }

    fn field(&mut self, path: &str, node: &Node, field: &Field, namespace: &str) {
        match (field.shape, &node.value) {
            (Text, _) => {
                self.text(path, node, format::TEXT);
                self.reference(path, node, field, namespace);
            }
            (Texts, Value::List(members)) => {
                for (place, member) in members.iter().enumerate() {
                    let path = format!("{path}[{place}]");
                    self.text(&path, member, format::TEXT);
                    self.reference(&path, member, field, namespace);
                }
            }
            (Profile, Value::Map(_)) => self.members(path, node, &["displayName", "email", "picture"]),
            (Presence, Value::String(text)) if text == "required" || text == "optional" => {}
            (Parameters, Value::Map(_)) => {}
            (Parameters | Steps | Remotes, Value::List(members)) => {
                for (place, member) in members.iter().enumerate() {
                    self.map_member(&format!("{path}[{place}]"), member, field.shape);
                }
            }
            (shape, _) => self.wrong(path, node, shape.expected()),
        }
    }

    fn map_member(&mut self, path: &str, node: &Node, shape: Shape) {
        if !matches!(node.value, Value::Map(_)) {
            return self.wrong(path, node, "a map");
        }
        let (required, optional): (&[&str], &[&str]) = match shape {
            Steps => (&["action"], &["id", "name"]),
            Remotes => (&["type", "url"], &[]),
            _ => (&[], &[]),
        };
        for name in required.iter().filter(|name| node.get(name).is_none()) {
            self.missing(&format!("{path}.{name}"), node, format::TEXT.expected);
        }
        self.members(path, node, required);
        for name in optional {
            if let Some(member) = node.get(name).filter(|it| it.as_str().is_none()) {
                self.wrong(&format!("{path}.{name}"), member, "a string");
            }
        }
    }

    /// Those members that are there must be strings that hold something.
    fn members(&mut self, path: &str, node: &Node, names: &[&str]) {
        for name in names {
            if let Some(member) = node.get(name) {
                self.text(&format!("{path}.{name}"), member, format::TEXT);
            }
        }
    }

    /// A reference that does not parse fails the entity.
    fn reference(&mut self, path: &str, node: &Node, field: &Field, namespace: &str) {
        let (Some((_, default_kind)), Some(text)) = (field.relation, node.as_str()) else { return };
        if text.is_empty() {
            return;
        }
        if let Err(error) = EntityRef::parse(text, default_kind, namespace) {
            self.invalid(path, node.at, format!("`{path}`: {error}"));
        }
    }
}

impl Shape {
    fn expected(self) -> &'static str {
        match self {
            Text => format::TEXT.expected,
            Texts => "a list of strings",
            Profile => "a map with `displayName`, `email`, `picture`",
            Presence => "`required` or `optional`",
            Steps => "a list of maps with `action`",
            Parameters => "a map or a list of maps",
            Remotes => "a list of maps with `type` and `url`",
        }
    }
}
