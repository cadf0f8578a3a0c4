//! Locations that callers register, read again and drop.

use serde_json::{Value, json};

use crate::{
    app::{App, BOTH, Database, component},
    web::Web,
};

const REGISTER: &str = "mutation($input: RegisterLocationInput!) {registerLocation(input: $input) {
    location {id type target origin entities {totalCount}} sync {state added} found {ref kind title change entity {ref}}
    problems {code severity file line field message} revision userErrors {code field message}}}";
const UNREGISTER: &str = "mutation($input: UnregisterLocationInput!) {unregisterLocation(input: $input) {
    locationId removedCount revision userErrors {code field}}}";
const REFRESH: &str = "mutation($input: RefreshLocationInput!) {refreshLocation(input: $input) {
    sync {id state cause added changed removed} userErrors {code field}}}";
const REFRESH_ENTITY: &str = "mutation($input: RefreshEntityInput!) {refreshEntity(input: $input) {
    entity {title} sync {state} userErrors {code field}}}";

async fn app(database: Database, web: &Web) -> App {
    let mut app = App::new(database).await;
    app.write("catalog/own.yaml", &component("own", ""));
    app.configure_with(&web.allowed(), "locations: [{type: file, target: 'catalog/*.yaml'}]");
    app.start().await;
    app
}

async fn register(app: &App, target: &str) -> Value {
    let input = json!({"input": {"target": target, "wait": "PT20S"}});
    app.run(REGISTER, input).await["registerLocation"].take()
}

