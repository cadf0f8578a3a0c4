//! Every field that Backstage has a rule for, and values on both sides of the rule. Which side a value is on is not said
//! here: the oracle says it.

#[rustfmt::skip]
#[path = "values.rs"]
mod values;

use serde_json::{Value as Json, json};
use values::{
    api_versions, blanks, foreign, kinds, label_keys, labels, links, lists, loose_references, maps, mcp_types,
    metadata, names, presences, reference_lists, references, remotes, specs, tags, texts, urls,
};

/// A field to bend.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    /// Where it stands in a document.
    pub(crate) path: &'static [&'static str],
    pub(crate) values: Values,
    pub(crate) sides: Sides,
}

/// Where values come from.
#[derive(Clone, Copy)]
pub(crate) enum Values {
    /// The field takes them.
    Of(fn() -> Vec<Json>),
    /// The field is a map, and these are its further keys.
    KeysOf(fn() -> Vec<Json>),
}

/// Which verdicts a field must have seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sides {
    Both,
    /// There is no rule: everything is right.
    Accepted,
    /// Nothing is right.
    Refused,
}

/// A kind: a whole document, and the fields of its `spec`.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) document: fn() -> Json,
    pub(crate) fields: &'static [Field],
    /// Not built in: something must claim it.
    pub(crate) claimed: bool,
}

use Values::{KeysOf, Of};

const fn field(path: &'static [&'static str], values: fn() -> Vec<Json>) -> Field {
    Field { path, values: Of(values), sides: Sides::Both }
}

const fn keys(path: &'static [&'static str], values: fn() -> Vec<Json>) -> Field {
    Field { path, values: KeysOf(values), sides: Sides::Both }
}

/// What all kinds share.
pub(crate) const SHARED: &[Field] = &[
    Field { path: &[], values: KeysOf(foreign), sides: Sides::Refused },
    field(&["apiVersion"], api_versions),
    field(&["kind"], kinds),
    field(&["metadata"], metadata),
    field(&["metadata", "name"], names),
    field(&["metadata", "namespace"], labels),
    field(&["metadata", "title"], texts),
    field(&["metadata", "description"], texts),
    field(&["metadata", "uid"], texts),
    field(&["metadata", "etag"], texts),
    field(&["metadata", "labels"], maps),
    field(&["metadata", "labels", "a"], names),
    keys(&["metadata", "labels"], label_keys),
    field(&["metadata", "annotations"], maps),
    field(&["metadata", "annotations", "a"], texts),
    field(&["metadata", "annotations", "backstage.io/source-location"], texts),
    Field {
        path: &["metadata", "annotations", "backstage.io/managed-by-location"],
        values: Of(texts),
        sides: Sides::Accepted,
    },
    Field {
        path: &["metadata", "annotations", "backstage.io/managed-by-origin-location"],
        values: Of(texts),
        sides: Sides::Accepted,
    },
    keys(&["metadata", "annotations"], label_keys),
    field(&["metadata", "tags"], lists),
    field(&["metadata", "tags", "0"], tags),
    field(&["metadata", "links"], links),
    field(&["metadata", "links", "0", "url"], urls),
    field(&["metadata", "links", "0", "title"], blanks),
    field(&["metadata", "links", "0", "icon"], blanks),
    field(&["metadata", "links", "0", "type"], blanks),
    Field { path: &["metadata", "links", "0", "further"], values: Of(texts), sides: Sides::Accepted },
    Field { path: &["metadata", "further"], values: Of(texts), sides: Sides::Accepted },
    Field { path: &["spec", "further"], values: Of(texts), sides: Sides::Accepted },
];

const SPEC: Field = field(&["spec"], specs);
const TYPE: Field = field(&["spec", "type"], texts);
const LIFECYCLE: Field = field(&["spec", "lifecycle"], texts);
const OWNER: Field = field(&["spec", "owner"], references);
const SYSTEM: Field = field(&["spec", "system"], references);
const DEPENDS_ON: Field = field(&["spec", "dependsOn"], reference_lists);
const DEPENDS_ON_ONE: Field = field(&["spec", "dependsOn", "0"], references);
const DEPENDENCY_OF: Field = field(&["spec", "dependencyOf"], loose_references);
const DEPENDENCY_OF_ONE: Field = field(&["spec", "dependencyOf", "0"], references);
const PROFILE: Field = field(&["spec", "profile"], maps);
const PROFILE_NAME: Field = field(&["spec", "profile", "displayName"], texts);
const PROFILE_MAIL: Field = field(&["spec", "profile", "email"], texts);
const PROFILE_PICTURE: Field = field(&["spec", "profile", "picture"], texts);
const REMOTES: Field = field(&["spec", "remotes"], remotes);

pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "Component",
        document: || {
            document(
                "backstage.io/v1alpha1",
                "Component",
                json!({
                    "type": "service", "lifecycle": "production", "owner": "user:guests", "system": "shop", "subcomponentOf": "whole",
                    "providesApis": ["orders"], "consumesApis": ["api:other/stock"], "dependsOn": ["resource:db"],
                    "dependencyOf": ["component:till"],
                }),
            )
        },
        fields: &[
            SPEC,
            TYPE,
            LIFECYCLE,
            OWNER,
            SYSTEM,
            field(&["spec", "subcomponentOf"], references),
            field(&["spec", "providesApis"], reference_lists),
            field(&["spec", "providesApis", "0"], references),
            field(&["spec", "consumesApis"], reference_lists),
            field(&["spec", "consumesApis", "0"], references),
            DEPENDS_ON,
            DEPENDS_ON_ONE,
            DEPENDENCY_OF,
            DEPENDENCY_OF_ONE,
        ],
        claimed: false,
    },
    Kind {
        name: "API",
        document: || {
            let spec =
                json!({"type": "openapi", "lifecycle": "p", "owner": "o", "system": "s", "definition": "openapi: 3"});
            document("backstage.io/v1beta1", "API", spec)
        },
        fields: &[SPEC, TYPE, LIFECYCLE, OWNER, SYSTEM, field(&["spec", "definition"], texts)],
        claimed: false,
    },
    Kind {
        name: "API of an MCP server",
        document: || {
            let remotes = json!([{"type": "sse", "url": "https://mcp.example"}]);
            let spec = json!({"type": "mcp-server", "lifecycle": "p", "owner": "o", "system": "s", "remotes": remotes});
            document("backstage.io/v1alpha1", "API", spec)
        },
        fields: &[
            SPEC,
            field(&["spec", "type"], mcp_types),
            LIFECYCLE,
            OWNER,
            SYSTEM,
            Field { sides: Sides::Accepted, ..field(&["spec", "definition"], texts) },
            REMOTES,
            field(&["spec", "remotes", "0", "type"], texts),
            field(&["spec", "remotes", "0", "url"], texts),
        ],
        claimed: false,
    },
    Kind {
        name: "Resource",
        document: || {
            let spec =
                json!({"type": "db", "owner": "o", "system": "s", "dependsOn": ["a:b"], "dependencyOf": ["a:b"]});
            document("backstage.io/v1alpha1", "Resource", spec)
        },
        fields: &[SPEC, TYPE, OWNER, SYSTEM, DEPENDS_ON, DEPENDS_ON_ONE, DEPENDENCY_OF, DEPENDENCY_OF_ONE],
        claimed: false,
    },
    Kind {
        name: "System",
        document: || {
            document("backstage.io/v1beta1", "System", json!({"owner": "o", "domain": "d", "type": "product"}))
        },
        fields: &[SPEC, OWNER, field(&["spec", "domain"], references), TYPE],
        claimed: false,
    },
    Kind {
        name: "Domain",
        document: || {
            document("backstage.io/v1alpha1", "Domain", json!({"owner": "o", "subdomainOf": "d", "type": "area"}))
        },
        fields: &[SPEC, OWNER, field(&["spec", "subdomainOf"], references), TYPE],
        claimed: false,
    },
    Kind {
        name: "Group",
        document: || {
            let profile = json!({"displayName": "Team", "email": "a@b.example", "picture": "https://p.example"});
            let spec = json!({"type": "team", "children": ["c"], "parent": "p", "members": ["m"], "profile": profile});
            document("backstage.io/v1alpha1", "Group", spec)
        },
        fields: &[
            SPEC,
            TYPE,
            field(&["spec", "children"], reference_lists),
            field(&["spec", "children", "0"], references),
            field(&["spec", "parent"], references),
            field(&["spec", "members"], reference_lists),
            field(&["spec", "members", "0"], references),
            PROFILE,
            PROFILE_NAME,
            PROFILE_MAIL,
            PROFILE_PICTURE,
        ],
        claimed: false,
    },
    Kind {
        name: "User",
        document: || {
            let profile = json!({"displayName": "Ada", "email": "a@b.example", "picture": "p"});
            document("backstage.io/v1alpha1", "User", json!({"memberOf": ["team"], "profile": profile}))
        },
        fields: &[
            SPEC,
            field(&["spec", "memberOf"], reference_lists),
            field(&["spec", "memberOf", "0"], references),
            PROFILE,
            PROFILE_NAME,
            PROFILE_MAIL,
            PROFILE_PICTURE,
        ],
        claimed: false,
    },
    Kind {
        name: "Location",
        document: || {
            let spec = json!({"type": "url", "target": "./a.yaml", "targets": ["./b.yaml"], "presence": "optional"});
            document("backstage.io/v1alpha1", "Location", spec)
        },
        fields: &[
            SPEC,
            TYPE,
            field(&["spec", "target"], texts),
            field(&["spec", "targets"], lists),
            field(&["spec", "targets", "0"], texts),
            field(&["spec", "presence"], presences),
        ],
        claimed: false,
    },
    Kind {
        name: "Template",
        document: || {
            let spec = json!({"type": "service", "steps": [{"action": "debug:log"}]});
            document("scaffolder.backstage.io/v1beta3", "Template", spec)
        },
        // Its `spec` has unit tests: the oracle does not know the schema.
        fields: &[],
        claimed: false,
    },
    Kind {
        name: "a kind that is claimed",
        document: || document("example.com/v1", "Gadget", json!({"size": 5})),
        fields: &[field(&["spec"], maps)],
        claimed: true,
    },
];

fn document(api_version: &str, kind: &str, spec: Json) -> Json {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": "a", "namespace": "here", "title": "A", "description": "", "uid": "u", "etag": "e",
            "labels": {"a": "b"}, "annotations": {"a": "b"}, "tags": ["java"],
            "links": [{"url": "https://a.example", "title": "t", "icon": "i", "type": "y"}],
        },
        "spec": spec,
    })
}
