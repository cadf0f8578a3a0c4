//! Files become entities, and stay right while files change.

use serde_json::{Value, json};

use crate::app::{App, BOTH, Database, component};

const TEAM: &str =
    "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n";

#[tokio::test]
async fn a_file_that_is_saved_is_seen_and_one_that_is_removed_leaves() {
    for database in BOTH {
        let app = App::started(database, &[("catalog/a.yaml", &component("a", "")), ("catalog/team.yaml", TEAM)]).await;
        let data = app.data("{entity(ref: \"component:default/a\") {title owner {ref}}}").await;
        assert_eq!(data["entity"], json!({"title": null, "owner": {"ref": "group:default/team-a"}}), "{database:?}");

        app.write("catalog/a.yaml", &component("a", "").replace("  name: a\n", "  name: a\n  title: New\n"));
        app.until("the new title is there", async |app| {
            app.data("{entity(ref: \"component:default/a\") {title}}").await["entity"]["title"] == "New"
        })
        .await;
        app.write("catalog/b.yaml", &component("b", ""));
        app.until("the new file is there", async |app| {
            !app.data("{entity(ref: \"component:default/b\") {name}}").await["entity"].is_null()
        })
        .await;
        std::fs::remove_file(app.folder.path().join("catalog/a.yaml")).unwrap();
        app.until("the removed file left", async |app| {
            app.data("{entity(ref: \"component:default/a\") {name}}").await["entity"].is_null()
        })
        .await;
    }
}

#[tokio::test]
async fn a_refused_document_keeps_its_last_good_entity_and_is_a_problem_with_its_place() {
    for database in BOTH {
        let app = App::started(database, &[("catalog/a.yaml", &component("a", ""))]).await;
        app.write(
            "catalog/a.yaml",
            &format!("# comment\n---\n{}", component("a", "").replace("  owner: team-a\n", "  owner: 5\n")),
        );
        let query = "{catalogProblems {nodes {code severity message line column document field entityRef entity {name} \
                     location {origin}}}}";
        app.until("the problem is there", async |app| {
            app.data(query).await["catalogProblems"]["nodes"][0] != json!(null)
        })
        .await;
        let expected = json!({
            "code": "INVALID", "severity": "ERROR", "line": 10, "column": 10, "document": 0, "field": "spec.owner",
            "message": "`spec.owner` is the number 5; expected a string that is not empty",
            "entityRef": "component:default/a", "entity": {"name": "a"}, "location": {"origin": "CONFIGURATION"},
        });
        assert_eq!(app.data(query).await["catalogProblems"]["nodes"], json!([expected]), "{database:?}");
        let problems = "{entity(ref: \"component:default/a\") {ownerRef source {problems {field}}}}";
        let data = app.data(problems).await;
        assert_eq!(data["entity"]["ownerRef"], "group:default/team-a", "the last good one");
        assert_eq!(data["entity"]["source"]["problems"], json!([{"field": "spec.owner"}]));

        app.write("catalog/a.yaml", &component("a", ""));
        app.until("the problem left", async |app| app.data(query).await["catalogProblems"]["nodes"] == json!([])).await;
    }
}