#[tokio::test]
async fn a_url_is_registered_read_refreshed_and_dropped() {
    for database in BOTH {
        let web = Web::start().await;
        let titled = |title: &str| component("a", "").replace("  name: a\n", &format!("  name: a\n  title: {title}\n"));
        web.write("/a.yaml", &titled("One"));
        let mut app = app(database, &web).await;
        let done = register(&app, &web.url("/a.yaml")).await;
        let location = &done["location"];
        assert_eq!(location["origin"], "MUTATION", "{done}");
        assert_eq!((&location["type"], &location["entities"]["totalCount"]), (&json!("URL"), &json!(1)));
        assert_eq!(done["sync"], json!({"state": "SUCCEEDED", "added": 1}));
        let reference = "component:default/a";
        let found = json!({"ref": reference, "kind": "Component", "title": "One", "change": "ADDED", "entity": {"ref": reference}});
        assert_eq!(done["found"], json!([found]));
        assert_eq!((&done["problems"], &done["userErrors"]), (&json!([]), &json!([])));
        let revision = app.data("{catalogRevision}").await["catalogRevision"].clone();
        assert_eq!(done["revision"], revision, "{database:?}");

        let again = register(&app, &web.url("/a.yaml")).await;
        assert_eq!((&again["location"]["id"], &again["revision"]), (&location["id"], &revision));

        app.kill();
        app.start().await;
        web.write("/a.yaml", &titled("Two"));
        let input = json!({"input": {"locationId": location["id"], "wait": "PT20S"}});
        let refreshed = app.run(REFRESH, input.clone()).await["refreshLocation"].take();
        assert_eq!(refreshed["sync"]["state"], "SUCCEEDED", "{refreshed}");
        let title = "{entity(ref: \"component:a\") {title annotations {key value}}}";
        assert_eq!(app.data(title).await["entity"]["title"], "Two", "{database:?}");

        web.write("/a.yaml", &titled("Three"));
        let input = json!({"input": {"ref": "Component:a", "wait": "PT20S"}});
        let refreshed = app.run(REFRESH_ENTITY, input).await["refreshEntity"].take();
        let expected = json!({"entity": {"title": "Three"}, "sync": {"state": "SUCCEEDED"}, "userErrors": []});
        assert_eq!(refreshed, expected, "the payload reads what the mutation did");

        let input = json!({"input": {"locationId": location["id"]}});
        let dropped = app.run(UNREGISTER, input.clone()).await["unregisterLocation"].take();
        assert_eq!((&dropped["locationId"], &dropped["removedCount"]), (&location["id"], &json!(1)));
        assert_eq!(app.data(title).await["entity"], json!(null));
        let gone = app.run(UNREGISTER, input).await["unregisterLocation"].take();
        assert_eq!(gone["userErrors"], json!([{"code": "NOT_FOUND", "field": ["locationId"]}]));
        app.kill();
        app.start().await;
        assert_eq!(
            app.data("{locations {totalCount} entities {totalCount}}").await,
            json!({"locations": {"totalCount": 1}, "entities": {"totalCount": 1}})
        );
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_found_and_changes_nothing() {
    let web = Web::start().await;
    let bad = component("bad", "").replace("  owner: team-a\n", "  owner: 5\n");
    web.write("/all.yaml", &format!("{}---\n{bad}---\n{}", component("own", ""), component("new", "")));
    let app = app(Database::Sqlite, &web).await;
    let before = app.data("{catalogRevision locations {totalCount}}").await;
    let input = json!({"input": {"target": web.url("/all.yaml"), "dryRun": true}});
    let done = app.run(REGISTER, input).await["registerLocation"].take();
    let found: Vec<_> = done["found"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["ref"].as_str().unwrap(), it["change"].as_str().unwrap(), it["entity"].is_null()))
        .collect();
    let expected = [
        ("component:default/own", "REFUSED", false),
        ("component:default/bad", "REFUSED", true),
        ("component:default/new", "ADDED", true),
    ];
    assert_eq!(found, expected);
    let codes: Vec<_> = done["problems"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["INVALID", "CONFLICT"], "{done}");
    assert_eq!((&done["location"], &done["revision"]), (&json!(null), &json!(null)));
    assert_eq!(app.data("{catalogRevision locations {totalCount}}").await, before);
}

#[tokio::test]
async fn what_cannot_be_registered_says_why_and_the_way_out() {
    let web = Web::start().await;
    let app = app(Database::Sqlite, &web).await;
    for (target, code, text) in [
        ("catalog/own.yaml", "INVALID", "expected an `http` or `https` URL"),
        ("file:///etc/passwd", "INVALID", "registered in the configuration"),
        ("ftp://example.com/a.yaml", "INVALID", "the scheme is `ftp`"),
        ("https://example.com/a.yaml", "NOT_ALLOWED", "backend.reading.allow: [{host: 'example.com'}]"),
        ("http://169.254.169.254/latest", "NOT_ALLOWED", "backend.reading.allow"),
        ("http://2130706433:1/a", "NOT_ALLOWED", "127.0.0.1:1"),
        ("https://user:hidden@example.com/", "NOT_ALLOWED", "a user or a password"),
    ] {
        let done = register(&app, target).await;
        let error = &done["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(["target"])), "{target}: {done}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(text) && !message.contains("hidden"), "{target}: {message}");
        assert_eq!(done["location"], json!(null));
    }
    for (wait, code) in [("PT31S", "LIMIT_EXCEEDED"), ("10 s", "INVALID")] {
        let input = json!({"input": {"target": web.url("/a.yaml"), "wait": wait}});
        let done = app.run(REGISTER, input).await["registerLocation"].take();
        let error = &done["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(["wait"])), "{wait}");
    }
    let data = app.data("{locations {nodes {id}}}").await;
    let input = json!({"input": {"locationId": data["locations"]["nodes"][0]["id"]}});
    let done = app.run(UNREGISTER, input).await["unregisterLocation"].take();
    assert_eq!(done["userErrors"][0]["code"], "NOT_ALLOWED", "the configuration names it");
    let input = json!({"input": {"ref": "component:none"}});
    let done = app.run(REFRESH_ENTITY, input).await["refreshEntity"].take();
    assert_eq!(done["userErrors"], json!([{"code": "NOT_FOUND", "field": ["ref"]}]));
    let input = json!({"input": {"locationId": "nonsense"}});
    let done = app.run(REFRESH, input).await["refreshLocation"].take();
    assert_eq!(done["userErrors"], json!([{"code": "NOT_FOUND", "field": ["locationId"]}]));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_and_keeps_what_was_there() {
    let web = Web::start().await;
    web.write("/a.yaml", &component("a", ""));
    let app = app(Database::Sqlite, &web).await;
    let location = register(&app, &web.url("/a.yaml")).await["location"]["id"].clone();
    web.remove("/a.yaml");
    let input = json!({"input": {"locationId": location, "wait": "PT20S"}});
    let done = app.run(REFRESH, input).await["refreshLocation"].take();
    assert_eq!(done["sync"]["state"], "FAILED", "{done}");
    let data = app.data("{entity(ref: \"component:a\") {name} catalogProblems {nodes {code message file}}}").await;
    assert_eq!(data["entity"]["name"], "a");
    let problem = &data["catalogProblems"]["nodes"][0];
    assert_eq!((&problem["code"], &problem["file"]), (&json!("UNREADABLE"), &json!(web.url("/a.yaml"))));
    assert!(problem["message"].as_str().unwrap().contains("answered 404"), "{problem}");
}

#[tokio::test]
async fn a_wait_ends_when_its_time_is_over_and_the_reading_goes_on() {
    let web = Web::start().await;
    web.write("/a.yaml", &component("a", ""));
    let app = app(Database::Sqlite, &web).await;
    let gate = web.hold();
    let input = json!({"input": {"target": web.url("/a.yaml"), "wait": "PT0.05S"}});
    let done = app.run(REGISTER, input).await["registerLocation"].take();
    assert_eq!((&done["sync"]["state"], &done["found"]), (&json!("RUNNING"), &json!([])));
    app.until("the reading ends", async |app| {
        gate.notify_one();
        !app.data("{entity(ref: \"component:a\") {name}}").await["entity"].is_null()
    })
    .await;
}

#[tokio::test]
async fn locations_and_texts_on_the_web_lead_on_to_others_beside_them_and_never_to_the_disk() {
    let web = Web::start().await;
    let leads = |name: &str, spec: &str| {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: {name}}}\nspec: {spec}\n")
    };
    let api = |name: &str, target: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\nspec:\n  type: openapi\n  \
             lifecycle: production\n  owner: team-a\n  definition:\n    $text: {target}\n"
        )
    };
    web.write(
        "/top/all.yaml",
        &format!(
            "{}---\n{}",
            leads("good", "{targets: [./sub/api.yaml]}"),
            leads("bad", "{type: file, target: /etc/passwd}")
        ),
    );
    web.write("/top/sub/api.yaml", &format!("{}---\n{}", api("good", "./open.txt"), api("bad", "file:///etc/passwd")));
    web.write("/top/sub/open.txt", "openapi: 3.1.0\n");
    let app = app(Database::Sqlite, &web).await;
    register(&app, &web.url("/top/all.yaml")).await;
    let query = "{entity(ref: \"api:good\") {... on API {definition} annotations {key value} source {viewUrl}} \
                 catalogProblems {nodes {code field entityRef}}}";
    app.until("the api is there", async |app| !app.data(query).await["entity"].is_null()).await;
    let data = app.data(query).await;
    assert_eq!(data["entity"]["definition"], "openapi: 3.1.0\n");
    let url = web.url("/top/sub/api.yaml");
    assert_eq!(data["entity"]["source"]["viewUrl"], json!(url));
    let annotations = data["entity"]["annotations"].as_array().unwrap();
    for (key, value) in [
        ("managed-by-location", format!("url:{url}")),
        ("managed-by-origin-location", format!("url:{}", web.url("/top/all.yaml"))),
        ("source-location", format!("url:{}", web.url("/top/sub/"))),
    ] {
        assert!(annotations.contains(&json!({"key": format!("backstage.io/{key}"), "value": value})), "{key}: {data}");
    }
    assert_eq!(
        data["catalogProblems"]["nodes"],
        json!([
            {"code": "NOT_ALLOWED", "field": "spec.type", "entityRef": "location:default/bad"},
            {"code": "UNREADABLE", "field": "spec.definition", "entityRef": "api:default/bad"},
        ])
    );
}

