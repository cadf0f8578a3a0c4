//! The fields of each kind's `spec`, and the relations that they state.

use super::format;
use crate::{Kind, RelationType};

/// A field of a kind's `spec`, or of a map in it.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// The relation that it states, and the kind of a reference that names none.
    pub(crate) relation: Option<(RelationType, Option<&'static str>)>,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// A string that is not empty.
    Text,
    /// Any string.
    AnyText,
    /// A list of strings that are not empty.
    Texts,
    /// A list of any strings.
    AnyTexts,
    /// References that Backstage's schema does not know: nothing, one, or a list.
    References,
    /// `required` or `optional`.
    Presence,
    /// A string or a boolean.
    Condition,
    /// A map.
    Map(&'static [Field]),
    /// A map whose further members are strings.
    MapOfTexts(&'static [Field]),
    /// A list of maps.
    Maps(&'static [Field]),
    /// A list of maps that is not empty.
    SomeMaps(&'static [Field]),
    /// A map or a list of maps.
    MapOrMaps(&'static [Field]),
}

use RelationType::{
    ChildOf, ConsumesApi, DependencyOf, DependsOn, HasMember, MemberOf, OwnedBy, ParentOf, PartOf, ProvidesApi,
};
use Shape::{
    AnyText, AnyTexts, Condition, Map, MapOfTexts, MapOrMaps, Maps, Presence, References, SomeMaps, Text, Texts,
};

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
const DEPENDENCY_OF: Field = field("dependencyOf", References).states(DependencyOf, None);
const PROFILE: Field =
    field("profile", Map(&[field("displayName", Text), field("email", Text), field("picture", Text)]));

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
const MCP_SERVER: &[Field] =
    &[TYPE, LIFECYCLE, OWNER, required("remotes", SomeMaps(&[required("type", Text), required("url", Text)])), SYSTEM];
const RESOURCE: &[Field] = &[TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDENCY_OF];
const SYSTEM_KIND: &[Field] = &[OWNER, field("domain", Text).states(PartOf, Some("Domain")), field("type", Text)];
const DOMAIN: &[Field] = &[OWNER, field("subdomainOf", Text).states(PartOf, Some("Domain")), field("type", Text)];
const GROUP: &[Field] = &[
    TYPE,
    required("children", Texts).states(ParentOf, Some("Group")),
    field("parent", Text).states(ChildOf, Some("Group")),
    field("members", Texts).states(HasMember, Some("User")),
    PROFILE,
];
const USER: &[Field] = &[required("memberOf", Texts).states(MemberOf, Some("Group")), PROFILE];
const LOCATION: &[Field] =
    &[field("type", Text), field("target", Text), field("targets", Texts), field("presence", Presence)];

const TEMPLATE: &[Field] = &[
    TYPE,
    required("steps", Maps(STEP)),
    field("parameters", MapOrMaps(&[PERMISSIONS])),
    field("owner", Text).states(OwnedBy, Some("Group")),
    field("lifecycle", Text),
    field("secrets", Map(&[field("schema", Map(&[]))])),
    field("presentation", Map(&[field("buttonLabels", Map(BUTTON_LABELS))])),
    field("formDecorators", Maps(DECORATOR)),
    field("EXPERIMENTAL_formDecorators", Maps(DECORATOR)),
    field("EXPERIMENTAL_recovery", Map(&[field("EXPERIMENTAL_strategy", AnyText)])),
    field("output", MapOfTexts(&[field("links", Maps(OUTPUT_LINK)), field("text", Maps(OUTPUT_TEXT))])),
];
const PERMISSIONS: Field = field("backstage:permissions", Map(&[field("tags", AnyTexts)]));
const IF: Field = field("if", Condition);
const STEP: &[Field] = &[
    required("action", AnyText),
    field("id", AnyText),
    field("name", AnyText),
    field("input", Map(&[])),
    IF,
    PERMISSIONS,
];
const BUTTON_LABELS: &[Field] =
    &[field("backButtonText", AnyText), field("createButtonText", AnyText), field("reviewButtonText", AnyText)];
const DECORATOR: &[Field] = &[field("id", AnyText), field("input", Map(&[]))];
const OUTPUT_LINK: &[Field] =
    &[IF, field("url", Text), field("entityRef", Text), field("title", Text), field("icon", Text)];
const OUTPUT_TEXT: &[Field] = &[IF, field("title", Text), field("icon", Text), field("content", AnyText)];

/// The fields that are checked.
pub(super) fn fields_to_check(kind: Kind, spec_type: Option<&str>, has_remotes: bool) -> &'static [Field] {
    match kind {
        // With `remotes` it has the form of its own; without, it is an API as any other.
        Kind::Api if spec_type == Some("mcp-server") && has_remotes => MCP_SERVER,
        kind => fields_of(kind),
    }
}

/// The fields that a kind has, whatever its type; all relations come from them.
pub(crate) fn fields_of(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Component => COMPONENT,
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

impl Shape {
    /// What would be right, for a message.
    pub(super) fn expected(self) -> String {
        match self {
            Text => format::TEXT.expected.to_owned(),
            AnyText => "a string".to_owned(),
            Texts | AnyTexts => "a list of strings".to_owned(),
            References => "a list of references".to_owned(),
            Presence => "`required` or `optional`".to_owned(),
            Condition => "a string or a boolean".to_owned(),
            Map(fields) | MapOfTexts(fields) => format!("a map{}", members(fields)),
            Maps(fields) => format!("a list of maps{}", members(fields)),
            SomeMaps(fields) => format!("a list of maps{}, one at least", members(fields)),
            MapOrMaps(_) => "a map or a list of maps".to_owned(),
        }
    }
}

/// Which members a map must have, or may have where it must have none.
fn members(fields: &[Field]) -> String {
    let needed: Vec<_> = fields.iter().filter(|field| field.required).collect();
    let named = if needed.is_empty() { fields.iter().collect() } else { needed };
    let names: Vec<_> = named.iter().map(|field| format!("`{}`", field.name)).collect();
    match (names.is_empty(), named.iter().any(|field| field.required)) {
        (true, _) => String::new(),
        (false, true) => format!(" with {}", names.join(", ")),
        (false, false) => format!(" that may have {}", names.join(", ")),
    }
}
