//! Clients that generators make from schema.graphql and documents: their types fit what the server answers.

use graphql_client::{GraphQLQuery, Response};
use serde_json::json;

use crate::app::{App, Database, component, repository};

/// The schema's scalars, as this client wants them.
type DateTime = String;
type EntityRef = String;
#[expect(clippy::upper_case_acronyms, reason = "the schema's name")]
type URL = String;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schema.graphql",
    query_path = "clients/service.graphql",
    response_derives = "Debug, PartialEq"
)]
struct Service;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schema.graphql",
    query_path = "clients/validate.graphql",
    response_derives = "Debug, PartialEq"
)]
struct Validate;

async fn app() -> App {
    let team =
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n";
    let service = component("a", "  dependsOn: [component:b]\n");
    let files = [("catalog/a.yaml", &*service), ("catalog/b.yaml", &component("b", "")), ("catalog/t.yaml", team)];
    App::started(Database::Sqlite, &files).await
}

/// Sends what the generated code made, and reads the answer into its types.
async fn ask<Q: GraphQLQuery>(app: &App, variables: Q::Variables) -> Q::ResponseData {
    let body = serde_json::to_value(Q::build_query(variables)).unwrap();
    let answer = app.answer(body["query"].as_str().unwrap(), body["variables"].clone()).await;
    let response: Response<Q::ResponseData> = serde_json::from_value(answer).unwrap();
    assert_eq!(response.errors, None);
    response.data.unwrap()
}

#[tokio::test]
async fn a_rust_client_from_graphql_client_asks_and_changes() {
    let app = app().await;
    let data = ask::<Service>(&app, service::Variables { ref_: "component:a".to_owned() }).await;
    let entity = data.entity.unwrap();
    assert_eq!((entity.ref_.as_str(), entity.display_name.as_str()), ("component:default/a", "a"));
    assert_eq!(entity.owner.unwrap().ref_, "group:default/team-a");
    let service::ServiceEntityOn::Component(component) = entity.on else { panic!("no component") };
    assert_eq!(component.depends_on.nodes[0].ref_, "component:default/b");

    let input = validate::ValidateEntityInput { content: "kind: Component\n".to_owned(), location: None };
    let done = ask::<Validate>(&app, validate::Variables { input }).await.validate_entity.unwrap();
    assert!(!done.valid && done.user_errors.is_empty());
    assert!(
        done.problems
            .iter()
            .any(|it| it.code == validate::CatalogProblemCode::INVALID && it.field.as_deref() == Some("apiVersion"))
    );
}

#[tokio::test]
async fn a_typescript_client_from_graphql_codegen_asks_and_changes() {
    let app = app().await;
    let mut client = std::process::Command::new("node");
    let script = repository().join("tests/node/codegen.mjs");
    let said = client.arg(script).arg(repository()).arg(app.url("/graphql")).arg(app.folder.path()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{text}");
    let found: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(
        found,
        json!({"ref": "component:default/a", "dependsOn": ["component:default/b"], "valid": false, "code": "INVALID"})
    );
}