#[tokio::test]
async fn what_may_be_missing_is_no_problem_when_it_is_and_comes_and_goes() {
    let web = Web::start().await;
    let mut app = App::new(Database::Sqlite).await;
    let leads = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: a}}\nspec: {{presence: optional, target: ./none.yaml}}\n\
         ---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: b}}\nspec: {{presence: optional, type: url, target: '{0}'}}\n\
         ---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: c}}\nspec: {{type: url, target: '{1}'}}\n",
        web.url("/optional.yaml"),
        web.url("/required.yaml")
    );
    app.write("catalog/all.yaml", &leads);
    app.configure_with(&web.allowed(), "locations: [{type: file, target: catalog/all.yaml}]");
    app.start().await;
    let data = app.data("{catalogProblems {nodes {code file}} locations {nodes {id target}}}").await;
    assert_eq!(data["catalogProblems"]["nodes"], json!([{"code": "UNREADABLE", "file": web.url("/required.yaml")}]));
    let url = json!(web.url("/optional.yaml"));
    let location = data["locations"]["nodes"].as_array().unwrap().iter().find(|it| it["target"] == url).unwrap();
    let input = json!({"input": {"locationId": location["id"], "wait": "PT20S"}});
    for (there, added, removed) in [(true, 1, 0), (false, 0, 1)] {
        if there {
            web.write("/optional.yaml", &component("o", ""));
        } else {
            web.remove("/optional.yaml");
        }
        let done = app.run(REFRESH, input.clone()).await["refreshLocation"].take();
        assert_eq!((&done["sync"]["added"], &done["sync"]["removed"]), (&json!(added), &json!(removed)), "{done}");
    }
    // Who says later that it may be missing is heard.
    app.write("catalog/all.yaml", &leads.replace("spec: {type: url", "spec: {presence: optional, type: url"));
    app.until("the problem left", async |app| {
        app.data("{catalogProblems {totalCount}}").await["catalogProblems"]["totalCount"] == 0
    })
    .await;
}

