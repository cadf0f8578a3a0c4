//! Fields that fail: what stands in their place, and what the error says.

use serde_json::{Value, json};

use crate::app::{App, Database, component};

async fn app() -> App {
    let template = "---\napiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: t}\nspec:\n  \
                    type: service\n  parameters:\n    title: One\n    ui:order: [a]\n    properties:\n      \
                    a: {type: string, 'ui:field': OwnerPicker}\n  steps:\n    - {id: x, action: 'debug:log'}\n    \
                    - {action: 'debug:log', each: '${{ parameters.a }}'}\n";
    App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", "")), ("catalog/t.yaml", template)]).await
}

#[tokio::test]
async fn a_failed_field_is_null_or_else_the_nearest_place_above_it_that_may_be() {
    let app = app().await;
    for (query, data, path) in [
        ("{a: entity(ref: \"nokind\") {ref}}", json!({"a": null}), json!(["a"])),
        ("{a: entities(first: 30000000000) {totalCount}}", json!({"a": null}), json!(["a"])),
        (
            "{a: entity(ref: \"component:a\") {ref b: relations(first: 101) {totalCount}}}",
            json!({"a": null}),
            json!(["a", "b"]),
        ),
        (
            "{...F} fragment F on Query {a: entity(ref: \"component:a\") {...G}} fragment G on Component {b: dependsOn(first: 101) {totalCount}}",
            json!({"a": null}),
            json!(["a", "b"]),
        ),
        (
            "{a: nodes(ids: [\"ZWNvbXBvbmVudDpkZWZhdWx0L2E\", \"x\"]) {id ... on Entity {relations(last: -1) {totalCount}}}}",
            json!({"a": [null, null]}),
            json!(["a", 0, "relations"]),
        ),
    ] {
        let answer = app.answer(query, json!({})).await;
        assert_eq!(answer["data"], data, "{query}: {answer}");
        assert_eq!(answer["errors"][0]["path"], path, "{query}: {answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer}");
    }
}

#[tokio::test]
async fn a_wrong_reference_is_told_with_the_argument_and_leaves_the_other_fields() {
    let query = "{entity(ref: \"a\") {ref} entitiesByRefs(refs: [\"b\"]) {ref} catalogRevision}";
    let answer = app().await.answer(query, json!({})).await;
    assert_eq!(answer["data"]["entity"], Value::Null);
    assert_eq!(answer["data"]["entitiesByRefs"], Value::Null);
    assert!(answer["data"]["catalogRevision"].is_i64(), "{answer}");
    for (place, argument, text) in [(0, "ref", "a"), (1, "refs", "b")] {
        let expected = format!("`{argument}`: `{text}` names no kind: expected `kind:[namespace/]name`");
        assert_eq!(answer["errors"][place]["message"], expected);
    }
}

#[tokio::test]
async fn what_a_request_lacks_is_refused_before_anything_runs() {
    let app = app().await;
    let query = "query($r: EntityRef!) {entity(ref: $r) {ref} catalogRevision}";
    for variables in [json!({}), json!({"r": null})] {
        let answer = app.answer(query, variables).await;
        assert!(answer.get("data").is_none(), "{answer}");
        assert_eq!(answer["errors"][0]["message"], "variable `$r` of type `EntityRef!` is required but not given");
    }
    assert_eq!(app.data("{catalogRevision @skip(if: true)}").await, json!({}));
}

#[tokio::test]
async fn a_template_tells_its_form_and_its_steps() {
    let query = "{entity(ref: \"template:t\") {... on Template {
        form {pages {title description schema uiSchema} secrets buttonLabels {create}} steps {stepId name kind action}}}}";
    assert_eq!(
        app().await.data(query).await["entity"],
        json!({
            "form": {
                "pages": [{
                    "title": "One",
                    "description": null,
                    "schema": {"title": "One", "properties": {"a": {"type": "string"}}},
                    "uiSchema": {"ui:order": ["a"], "a": {"ui:field": "OwnerPicker"}},
                }],
                "secrets": null,
                "buttonLabels": {"create": null},
            },
            "steps": [
                {"stepId": "x", "name": "debug:log", "kind": "ACTION", "action": "debug:log"},
                {"stepId": "step-2", "name": "debug:log", "kind": "EACH", "action": "debug:log"},
            ],
        })
    );
}
