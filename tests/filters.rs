//! Filters, orders, counts and facets, as a client asks for them.

use serde_json::{Value, json};

use crate::app::{App, Database};

const CATALOG: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Alpha
  title: Erste
  tags: [java, web]
  labels: {example.com/tier: Gold, region: eu}
  annotations: {example.com/pager: PD-1}
spec: {type: service, lifecycle: production, owner: team-a, system: shop, dependsOn: [component:ghost]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: beta, tags: [java]}
spec: {type: Service, lifecycle: experimental, owner: 'user:jane', replicas: 3, ports: [80, 443], public: true}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: gamma, namespace: other}
spec: {type: website, lifecycle: production, owner: default/team-b, dependsOn: [component:default/beta]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: team-a, domain: sales}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a, labels: {region: us}}
spec: {type: team, children: [], profile: {email: A@example.com}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: jane}
spec: {memberOf: [team-a]}
";

async fn app() -> App {
    App::started(Database::Sqlite, &[("catalog/all.yaml", CATALOG)]).await
}

/// The names of what a filter leaves, by name.
async fn names(app: &App, filter: &str) -> String {
    let query = format!("{{entities(filter: {filter}) {{totalCount nodes {{name}}}}}}");
    let found = app.data(&query).await["entities"].take();
    let names: Vec<_> = found["nodes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(found["totalCount"], names.len(), "{filter}");
    names.join(" ")
}

#[tokio::test]
async fn each_member_of_a_filter_leaves_what_it_says() {
    let app = app().await;
    for (filter, expected) in [
        ("{}", "Alpha beta gamma jane shop team-a"),
        ("null", "Alpha beta gamma jane shop team-a"),
        ("{kind: {eq: \"component\"}}", "Alpha beta gamma"),
        ("{kind: {eq: null}}", "Alpha beta gamma jane shop team-a"),
        ("{kind: {ne: \"COMPONENT\"}}", "jane shop team-a"),
        ("{kind: {in: [\"System\", \"user\"]}}", "jane shop"),
        ("{kind: {in: []}}", ""),
        ("{kind: {notIn: []}}", "Alpha beta gamma jane shop team-a"),
        ("{ref: {eq: \"Component:alpha\"}}", "Alpha"),
        ("{ref: {in: [\"component:other/gamma\", \"user:jane\"]}}", "gamma jane"),
        ("{namespace: {eq: \"other\"}}", "gamma"),
        ("{name: {startsWith: \"AL\"}}", "Alpha"),
        ("{name: {contains: \"am\"}}", "gamma team-a"),
        ("{name: {contains: \"a\", startsWith: \"b\"}}", "beta"),
        ("{title: {exists: true}}", "Alpha"),
        ("{title: {ne: \"erste\"}}", "beta gamma jane shop team-a"),
        ("{type: {eq: \"service\"}}", "Alpha beta"),
        ("{lifecycle: {notIn: [\"production\"]}}", "beta jane shop team-a"),
        ("{tag: {eq: \"java\"}}", "Alpha beta"),
        ("{tag: {eq: \"java\", in: [\"web\"]}}", "Alpha"),
        ("{tag: {ne: \"web\", exists: true}}", "beta"),
        ("{tag: {exists: false}}", "gamma jane shop team-a"),
        ("{owner: {eq: \"team-a\"}}", "Alpha shop"),
        ("{owner: {in: [\"team-b\", \"user:jane\"]}}", "beta gamma"),
        ("{owner: {exists: false}}", "jane team-a"),
        ("{system: {eq: \"Shop\"}}", "Alpha"),
        ("{domain: {eq: \"sales\"}}", "shop"),
    ] {
        assert_eq!(names(&app, filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn members_that_look_further_leave_what_they_say() {
    let app = app().await;
    for (filter, expected) in [
        ("{label: {key: \"region\"}}", "Alpha team-a"),
        ("{label: {key: \"Example.com/Tier\", value: {eq: \"gold\"}}}", "Alpha"),
        ("{label: {key: \"region\", value: {startsWith: \"U\"}}}", "team-a"),
        ("{label: {key: \"region\", value: {contains: \"u\", ne: \"us\"}}}", "Alpha"),
        ("{label: {key: \"region\", value: {exists: false}}, kind: {eq: \"component\"}}", "beta gamma"),
        ("{annotation: {key: \"example.com/pager\", value: {eq: \"pd-1\"}}}", "Alpha"),
        ("{annotation: {key: \"example.com/pager\", value: {in: [\"x\"]}}}", ""),
        ("{relation: {type: \"dependsOn\"}}", "Alpha gamma"),
        ("{relation: {type: \"DependencyOf\"}}", "beta"),
        ("{relation: {type: \"dependsOn\", target: {eq: \"component:ghost\"}}}", "Alpha"),
        ("{relation: {target: {eq: \"group:team-a\"}}}", "Alpha jane shop"),
        ("{relation: {type: \"ownedBy\", target: {ne: \"group:team-a\"}}, kind: {eq: \"component\"}}", "beta gamma"),
        ("{relation: {target: {exists: false}}}", ""),
        ("{field: {path: \"spec.profile.email\", value: {eq: \"a@example.com\"}}}", "team-a"),
        ("{field: {path: \"spec.replicas\", value: {eq: \"3\"}}}", "beta"),
        ("{field: {path: \"spec.public\", value: {eq: \"true\"}}}", "beta"),
        ("{field: {path: \"spec.ports\", value: {eq: \"443\"}}}", "beta"),
        ("{field: {path: \"metadata.labels.example.com/tier\", value: {exists: true}}}", "Alpha"),
        ("{field: {path: \"spec.profile\", value: {exists: true}}}", ""),
        ("{field: {path: \"SPEC.dependsOn\", value: {ne: \"component:ghost\", exists: true}}}", "gamma"),
        ("{updatedAt: {after: \"2001-01-01T00:00:00Z\"}}", "Alpha beta gamma jane shop team-a"),
        ("{updatedAt: {before: \"2001-01-01T01:00:00+01:00\"}}", ""),
        ("{orphan: true}", ""),
        ("{orphan: false, hasProblems: false, kind: {eq: \"user\"}}", "jane"),
        ("{and: [{tag: {eq: \"java\"}}, {tag: {eq: \"web\"}}]}", "Alpha"),
        ("{or: [{kind: {eq: \"user\"}}, {name: {eq: \"SHOP\"}}]}", "jane shop"),
        ("{or: []}", ""),
        ("{and: []}", "Alpha beta gamma jane shop team-a"),
        ("{not: {kind: {in: [\"Component\", \"Group\"]}}}", "jane shop"),
        ("{not: {or: [{kind: {eq: \"component\"}}, {not: {owner: {exists: true}}}]}}", "shop"),
    ] {
        assert_eq!(names(&app, filter).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn mine_is_what_the_caller_and_the_callers_groups_own() {
    let app = app().await;
    let query = "{entities(filter: {mine: true}) {nodes {name}}}";
    let found = |answer: &Value| answer["data"]["entities"]["nodes"].as_array().unwrap().len();
    let (_, of_jane) = app.ask(&[("plinth-act-as", "user:default/jane")], query).await;
    assert_eq!(of_jane["data"]["entities"]["nodes"], json!([{"name": "Alpha"}, {"name": "beta"}, {"name": "shop"}]));
    let (_, of_nobody) = app.ask(&[], query).await;
    assert_eq!(found(&of_nobody), 0);
    let (_, others) = app.ask(&[], &query.replace("true", "false")).await;
    assert_eq!(found(&others), 6);
}

#[tokio::test]
async fn what_is_no_filter_is_refused_and_names_the_member() {
    let app = app().await;
    let many = format!("{{or: [{}]}}", "{name: {eq: \"a\"}}, ".repeat(101));
    let long = format!("{{name: {{in: [{}]}}}}", "\"a\", ".repeat(1001));
    for (filter, expected) in [
        ("{owner: {eq: \"\"}}", "`filter.owner.eq`: `` is not a reference"),
        ("{ref: {in: [\"component:a\", \"b\"]}}", "`filter.ref.in[1]`: `b` names no kind"),
        ("{and: [{}, {not: {ref: {ne: \"a:\"}}}]}", "`filter.and[1].not.ref.ne`: `a:` is not a reference"),
        ("{updatedAt: {after: \"yesterday\"}}", "`filter.updatedAt.after`: expected an instant as RFC 3339 writes it"),
        ("{relation: {type: \"likes\"}}", "`filter.relation.type`: there is no such type; expected ownedBy, "),
        ("{field: {path: \"\", value: {}}}", "`filter.field.path`: it is empty; expected a dotted path"),
        (&many, "`filter`: it has 101 tests; the limit is 100"),
        (&long, "`filter.name.in`: it has 1001 members; the limit is 1000"),
    ] {
        let query = format!("{{entities(filter: {filter}) {{totalCount}} catalogRevision}}");
        let answer = app.answer(&query, json!({})).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with(expected), "{message}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(answer["data"]["entities"].is_null() && answer["data"]["catalogRevision"].is_number(), "{answer}");
    }
}

/// The names of a list's first entities in an order.
async fn ordered(app: &App, order: &str) -> String {
    let found = app.data(&format!("{{entities(orderBy: {order}) {{nodes {{name}}}}}}")).await["entities"].take();
    let names: Vec<_> = found["nodes"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    names.join(" ")
}

#[tokio::test]
async fn an_order_goes_through_its_fields_and_what_lacks_them_comes_last() {
    let app = app().await;
    for (order, expected) in [
        ("null", "Alpha beta gamma jane shop team-a"),
        ("[]", "Alpha beta gamma jane shop team-a"),
        ("{field: NAME, direction: DESC}", "team-a shop jane gamma beta Alpha"),
        ("{field: DISPLAY_NAME}", "beta Alpha gamma jane shop team-a"),
        ("[{field: KIND}, {field: NAME, direction: DESC}]", "gamma beta Alpha team-a shop jane"),
        ("{field: LIFECYCLE}", "beta Alpha gamma team-a shop jane"),
        ("{field: LIFECYCLE, direction: DESC}", "Alpha gamma beta team-a shop jane"),
        ("[{field: SYSTEM}, {field: NAMESPACE, direction: DESC}]", "Alpha gamma beta team-a shop jane"),
        ("[{field: OWNER, direction: DESC}, {field: TYPE}]", "beta gamma Alpha shop team-a jane"),
        ("[{field: UPDATED_AT}, {field: CREATED_AT}, {field: TYPE}]", "Alpha beta team-a gamma shop jane"),
    ] {
        assert_eq!(ordered(&app, order).await, expected, "{order}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_filter_and_order_only() {
    let app = app().await;
    let ask = async |arguments: &str| {
        app.answer(&format!("{{entities({arguments}) {{nodes {{name}} pageInfo {{endCursor}}}}}}"), json!({})).await
    };
    let (filter, order) = ("filter: {kind: {eq: \"component\"}}", "orderBy: {field: TYPE, direction: DESC}");
    let first = ask(&format!("{filter}, {order}, first: 1")).await;
    assert_eq!(first["data"]["entities"]["nodes"], json!([{"name": "gamma"}]));
    let cursor = &first["data"]["entities"]["pageInfo"]["endCursor"];
    let next = ask(&format!("{filter}, {order}, first: 1, after: {cursor}")).await;
    assert_eq!(next["data"]["entities"]["nodes"], json!([{"name": "Alpha"}]));
    for other in [
        format!("{order}, after: {cursor}"),
        format!("{filter}, after: {cursor}"),
        format!("{filter}, orderBy: {{field: TYPE}}, before: {cursor}"),
        format!("filter: {{kind: {{eq: \"group\"}}}}, {order}, after: {cursor}"),
    ] {
        let refused = ask(&other).await;
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.ends_with("is no cursor of this list; say back one that it gave"), "{message}");
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn facets_count_over_the_whole_list_whatever_the_page() {
    let app = app().await;
    let facets = async |arguments: &str, facets: &str| {
        let query = format!(
            "{{entities(first: 0{arguments}) {{facets({facets}) {{field missing distinct values {{value count entity \
             {{ref}}}}}}}}}}"
        );
        app.data(&query).await["entities"]["facets"].take()
    };
    let value = |value: &str, count: i32| json!({"value": value, "count": count, "entity": null});
    let names = json!({"value": "group:default/team-a", "count": 2, "entity": {"ref": "group:default/team-a"}});
    assert_eq!(
        facets("", "fields: [KIND, TAG]").await,
        json!([
            {"field": "KIND", "missing": 0, "distinct": 4,
             "values": [value("Component", 3), value("Group", 1), value("System", 1), value("User", 1)]},
            {"field": "TAG", "missing": 4, "distinct": 2, "values": [value("java", 2), value("web", 1)]},
        ])
    );
    assert_eq!(
        facets("", "fields: OWNER, limit: 1").await,
        json!([{"field": "OWNER", "missing": 2, "distinct": 3, "values": [names]}])
    );
    assert_eq!(
        facets("", "fields: OWNER, startsWith: \"Team-B\"").await,
        json!([{"field": "OWNER", "missing": 2, "distinct": 1, "values": [value("group:default/team-b", 1)]}])
    );
    let filter = ", filter: {kind: {eq: \"group\"}, tag: {exists: false}}";
    let own = json!([{"field": "KIND", "missing": 0, "distinct": 1, "values": [value("Group", 1)]}]);
    assert_eq!(facets(filter, "fields: KIND").await, own);
    let rest = facets(filter, "fields: KIND, exceptOwn: true").await;
    assert_eq!(rest[0]["values"].as_array().unwrap().len(), 4, "{rest}");
    let owned =
        "{entity(ref: \"group:team-a\") {... on Group {owns(first: 0) {facets(fields: KIND) {values {value}}}}}}";
    let owned = app.data(owned).await["entity"]["owns"].take();
    assert_eq!(owned["facets"][0]["values"], json!([{"value": "Component"}, {"value": "System"}]));
    for (wrong, expected) in [
        ("fields: KIND, limit: 101", "`limit` is 101; expected 0 to 100"),
        ("fields: [KIND, KIND, KIND, KIND, KIND, KIND, KIND, KIND, TAG]", "`fields` has 9 members; the limit is 8"),
    ] {
        let answer = app.answer(&format!("{{entities {{facets({wrong}) {{missing}}}}}}"), json!({})).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with(expected), "{message}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn locations_and_problems_can_be_narrowed() {
    let broken = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: broken}\nspec: {type: 5}\n";
    let mut app = App::new(Database::Sqlite).await;
    app.write("catalog/all.yaml", CATALOG);
    app.write("other/broken.yaml", broken);
    app.configure("locations: [{type: file, target: 'catalog/*.yaml'}, {type: file, target: 'other/*.yaml'}]");
    app.start().await;
    let locations = async |filter: &str| {
        let found = app.data(&format!("{{locations(filter: {filter}) {{totalCount nodes {{id target}}}}}}")).await;
        let found = found["locations"].clone();
        assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
        found["nodes"].as_array().unwrap().clone()
    };
    let (good, bad) = (locations("{hasProblems: false}").await, locations("{hasProblems: true}").await);
    assert!(good[0]["target"].as_str().unwrap().ends_with("catalog/*.yaml") && good.len() == 1, "{good:?}");
    assert!(bad[0]["target"].as_str().unwrap().ends_with("other/*.yaml") && bad.len() == 1, "{bad:?}");
    assert_eq!(locations("{type: FILE, origin: CONFIGURATION, target: {contains: \"OTHER\"}}").await, bad);
    assert!(locations("{type: URL}").await.is_empty() && locations("{origin: MUTATION}").await.is_empty());
    let problems = async |filter: &str| {
        let found = app.data(&format!("{{catalogProblems(filter: {filter}) {{totalCount}}}}")).await;
        found["catalogProblems"]["totalCount"].as_i64().unwrap()
    };
    let all = problems("null").await;
    assert!(all > 0);
    for whole in ["{severity: ERROR}", "{codes: [INVALID]}", "{entity: {eq: \"component:broken\"}}"] {
        assert_eq!(problems(whole).await, all, "{whole}");
    }
    assert_eq!(problems(&format!("{{locationId: {}}}", bad[0]["id"])).await, all);
    for none in ["{severity: WARNING}", "{codes: []}", "{entity: {ne: \"component:broken\"}}"] {
        assert_eq!(problems(none).await, 0, "{none}");
    }
    assert_eq!(problems(&format!("{{locationId: {}}}", good[0]["id"])).await, 0);
    let refused = app.answer("{catalogProblems(filter: {locationId: \"x\"}) {totalCount}}", json!({})).await;
    assert_eq!(refused["errors"][0]["message"], "`filter.locationId`: it is no id of a location");
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
