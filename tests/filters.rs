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
