//! Organisations, their members and teams.

use serde_json::{Value, json};

use super::fake::{Fake, Served};
use crate::{Team, User};

fn serve_users(fake: &Fake, logins: &[&str]) {
    let list: Value =
        logins.iter().map(|it| json!({"login": it, "avatar_url": "https://x/a.png", "type": "User"})).collect();
    fake.json("/orgs/acme/members?per_page=100", &list);
    for login in logins {
        let (name, page) = (login.to_uppercase(), format!("https://github.com/{login}"));
        let user = json!({"login": login, "name": name, "email": null, "bio": "Writes.", "avatar_url": "https://x/a.png", "html_url": page});
        fake.json(&format!("/users/{login}"), &user);
    }
}

#[tokio::test]
async fn members_have_names_and_what_did_not_change_costs_nothing() {
    let fake = Fake::start().await;
    let logins: Vec<String> = (0..30).map(|it| format!("user-{it:02}")).collect();
    let mut logins: Vec<&str> = logins.iter().map(String::as_str).collect();
    logins.reverse();
    serve_users(&fake, &logins);
    let github = fake.client();
    let members = github.members(&fake.host(), "acme").await.unwrap();
    assert_eq!(members.len(), 30);
    let expected = User {
        login: "user-00".to_owned(),
        name: Some("USER-00".to_owned()),
        email: None,
        bio: Some("Writes.".to_owned()),
        avatar_url: Some("https://x/a.png".to_owned()),
        url: Some("https://github.com/user-00".to_owned()),
    };
    assert_eq!(members[0], expected);
    assert_eq!(fake.asked().len(), 31);
    assert_eq!(github.members(&fake.host(), "acme").await.unwrap(), members);
    assert!(fake.seen().iter().all(|it| it.status == 304));
    // Who left in the meantime stays as the list has them; any other failure is one.
    fake.serve("/users/user-00", Served::fault(404, "Not Found"));
    let members = github.members(&fake.host(), "acme").await.unwrap();
    assert_eq!((members[0].login.as_str(), &members[0].name, members.len()), ("user-00", &None, 30));
    fake.serve("/users/user-00", Served::fault(403, "no"));
    assert!(github.members(&fake.host(), "acme").await.is_err());
    assert!(github.members(&fake.host(), "none").await.unwrap_err().is_missing());
}

fn team(slug: &str, parent: Option<&str>) -> Value {
    let parent = parent.map(|it| json!({"slug": it, "name": it}));
    let page = format!("https://github.com/orgs/acme/teams/{slug}");
    json!({"slug": slug, "name": slug.to_uppercase(), "description": null, "privacy": "closed", "html_url": page, "parent": parent})
}

#[tokio::test]
async fn teams_have_their_own_members_and_not_those_of_the_teams_below() {
    let fake = Fake::start().await;
    let teams = json!([team("web", Some("all")), team("all", None), team("ui", Some("web")), team("gone", None)]);
    fake.json("/orgs/acme/teams?per_page=100", &teams);
    // As GitHub tells them: with those of the teams below.
    for (slug, logins) in [("all", &["eve", "ann", "bob", "cem"][..]), ("web", &["bob", "cem"]), ("ui", &["cem"])] {
        let members: Value = logins.iter().map(|it| json!({"login": it})).collect();
        fake.json(&format!("/orgs/acme/teams/{slug}/members?per_page=100"), &members);
    }
    let github = fake.client();
    let teams = github.teams(&fake.host(), "acme").await.unwrap();
    let of: Vec<_> = teams.iter().map(|it| (it.slug.as_str(), it.parent.as_deref(), it.members.join(" "))).collect();
    let expected = [("all", None, "ann eve"), ("ui", Some("web"), "cem"), ("web", Some("all"), "bob")];
    assert_eq!(of, expected.map(|(slug, parent, members)| (slug, parent, members.to_owned())));
    let ui = Team {
        slug: "ui".to_owned(),
        name: "UI".to_owned(),
        description: None,
        parent: Some("web".to_owned()),
        url: Some("https://github.com/orgs/acme/teams/ui".to_owned()),
        members: vec!["cem".to_owned()],
    };
    assert_eq!(teams[1], ui);
    fake.seen();
    assert_eq!(github.teams(&fake.host(), "acme").await.unwrap(), teams);
    let seen = fake.seen();
    assert!(seen.len() == 5 && seen.iter().all(|it| it.status == 304 || it.path.contains("gone")), "{seen:?}");
    assert!(github.teams(&fake.host(), "none").await.unwrap_err().is_missing());
}
