use plinth_yaml::Limits;

use super::*;

const METADATA: &str = "apiVersion: backstage.io/v1alpha1\nkind: System\nspec: {owner: a}\nmetadata:\n  ";

fn findings(text: &str) -> Vec<String> {
    let document = plinth_yaml::parse(text, &Limits::default()).unwrap();
    match validate(&document, |kind| kind == "Gadget") {
        Ok(_) => Vec::new(),
        Err(findings) => findings.into_iter().map(|it| it.field.unwrap_or_default()).collect(),
    }
}

fn check(text: &str, accepted: bool) {
    assert_eq!(findings(text).is_empty(), accepted, "{text}: {:?}", findings(text));
}

#[test]
fn names_are_those_that_backstage_takes() {
    for (name, accepted) in [
        ("a..b", true),
        ("-a", false),
        ("a-", false),
        ("é", false),
        ("用户", false),
        ("5", false),
        ("'5'", true),
        ("a", true),
    ] {
        check(&format!("{METADATA}name: {name}"), accepted);
    }
    check(&format!("{METADATA}name: {}", "a".repeat(63)), true);
    check(&format!("{METADATA}name: {}", "a".repeat(64)), false);
}

#[test]
fn other_metadata_is_checked_as_backstage_checks_it() {
    for (member, accepted) in [
        ("namespace: a--b", true),
        ("namespace: Foo", false),
        ("namespace: a.b", false),
        ("namespace: a_b", false),
        ("namespace: ''", false),
        ("namespace: null", false),
        ("tags: ['a:b', 'c++', a, a]", true),
        ("tags: [Java]", false),
        ("tags: [a_b]", false),
        ("tags: [1]", false),
        ("tags: ['']", false),
        ("tags: x", false),
        ("labels: {a: '', A: y}", true),
        ("labels: {a: b c}", false),
        ("labels: {a: 1}", false),
        ("labels: {a/b/c: x}", false),
        ("labels: {A.b/c: x}", false),
        ("annotations: {a.b/c: any thing}", true),
        ("annotations: {a: 1}", false),
        ("annotations: {a: true}", false),
        ("links: [{url: 'javascript:alert(1)'}]", true),
        ("links: [{url: not a url}]", false),
        ("links: [{url: 'https://a.example', title: ''}]", false),
        ("title: ''", false),
        ("description: ''", true),
        ("anything: {else: [1]}", true),
    ] {
        check(&format!("{METADATA}name: a\n  {member}"), accepted);
    }
}

#[test]
fn kinds_are_checked_by_their_tables() {
    let document = |version: &str, kind: &str, spec: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n{spec}")
    };
    for (version, kind, spec, accepted) in [
        ("backstage.io/v1alpha1", "Component", "spec: {type: s, lifecycle: l, owner: o}", true),
        ("backstage.io/v1beta1", "Component", "spec: {type: s, lifecycle: l, owner: o}", true),
        ("backstage.io/v1", "Component", "spec: {type: s, lifecycle: l, owner: o}", false),
        ("backstage.io/v1alpha1", "component", "spec: {type: s, lifecycle: l, owner: o}", false),
        ("backstage.io/v1alpha1", "Component", "spec: {type: '', lifecycle: l, owner: o}", false),
        ("backstage.io/v1alpha1", "Component", "", false),
        ("backstage.io/v1alpha1", "Component", "spec: {type: s, lifecycle: l, owner: o, dependsOn: [x]}", false),
        (
            "backstage.io/v1alpha1",
            "Component",
            "spec: {type: s, lifecycle: l, owner: o, dependsOn: ['resource:x']}",
            true,
        ),
        ("backstage.io/v1alpha1", "API", "spec: {type: s, lifecycle: l, owner: o}", false),
        ("backstage.io/v1alpha1", "API", "spec: {type: s, lifecycle: l, owner: o, definition: ''}", false),
        (
            "backstage.io/v1alpha1",
            "API",
            "spec: {type: mcp-server, lifecycle: l, owner: o, remotes: [{type: t, url: u}]}",
            true,
        ),
        ("backstage.io/v1alpha1", "Group", "spec: {type: team}", false),
        ("backstage.io/v1alpha1", "Group", "spec: {type: team, children: []}", true),
        ("backstage.io/v1alpha1", "User", "spec: {}", false),
        ("backstage.io/v1alpha1", "User", "spec: {memberOf: [], profile: {email: not mail}}", true),
        ("backstage.io/v1alpha1", "Location", "spec: {}", true),
        ("backstage.io/v1alpha1", "Location", "spec: {targets: []}", true),
        ("backstage.io/v1alpha1", "Location", "spec: {target: ''}", false),
        ("backstage.io/v1alpha1", "Location", "spec: {presence: maybe}", false),
        ("scaffolder.backstage.io/v1beta3", "Template", "spec: {type: t, steps: [{action: a}]}", true),
        ("scaffolder.backstage.io/v1beta3", "Template", "spec: {type: t, steps: [{}]}", false),
        ("backstage.io/v1alpha1", "Banana", "", false),
        ("example.com/v1", "Gadget", "", true),
        ("backstage.io/v1alpha1", "System", "spec: {owner: o}\nstatus: {}", false),
    ] {
        check(&document(version, kind, spec), accepted);
    }
}

#[test]
fn every_finding_has_its_field() {
    let text = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: '-', tags: [A]}\nspec: {type: 1, dependsOn: [x]}\n";
    assert_eq!(
        findings(text),
        ["metadata.name", "metadata.tags[0]", "spec.type", "spec.lifecycle", "spec.owner", "spec.dependsOn[0]"]
    );
    assert_eq!(findings("[1]"), [""]);
}
