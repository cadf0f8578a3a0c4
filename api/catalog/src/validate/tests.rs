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
        ("annotations: ", true),
        ("annotations: x", false),
        ("annotations: {backstage.io/managed-by-location: 5}", true),
        ("labels: ", false),
        ("links: [{url: 'javascript:alert(1)'}]", true),
        ("links: [{url: not a url}]", false),
        ("links: [{url: 'https://a.example', title: ''}]", false),
        ("links: [{url: 'https://a.example', icon: ' '}]", false),
        ("links: [{url: 'https://a.example', type: ' '}]", true),
        ("links: [{url: 'foo://@'}]", false),
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
        (
            "backstage.io/v1alpha1",
            "API",
            "spec: {type: mcp-server, lifecycle: l, owner: o, remotes: [], definition: d}",
            false,
        ),
        ("backstage.io/v1alpha1", "API", "spec: {type: mcp-server, lifecycle: l, owner: o, definition: d}", true),
        ("backstage.io/v1alpha1", "Resource", "spec: {type: t, owner: o, dependencyOf: ['x:y']}", true),
        ("backstage.io/v1alpha1", "Resource", "spec: {type: t, owner: o, dependencyOf: 'x:y'}", true),
        ("backstage.io/v1alpha1", "Resource", "spec: {type: t, owner: o, dependencyOf: }", true),
        ("backstage.io/v1alpha1", "Resource", "spec: {type: t, owner: o, dependencyOf: y}", false),
        ("backstage.io/v1alpha1", "Resource", "spec: {type: t, owner: o, dependsOn: }", false),
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

/// The verdicts of `@backstage/plugin-scaffolder-common`, which is too large to be asked in each run.
#[test]
fn templates_are_checked_to_the_last_field() {
    let head =
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: a}\nspec:\n  type: t\n  steps: ";
    for (rest, accepted) in [
        ("[]", true),
        ("", false),
        ("{action: a}", false),
        ("[{action: ''}]", true),
        ("[{action: 5}]", false),
        ("[{action: a, id: '', name: ''}]", true),
        ("[{action: a, id: 5}]", false),
        ("[{action: a, if: true}]", true),
        ("[{action: a, if: '${{ x }}'}]", true),
        ("[{action: a, if: 0}]", false),
        ("[{action: a, input: {}, each: [1]}]", true),
        ("[{action: a, input: []}]", false),
        ("[{action: a, input: }]", false),
        ("[{action: a, 'backstage:permissions': {tags: ['']}}]", true),
        ("[{action: a, 'backstage:permissions': {tags: [5]}}]", false),
        ("[]\n  parameters: {type: object}", true),
        ("[]\n  parameters: [{type: object}, {}]", true),
        ("[]\n  parameters: [a]", false),
        ("[]\n  parameters: ", false),
        ("[]\n  parameters: {'backstage:permissions': []}", false),
        ("[]\n  secrets: {schema: {}}", true),
        ("[]\n  secrets: {schema: a}", false),
        ("[]\n  presentation: {buttonLabels: {createButtonText: ''}}", true),
        ("[]\n  presentation: {buttonLabels: {backButtonText: 5}}", false),
        ("[]\n  presentation: {buttonLabels: []}", false),
        ("[]\n  formDecorators: [{id: a, input: {}}]", true),
        ("[]\n  formDecorators: {id: a}", false),
        ("[]\n  EXPERIMENTAL_formDecorators: [{input: a}]", false),
        ("[]\n  EXPERIMENTAL_recovery: {EXPERIMENTAL_strategy: startOver}", true),
        ("[]\n  EXPERIMENTAL_recovery: {EXPERIMENTAL_strategy: true}", false),
        ("[]\n  output: {links: [{url: u, if: true}], text: [{content: ''}], more: ''}", true),
        ("[]\n  output: {more: 5}", false),
        ("[]\n  output: {links: [{url: ''}]}", false),
        ("[]\n  output: {links: [{entityRef: ''}]}", false),
        ("[]\n  output: {text: [{title: ''}]}", false),
        ("[]\n  output: {text: [{content: 5}]}", false),
        ("[]\n  output: {text: a}", false),
        ("[]\n  owner: a", true),
        ("[]\n  owner: 'a:'", false),
        ("[]\n  lifecycle: ''", false),
        ("[]\n  further: [1]", true),
    ] {
        check(&format!("{head}{rest}\n"), accepted);
    }
}

#[test]
fn a_finding_says_what_would_be_right() {
    let text = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: a}\nspec: {type: t, children: [], profile: a}\n";
    let document = plinth_yaml::parse(text, &Limits::default()).unwrap();
    let findings = validate(&document, |_| false).unwrap_err();
    let message = "`spec.profile` is `a`; expected a map that may have `displayName`, `email`, `picture`";
    assert_eq!(findings[0].message, message);
    assert_eq!(findings[0].field.as_deref(), Some("spec.profile"));
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
