//! From people and teams to documents, and from those to entities.

use std::{path::Path, sync::Arc};

use chrono::DateTime;

use super::*;
use crate::{
    Config, Location, Problem,
    contents::Contents,
    document::{self, FileReading},
    reading::{Job, Tools},
    rules::Rules,
};

fn user(login: &str) -> User {
    User { login: login.to_owned(), name: None, email: None, bio: None, avatar_url: None, url: None }
}

fn team(slug: &str, parent: Option<&str>, members: &[&str]) -> Team {
    Team {
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        description: None,
        parent: parent.map(str::to_owned),
        url: None,
        members: members.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn organisation<'a>(name: &'a str, namespace: Option<&str>, teams: Vec<Team>) -> Organisation<'a> {
    Organisation { name, namespace: namespace.map(str::to_owned), teams }
}

/// What the catalog's reader takes of documents, by the rules of a configuration that says nothing.
fn read(documents: &[Value]) -> FileReading {
    let job = Job {
        location: Arc::new(Location::nowhere()),
        origin: (crate::LocationType::GithubOrg, "https://github.com/#default".into()),
        optional: false,
        is_anywhere: true,
        provider: None,
        rules: Arc::new(Rules::of(&Config::default())),
        contents: Contents::of_disk(),
        known: Arc::default(),
        now: DateTime::UNIX_EPOCH,
    };
    let text = documents.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n---\n");
    let file = "https://github.com/#default".into();
    document::read_text(&job, file, &text, Path::new("/"), &mut Tools::default())
}

fn messages(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|it| it.message.to_string()).collect()
}

#[test]
fn a_member_is_a_user_as_backstage_tells_of_them() {
    let ann = User {
        name: Some("Ann".to_owned()),
        email: Some("ann@example.com".to_owned()),
        bio: Some("Writes: \"a\"\n---\n- {$text: /etc/passwd} \u{7} \u{85}\u{2028}\u{feff} 你好 🦀".to_owned()),
        avatar_url: Some("https://a/1".to_owned()),
        url: Some("https://github.com/Ann".to_owned()),
        ..user("Ann")
    };
    let bio = ann.bio.clone();
    let person = Person { user: ann, member_of: vec!["web".to_owned()] };
    let document = person.document("https://github.com");
    let annotations = json!({
        "github.com/user-login": "Ann", "backstage.io/view-url": "https://github.com/Ann",
        "backstage.io/edit-url": "https://github.com/Ann", "backstage.io/source-location": "url:https://github.com/",
    });
    let profile = json!({"displayName": "Ann", "email": "ann@example.com", "picture": "https://a/1"});
    let expected = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "User",
        "metadata": {"name": "Ann", "description": bio, "annotations": annotations},
        "spec": {"profile": profile, "memberOf": ["web"]},
    });
    assert_eq!(document, expected);
    let nothing_said = Person { user: user("bob"), member_of: Vec::new() }.document("https://github.com");
    assert_eq!(nothing_said["spec"], json!({"profile": {}, "memberOf": []}));
    assert_eq!(nothing_said["metadata"]["annotations"]["backstage.io/view-url"], "https://github.com/bob");
    // What they say of themselves is a text, whatever it looks like.
    let read = read(&[document, nothing_said]);
    assert_eq!((messages(&read.problems), read.taken.len()), (Vec::new(), 2));
    let entity = &read.taken[0].entity;
    assert_eq!(entity.reference.as_str(), "user:default/ann");
    assert_eq!(entity.at("/metadata/description").and_then(|it| it.as_str().map(str::to_owned)), bio);
}

#[test]
fn a_team_is_a_group_with_its_parent_children_and_members() {
    let teams = [team("all", None, &[]), team("ui", Some("web"), &["cem"]), team("web", Some("all"), &["Ann", "bob"])];
    let described = Team { description: Some("Pages.".to_owned()), ..teams[2].clone() };
    let organisation = organisation("Acme", None, [&teams[..2], &[described]].concat());
    let documents: Vec<Value> = organisation.documents("https://github.com").collect();
    let page = "https://github.com/orgs/Acme/teams/web";
    let annotations = json!({
        "github.com/team-slug": "Acme/web", "backstage.io/view-url": page, "backstage.io/edit-url": format!("{page}/edit"),
        "backstage.io/source-location": "url:https://github.com/orgs/Acme/teams/",
    });
    let spec = json!({
        "type": "team", "profile": {"displayName": "WEB"}, "parent": "all", "children": ["ui"],
        "members": ["default/Ann", "default/bob"],
    });
    let expected = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Group",
        "metadata": {"name": "web", "description": "Pages.", "annotations": annotations}, "spec": spec,
    });
    assert_eq!(documents[2], expected);
    assert_eq!(documents[0]["spec"]["children"], json!(["web"]));
    assert!(documents[0]["spec"].get("parent").is_none());
    let read = read(&documents);
    assert_eq!((messages(&read.problems), read.taken.len()), (Vec::new(), 3));
}

#[test]
fn who_is_in_two_organisations_is_one_user_with_the_teams_of_both() {
    let acme = organisation("Acme", Some("acme"), vec![team("web", None, &["ann", "gone"])]);
    let globex = organisation("globex", Some("globex"), vec![team("web", None, &["Ann"])]);
    let mut people = BTreeMap::new();
    acme.add_to(&mut people, vec![user("bob"), user("ann")]);
    globex.add_to(&mut people, vec![user("Ann")]);
    let users: Vec<Value> = people.values().map(|it| it.document("https://github.com")).collect();
    assert_eq!(users.iter().map(|it| &it["metadata"]["name"]).collect::<Vec<_>>(), ["ann", "bob"]);
    assert_eq!(users[0]["spec"]["memberOf"], json!(["acme/web", "globex/web"]));
    let groups: Vec<Value> = acme.documents("https://x").chain(globex.documents("https://x")).collect();
    let read = read(&[users, groups].concat());
    let references: Vec<&str> = read.taken.iter().map(|it| it.entity.reference.as_str()).collect();
    assert_eq!(references, ["user:default/ann", "user:default/bob", "group:acme/web", "group:globex/web"]);
    assert_eq!(messages(&read.problems), [""; 0]);
}

#[test]
fn a_team_of_many_is_taken_and_a_name_that_is_none_is_told() {
    let logins: Vec<String> = (0..12_000).map(|it| format!("user-{it}")).collect();
    let logins: Vec<&str> = logins.iter().map(String::as_str).collect();
    let all = organisation("acme", None, vec![team("all", None, &logins), team("some", None, &logins[..5_000])]);
    let documents: Vec<Value> = all.documents("https://github.com").collect();
    assert!(documents[0]["spec"].get("members").is_none());
    let reading = read(&documents);
    assert_eq!((messages(&reading.problems), reading.taken.len()), (Vec::new(), 2));
    // As with Backstage: another name could be somebody else's.
    let reading = read(&[Person { user: user("ann-"), member_of: Vec::new() }.document("https://github.com")]);
    assert_eq!(reading.taken.len(), 0);
    assert!(messages(&reading.problems)[0].contains("metadata.name"), "{:?}", reading.problems);
}
