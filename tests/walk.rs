//! Every root field, asked by everybody: who may not, does not.

use std::collections::BTreeSet;

use async_graphql_parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, repository},
    transport::{OF_ALL, Transport},
};

/// A document for each root field, under the field's own name, and what it takes.
const WALK: &[(&str, &str, Needs, &str)] = &[
    ("Query", "node", Needs::Read, "{node(id: \"x\") {id}}"),
    ("Query", "nodes", Needs::Read, "{nodes(ids: [\"x\"]) {id}}"),
    ("Query", "viewer", Needs::Read, "{viewer {actor {subject}}}"),
    ("Query", "server", Needs::Read, "{server {version}}"),
    ("Query", "entity", Needs::Read, "{entity(ref: \"component:default/a\") {ref}}"),
    ("Query", "entitiesByRefs", Needs::Read, "{entitiesByRefs(refs: [\"component:default/a\"]) {ref}}"),
    ("Query", "entities", Needs::Read, "{entities {totalCount}}"),
    ("Query", "catalogRevision", Needs::Read, "{catalogRevision}"),
    ("Query", "locations", Needs::Read, "{locations {totalCount}}"),
    ("Query", "catalogProblems", Needs::Read, "{catalogProblems {totalCount}}"),
    (
        "Mutation",
        "registerLocation",
        Needs::Write,
        "mutation {registerLocation(input: {target: \"https://example.com/a.yaml\"}) {userErrors {code}}}",
    ),
    (
        "Mutation",
        "unregisterLocation",
        Needs::Write,
        "mutation {unregisterLocation(input: {locationId: \"x\"}) {userErrors {code}}}",
    ),
    (
        "Mutation",
        "refreshLocation",
        Needs::Write,
        "mutation {refreshLocation(input: {locationId: \"x\"}) {userErrors {code}}}",
    ),
    (
        "Mutation",
        "refreshEntity",
        Needs::Write,
        "mutation {refreshEntity(input: {ref: \"component:default/a\"}) {userErrors {code}}}",
    ),
    ("Subscription", "catalogChanges", Needs::Read, "subscription {catalogChanges {__typename}}"),
    ("Subscription", "locationSyncs", Needs::Read, "subscription {locationSyncs {__typename}}"),
    // It changes nothing.
    ("Mutation", "validateEntity", Needs::Read, "mutation {validateEntity(input: {content: \"a: 1\"}) {valid}}"),
];

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Read,
    Write,
}

/// What came of a document.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It was not executed, and nothing of it is told.
    Unauthenticated,
    /// The field is null and says why.
    Forbidden,
    /// It came past the question who may.
    Past,
}

fn outcome(field: &str, answer: &Value) -> Outcome {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<_> = errors.iter().map(|it| it["extensions"]["code"].as_str().unwrap()).collect();
    if codes == ["UNAUTHENTICATED"] {
        assert_eq!(answer.get("data"), None, "{answer}");
        return Outcome::Unauthenticated;
    }
    if codes == ["FORBIDDEN"] {
        assert!(answer["data"][field].is_null() && errors[0]["path"] == json!([field]), "{answer}");
        return Outcome::Forbidden;
    }
    assert!(!codes.contains(&"UNAUTHENTICATED") && !codes.contains(&"FORBIDDEN"), "{answer}");
    assert!(!codes.contains(&"GRAPHQL_VALIDATION_FAILED"), "its document is none: {answer}");
    Outcome::Past
}

#[test]
fn the_walk_has_a_document_for_every_root_field() {
    let sdl = std::fs::read_to_string(repository().join("schema.graphql")).unwrap();
    let mut fields = BTreeSet::new();
    for definition in parse_schema(sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        if let TypeKind::Object(object) = &definition.node.kind
            && ["Query", "Mutation", "Subscription"].contains(&name.as_str())
        {
            fields.extend(object.fields.iter().map(|it| (name.clone(), it.node.name.node.to_string())));
        }
    }
    let walked: BTreeSet<_> = WALK.iter().map(|(root, field, ..)| ((*root).to_owned(), (*field).to_owned())).collect();
    assert_eq!(fields, walked, "each root field needs a document in WALK");
}

#[tokio::test]
async fn nobody_gets_in_and_a_reader_changes_nothing() {
    for database in BOTH {
        let app = App::closed(database, &[("catalog/a.yaml", &crate::app::component("a", ""))], "").await;
        let reader = app.token(&["--name", "reader", "--scope", "read"]);
        let writer = app.token(&["--name", "writer", "--scope", "write"]);
        app.until("the tokens are in effect", async |app| app.ask_as(&writer, "{__typename}").await.0 == 200).await;
        for transport in OF_ALL {
            for (root, field, needs, document) in WALK {
                if *root == "Subscription" && transport == Transport::Post {
                    continue;
                }
                let place = format!("{database:?} {transport:?} {field}");
                let read = if *needs == Needs::Read { Outcome::Past } else { Outcome::Forbidden };
                for (token, expected) in [
                    (None, Outcome::Unauthenticated),
                    (Some("plinth_guess"), Outcome::Unauthenticated),
                    (Some(reader.as_str()), read),
                    (Some(writer.as_str()), Outcome::Past),
                ] {
                    let answer = transport.ask(&app, token, document, &json!({})).await;
                    assert_eq!(outcome(field, &answer), expected, "{place}: {answer}");
                }
            }
        }
    }
}
