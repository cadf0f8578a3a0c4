//! The sample organisation, as `make run` serves it.

use serde_json::json;

use crate::app::{App, Database, repository};

#[tokio::test]
async fn the_sample_organisation_loads_whole_without_a_problem_or_a_dangling_reference() {
    let mut app = App::new(Database::Sqlite).await;
    let root = repository().join("deploy/sample/catalog-info.yaml");
    app.configure(&format!("locations: [{{type: file, target: {}}}]", root.display()));
    app.start().await;
    let query = "{entities(first: 100) {totalCount nodes {ref kind declaredRelations {targetRef target {ref}}}} \
                 catalogProblems {nodes {message file line}}}";
    let data = app.data(query).await;
    assert_eq!(data["catalogProblems"]["nodes"], json!([]));
    let entities = data["entities"]["nodes"].as_array().unwrap();
    assert!((75..=100).contains(&entities.len()), "{}", entities.len());
    for kind in ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template"] {
        assert!(entities.iter().any(|it| it["kind"] == kind), "{kind}");
    }
    for relation in entities.iter().flat_map(|it| it["declaredRelations"].as_array().unwrap()) {
        assert!(!relation["target"].is_null(), "{relation}");
    }
    let service = app.data("{entity(ref: \"component:default/user-service\") {title ownerRef systemRef ... on Component {dependsOn {nodes {ref}}}}}").await;
    let service = &service["entity"];
    assert_eq!((&service["title"], &service["ownerRef"]), (&json!("用户管理服务"), &json!("group:default/user-team")));
    assert_eq!(service["systemRef"], "system:default/user-system");
    for needed in ["resource:default/users-db", "resource:default/redis-cache"] {
        assert!(service["dependsOn"]["nodes"].as_array().unwrap().contains(&json!({"ref": needed})), "{needed}");
    }
}