#[tokio::test]
async fn a_text_is_validated_and_nothing_changes() {
    let web = Web::start().await;
    web.write("/open.txt", "openapi: 3.1.0\n");
    let app = app(Database::Sqlite, &web).await;
    let query = "mutation($input: ValidateEntityInput!) {validateEntity(input: $input) {valid found {ref change} \
                 problems {code field line column file message} userErrors {code field}}}";
    let validate = async |input: Value| app.run(query, json!({"input": input})).await["validateEntity"].take();
    let done = validate(json!({"content": component("own", "")})).await;
    let expected = json!({"valid": true, "found": [{"ref": "component:default/own", "change": "UNCHANGED"}], "problems": [], "userErrors": []});
    assert_eq!(done, expected);
    let wrong = component("own", "").replace("  owner: team-a\n", "  owner: 5\n");
    let done = validate(json!({"content": wrong})).await;
    let problem = &done["problems"][0];
    assert_eq!(
        (&done["valid"], &problem["field"], &problem["line"], &problem["file"]),
        (&json!(false), &json!("spec.owner"), &json!(8), &json!(null))
    );
    assert_eq!(done["found"], json!([{"ref": "component:default/own", "change": "REFUSED"}]));
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: x}\nspec: {type: openapi, lifecycle: a, owner: b, definition: {$text: ./open.txt}}\n";
    assert_eq!(validate(json!({"content": api, "location": web.url("/x.yaml")})).await["valid"], true);
    let nowhere = validate(json!({"content": api})).await;
    assert!(nowhere["problems"][0]["message"].as_str().unwrap().contains("say where in `location`"), "{nowhere}");
    let passwd = validate(json!({"content": api.replace("./open.txt", "/etc/passwd")})).await;
    assert_eq!(passwd["valid"], false);
    let held = validate(json!({"content": component("own", ""), "location": web.url("/x.yaml")})).await;
    assert_eq!(held["problems"][0]["code"], "CONFLICT");
    let misplaced = validate(json!({"content": api, "location": "nonsense"})).await;
    assert_eq!(misplaced["userErrors"], json!([{"code": "INVALID", "field": ["location"]}]));
    assert_eq!(app.data("{entities {totalCount}}").await["entities"]["totalCount"], 1);
}

#[tokio::test]
async fn what_an_entity_names_as_well_stays_with_what_it_holds_when_it_is_unregistered() {
    let web = Web::start().await;
    web.write("/a.yaml", &component("a", ""));
    let mut app = app(Database::Sqlite, &web).await;
    let location = register(&app, &web.url("/a.yaml")).await["location"]["id"].clone();
    let leads =
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: l}\nspec: {type: url, target: URL}\n";
    app.write("catalog/l.yaml", &leads.replace("URL", &web.url("/a.yaml")));
    let query = "{entity(ref: \"component:a\") {createdAt source {location {id origin}}} locations {totalCount}}";
    app.until("it is named", async |app| !app.data("{entity(ref: \"location:l\") {name}}").await["entity"].is_null())
        .await;
    let before = app.data(query).await;
    assert_eq!(before["entity"]["source"]["location"]["origin"], "MUTATION");
    let gone = app.run(UNREGISTER, json!({"input": {"locationId": location}})).await["unregisterLocation"].take();
    assert_eq!((&gone["removedCount"], &gone["userErrors"]), (&json!(0), &json!([])));
    let after = app.data(query).await;
    assert_eq!(after["entity"]["source"]["location"], json!({"id": location, "origin": "ENTITY"}));
    assert_eq!(after["entity"]["createdAt"], before["entity"]["createdAt"]);
    app.kill();
    app.start().await;
    assert_eq!(app.data(query).await, after);
    std::fs::remove_file(app.folder.path().join("catalog/l.yaml")).unwrap();
    app.until("nothing names it", async |app| app.data(query).await["entity"].is_null()).await;
}