#[tokio::test]
async fn a_malformed_document_fails_alone() {
    for database in BOTH {
        let text = format!("{}---\nkind: [\n---\n{}", component("a", ""), component("b", ""));
        let app = App::started(database, &[("catalog/all.yaml", &text)]).await;
        let data = app.data("{entities {nodes {ref}} catalogProblems {nodes {code document}}}").await;
        assert_eq!(data["entities"]["nodes"], json!([{"ref": "component:default/a"}, {"ref": "component:default/b"}]));
        assert_eq!(data["catalogProblems"]["nodes"], json!([{"code": "MALFORMED", "document": 1}]), "{database:?}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill_and_the_same_after_a_restart() {
    for database in BOTH {
        let mut app =
            App::started(database, &[("catalog/a.yaml", &component("a", "")), ("catalog/b.yaml", &component("b", ""))])
                .await;
        let query = "{server {dataId} catalogRevision entities {nodes {id ref revision createdAt manifest}}}";
        let before = app.data(query).await;
        app.kill();
        app.start().await;
        assert_eq!(app.data(query).await, before, "{database:?}");
        assert!(app.stop().success());
        app.start().await;
        assert_eq!(app.data(query).await, before, "{database:?}");
    }
}

#[tokio::test]
async fn a_folder_that_vanishes_is_a_problem_and_never_a_deletion() {
    let mut app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    app.stop();
    std::fs::rename(app.folder.path().join("catalog"), app.folder.path().join("elsewhere")).unwrap();
    app.start().await;
    let query = "{entity(ref: \"component:default/a\") {name} catalogProblems {nodes {code}}}";
    app.until("the problem is there", async |app| {
        app.data(query).await["catalogProblems"]["nodes"] == json!([{"code": "UNREADABLE"}])
    })
    .await;
    assert_eq!(app.data(query).await["entity"]["name"], "a");
}

#[tokio::test]
async fn location_entities_lead_on_and_what_nothing_leads_to_leaves() {
    for database in BOTH {
        let mut app = App::new(database).await;
        let leads = |targets: &str| {
            format!(
                "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: root}}\nspec: {{targets: [{targets}]}}\n"
            )
        };
        app.write("root.yaml", &leads("./x/a.yaml, ./x/b.yaml"));
        app.write("x/a.yaml", &component("a", ""));
        // A cycle back to the root does no harm.
        app.write(
            "x/b.yaml",
            &format!("{}---\n{}", component("b", ""), leads("../root.yaml").replace("root}", "back}")),
        );
        app.configure("locations: [{type: file, target: root.yaml}]");
        app.start().await;
        let query = "{entities {nodes {ref}} locations {nodes {origin declaredBy {ref} entities {totalCount}}}}";
        app.until("all is read", async |app| app.data(query).await["entities"]["nodes"].as_array().unwrap().len() == 4)
            .await;
        let data = app.data(query).await;
        assert_eq!(
            data["locations"]["nodes"],
            json!([
                {"origin": "CONFIGURATION", "declaredBy": null, "entities": {"totalCount": 1}},
                {"origin": "ENTITY", "declaredBy": {"ref": "location:default/root"}, "entities": {"totalCount": 1}},
                {"origin": "ENTITY", "declaredBy": {"ref": "location:default/root"}, "entities": {"totalCount": 2}},
            ]),
            "{database:?}"
        );
        app.write("root.yaml", &leads("./x/a.yaml"));
        app.until("what b held left", async |app| {
            app.data(query).await["entities"]["nodes"].as_array().unwrap().len() == 2
        })
        .await;
        assert_eq!(app.data(query).await["locations"]["nodes"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn the_first_location_keeps_a_reference_and_the_second_takes_over_when_it_is_dropped() {
    for database in BOTH {
        let mut app = App::new(database).await;
        app.write("one.yaml", &component("a", "").replace("  name: a\n", "  name: a\n  title: one\n"));
        app.configure("locations: [{type: file, target: one.yaml}]");
        app.start().await;
        app.stop();
        app.write("two.yaml", &component("a", "").replace("  name: a\n", "  name: a\n  title: two\n"));
        app.configure("locations: [{type: file, target: two.yaml}, {type: file, target: one.yaml}]");
        app.start().await;
        let query = "{entity(ref: \"component:default/a\") {title source {problems {code}}}}";
        let conflict = json!({"title": "one", "source": {"problems": [{"code": "CONFLICT"}]}});
        app.until("the conflict is there", async |app| app.data(query).await["entity"] == conflict).await;
        let sides = "{locations {nodes {target problems {nodes {code severity file}}}} catalogProblems {totalCount}}";
        let told = async |app: &App| {
            let data = app.data(sides).await;
            assert_eq!(data["catalogProblems"]["totalCount"], 2);
            let locations = data["locations"]["nodes"].as_array().unwrap();
            let side = |location: &Value| {
                let problems = location["problems"]["nodes"].as_array().unwrap();
                assert_eq!((problems.len(), &problems[0]["code"]), (1, &json!("CONFLICT")), "{location}");
                assert_eq!(problems[0]["file"], location["target"], "each is told at its own document");
                problems[0]["severity"].clone()
            };
            locations.iter().map(side).collect::<Vec<_>>()
        };
        assert_eq!(told(&app).await, ["WARNING", "ERROR"], "the holder is warned, the other refused");
        app.kill();
        app.configure("locations: [{type: file, target: one.yaml}, {type: file, target: two.yaml}]");
        app.start().await;
        assert_eq!(app.data(query).await["entity"], conflict, "also after a restart, in the other order");
        assert_eq!(told(&app).await, ["WARNING", "ERROR"]);
        app.write("one.yaml", "");
        let taken = json!({"title": "two", "source": {"problems": []}});
        app.until("the second took over", async |app| app.data(query).await["entity"] == taken).await;
    }
}

#[tokio::test]
async fn in_a_new_catalog_the_first_location_of_the_configuration_holds_what_several_do() {
    // The first takes longer to read than the second.
    let many: String = (0..300).map(|number| format!("---\n{}", component(&format!("c{number}"), ""))).collect();
    let titled = |title: &str| component("a", "").replace("  name: a\n", &format!("  name: a\n  title: {title}\n"));
    let mut app = App::new(Database::Sqlite).await;
    app.write("z.yaml", &format!("{many}---\n{}", titled("first")));
    app.write("a.yaml", &titled("second"));
    app.configure("locations: [{type: file, target: z.yaml}, {type: file, target: a.yaml}]");
    app.start().await;
    assert_eq!(app.data("{entity(ref: \"component:a\") {title}}").await["entity"]["title"], "first");
}

#[tokio::test]
async fn relations_are_told_from_both_ends_dangling_ones_too() {
    let more = "  dependsOn: [resource:db, component:gone]\n  system: shop\n";
    let resource = "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: db}\nspec: {type: database, owner: team-a}\n";
    let files =
        [("catalog/a.yaml", &*component("a", more)), ("catalog/db.yaml", resource), ("catalog/team.yaml", TEAM)];
    let app = App::started(Database::Sqlite, &files).await;
    let data = app
        .data(
            "{a: entity(ref: \"component:default/a\") {systemRef system {ref} relations {totalCount nodes {type targetRef target {ref}}} \
              declaredRelations {type sourceRef targetRef} ... on Component {dependsOn {totalCount nodes {ref}}}} \
              db: entity(ref: \"resource:default/db\") {relations(types: [\"dependencyOf\"]) {nodes {targetRef}} \
              ... on Resource {dependents {nodes {ref}}}} \
              team: entity(ref: \"group:default/team-a\") {... on Group {owns {nodes {ref}}}}}",
        )
        .await;
    assert_eq!((&data["a"]["systemRef"], &data["a"]["system"]), (&json!("system:default/shop"), &json!(null)));
    assert_eq!(data["a"]["dependsOn"], json!({"totalCount": 1, "nodes": [{"ref": "resource:default/db"}]}));
    assert_eq!(
        data["a"]["relations"],
        json!({"totalCount": 4, "nodes": [
            {"type": "dependsOn", "targetRef": "component:default/gone", "target": null},
            {"type": "dependsOn", "targetRef": "resource:default/db", "target": {"ref": "resource:default/db"}},
            {"type": "ownedBy", "targetRef": "group:default/team-a", "target": {"ref": "group:default/team-a"}},
            {"type": "partOf", "targetRef": "system:default/shop", "target": null},
        ]})
    );
    assert_eq!(data["a"]["declaredRelations"].as_array().unwrap().len(), 4);
    assert_eq!(data["db"]["relations"]["nodes"], json!([{"targetRef": "component:default/a"}]));
    assert_eq!(data["db"]["dependents"]["nodes"], json!([{"ref": "component:default/a"}]));
    assert_eq!(data["team"]["owns"]["nodes"], json!([{"ref": "component:default/a"}, {"ref": "resource:default/db"}]));
}

#[tokio::test]
async fn a_definition_in_a_file_beside_is_read_and_one_outside_the_folder_is_refused() {
    let api = |name: &str, path: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\nspec:\n  type: openapi\n  \
             lifecycle: production\n  owner: team-a\n  definition:\n    $text: {path}\n"
        )
    };
    let app = App::started(
        Database::Sqlite,
        &[
            ("catalog/api.yaml", &api("good", "./open.txt")),
            ("catalog/bad.yaml", &api("bad", "../secret.txt")),
            ("catalog/open.txt", "openapi: 3.1.0\n"),
            ("secret.txt", "hidden"),
        ],
    )
    .await;
    let data = app.data("{entity(ref: \"api:default/good\") {spec ... on API {definition}} catalogProblems {nodes {code field entityRef}}}").await;
    assert_eq!(data["entity"]["definition"], "openapi: 3.1.0\n");
    assert_eq!(data["entity"]["spec"]["definition"], "openapi: 3.1.0\n");
    assert_eq!(
        data["catalogProblems"]["nodes"],
        json!([{"code": "UNREADABLE", "field": "spec.definition", "entityRef": "api:default/bad"}])
    );
}

#[tokio::test]
async fn a_kind_that_a_rule_names_is_a_custom_entity_and_another_is_refused() {
    let custom =
        |kind: &str| format!("apiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{size: 3}}\n");
    let app =
        App::started(Database::Sqlite, &[("catalog/g.yaml", &custom("Gadget")), ("catalog/b.yaml", &custom("Banana"))])
            .await;
    let data = app.data("{entities {nodes {__typename kind spec}} catalogProblems {nodes {field line}}}").await;
    assert_eq!(
        data["entities"]["nodes"],
        json!([{"__typename": "CustomEntity", "kind": "Gadget", "spec": {"size": 3}}])
    );
    assert_eq!(data["catalogProblems"]["nodes"], json!([{"field": "kind", "line": 2}]));
}

#[tokio::test]
async fn json_and_yaml_in_files_beside_are_read_and_broken_ones_are_refused_with_their_field() {
    let custom = |name: &str, member: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {{name: {name}}}\nspec:\n  inner:\n    list:\n      \
             - {member}\n"
        )
    };
    let app = App::started(
        Database::Sqlite,
        &[
            ("catalog/j.yaml", &custom("j", "$json: ./data/one.json")),
            ("catalog/y.yaml", &custom("y", "$yaml: ./data/one.yml")),
            ("catalog/broken.yaml", &custom("broken", "$json: ./data/one.yml")),
            ("catalog/gone.yaml", &custom("gone", "$yaml: ./data/none.yml")),
            ("catalog/data/one.json", "{\"a\": [1, null, \"\\u5317\"]}"),
            ("catalog/data/one.yml", "a: [1, ~, 北]\n"),
        ],
    )
    .await;
    let query = "{j: entity(ref: \"gadget:default/j\") {spec} y: entity(ref: \"gadget:default/y\") {spec} \
                 catalogProblems {nodes {code field entityRef}}}";
    let data = app.data(query).await;
    for name in ["j", "y"] {
        assert_eq!(data[name]["spec"], json!({"inner": {"list": [{"a": [1, null, "北"]}]}}), "{name}");
    }
    let problem = |code: &str, name: &str| json!({"code": code, "field": "spec.inner.list[0]", "entityRef": format!("gadget:default/{name}")});
    let expected = json!([problem("MALFORMED", "broken"), problem("UNREADABLE", "gone")]);
    assert_eq!(data["catalogProblems"]["nodes"], expected);
    app.write("catalog/data/one.json", "{\"a\": 2}");
    app.until("the file beside is read again", async |app| {
        app.data(query).await["j"]["spec"] == json!({"inner": {"list": [{"a": 2}]}})
    })
    .await;
}

#[tokio::test]
async fn an_orphan_is_kept_and_marked_where_the_configuration_says_so() {
    for database in BOTH {
        let mut app = App::new(database).await;
        app.write("catalog/a.yaml", &component("a", ""));
        app.write("catalog/b.yaml", &component("b", ""));
        app.configure("orphanStrategy: keep\n  locations: [{type: file, target: 'catalog/*.yaml'}]");
        app.start().await;
        std::fs::remove_file(app.folder.path().join("catalog/a.yaml")).unwrap();
        let query = "{entity(ref: \"component:a\") {ownerRef annotations {key value} source {location {id} orphan}}}";
        let is_marked = |data: &serde_json::Value| {
            let annotations = data["entity"]["annotations"].as_array().unwrap();
            annotations.contains(&json!({"key": "backstage.io/orphan", "value": "true"}))
        };
        app.until("the orphan is marked", async |app| is_marked(&app.data(query).await)).await;
        let data = app.data(query).await;
        assert_eq!(data["entity"]["source"], json!({"location": null, "orphan": true}), "{database:?}");
        app.kill();
        app.start().await;
        assert_eq!(app.data(query).await, data, "{database:?}: the same after a restart");
        app.write("catalog/a.yaml", &component("a", ""));
        app.until("its file is back", async |app| !is_marked(&app.data(query).await)).await;
        assert_eq!(app.data(query).await["entity"]["source"]["orphan"], false, "{database:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_removed_and_comes_again_is_followed() {
    let app = App::started(Database::Sqlite, &[("catalog/a.yaml", &component("a", ""))]).await;
    let title = async |app: &App| app.data("{entity(ref: \"component:a\") {title}}").await["entity"]["title"].clone();
    for round in ["one", "two"] {
        std::fs::remove_dir_all(app.folder.path().join("catalog")).unwrap();
        app.until("the folder is missed", async |app| {
            app.data("{catalogProblems {totalCount}}").await["catalogProblems"]["totalCount"] == 1
        })
        .await;
        let titled = |title: &str| component("a", "").replace("  name: a\n", &format!("  name: a\n  title: {title}\n"));
        app.write("catalog/a.yaml", &titled(round));
        app.until("it is back", async |app| title(app).await == round).await;
        app.write("catalog/a.yaml", &titled("saved"));
        app.until("a save in it is seen", async |app| title(app).await == "saved").await;
    }
}

#[tokio::test]
async fn what_reads_strangely_as_a_reference_does_no_harm_to_the_next_start() {
    for database in BOTH {
        let odd = |kind: &str, rest: &str| {
            format!("apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: n{rest}}}\nspec: {{}}\n")
        };
        let files = [
            ("catalog/a.yaml", odd("backstage.io/Component", "")),
            ("catalog/b.yaml", odd("':x'", "")),
            ("catalog/c.yaml", odd("Component", ", namespace: /x")),
            ("catalog/d.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: \"d\\0\"}\nspec: {target: \"a\\0b\"}\n".to_owned()),
            ("catalog/good.yaml", component("good", "")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let mut app = App::started(database, &files).await;
        let query = "{catalogProblems {totalCount} entity(ref: \"component:good\") {name}}";
        let before = app.data(query).await;
        assert!(before["catalogProblems"]["totalCount"].as_i64().unwrap() >= 4, "{database:?}: {before}");
        app.kill();
        app.start().await;
        assert_eq!(app.data(query).await, before, "{database:?}");
    }
}

#[tokio::test]
async fn a_location_may_not_lead_out_of_the_folder_that_leads_to_it() {
    let leads = |name: &str, spec: &str| {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: {name}}}\nspec: {spec}\n")
    };
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: leak}\nspec:\n  type: openapi\n  lifecycle: x\n  \
               owner: x\n  definition: {$text: ../../secret.txt}\n";
    let mut app = App::new(Database::Sqlite).await;
    app.write("secret.txt", "hidden");
    app.write("outside/a.yaml", &component("a", ""));
    app.write("catalog/sub/leak.yaml", api);
    for (name, spec) in [
        ("above", "{target: ../outside/a.yaml}"),
        ("glob", "{target: '/**/a.yaml'}"),
        ("path-as-url", "{type: url, target: ./sub/leak.yaml}"),
        ("below", "{target: ./sub/leak.yaml}"),
    ] {
        app.write(&format!("catalog/{name}.yaml"), &leads(name, spec));
    }
    app.configure("locations: [{type: file, target: 'catalog/*.yaml'}]");
    app.start().await;
    let data = app.data("{entities {nodes {name}} catalogProblems {nodes {code field entityRef}}}").await;
    assert_eq!(data["entities"]["nodes"], json!([{"name": "below"}]));
    let problem = |code: &str, field: &str, name: &str| json!({"code": code, "field": field, "entityRef": name});
    assert_eq!(
        data["catalogProblems"]["nodes"],
        json!([
            problem("NOT_ALLOWED", "spec.target", "location:default/above"),
            problem("NOT_ALLOWED", "spec.target", "location:default/glob"),
            problem("INVALID", "spec.target", "location:default/path-as-url"),
            problem("UNREADABLE", "spec.definition", "api:default/leak"),
        ])
    );
}
