//! GitHub Apps.

use std::{sync::Arc, time::Duration};

use plinth_egress::Limits;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::fake::{Fake, Served, app};
use crate::{App, Error, GitHub, Integration, Result, Secret, Whom, host::Times};

const LIST: &str = "/app/installations?per_page=100";
const TOKEN: &str = "/app/installations/34/access_tokens";
const PAGE: &str = "/acme/shop/blob/main/a.yaml";
const FILE: &str = "/repos/acme/shop/contents/a.yaml?ref=main";

fn installed(owners: &[(u64, &str)]) -> Value {
    owners.iter().map(|(id, owner)| json!({"id": id, "account": {"login": owner}, "suspended_at": null})).collect()
}

async fn start(owners: &[(u64, &str)]) -> Fake {
    let fake = Fake::start().await;
    fake.serve(FILE, Served::file("one"));
    fake.json(LIST, &installed(owners));
    fake
}

fn client(integration: Integration) -> GitHub {
    GitHub::new(vec![integration]).unwrap()
}

async fn read(fake: &Fake, github: &GitHub) -> Result<Arc<[u8]>> {
    github.read(&fake.place(github, PAGE)).await
}

async fn read_at_once(fake: &Fake, github: &GitHub, times: usize) -> Vec<Result<Arc<[u8]>>> {
    let mut all = JoinSet::new();
    for _ in 0..times {
        let (github, place) = (github.clone(), fake.place(github, PAGE));
        all.spawn(async move { github.read(&place).await });
    }
    all.join_all().await
}

#[tokio::test]
async fn an_app_asks_with_the_token_of_its_installation() {
    let fake = start(&[(35, "other"), (34, "Acme")]).await;
    let github = client(fake.with_app());
    assert_eq!(&*read(&fake, &github).await.unwrap(), b"one");
    let seen = fake.seen();
    let asked: Vec<_> = seen.iter().map(|it| (it.method.as_str(), it.path.as_str())).collect();
    assert_eq!(asked, [("GET", LIST), ("POST", TOKEN), ("GET", FILE)]);
    assert!(seen[0].authorization.starts_with("Bearer ey") && seen[1].authorization.starts_with("Bearer ey"));
    assert!(seen[2].authorization.starts_with("Bearer token-34-"));
    // Once for all that is asked then.
    read(&fake, &github).await.unwrap();
    assert_eq!(fake.asked(), [format!("304 {FILE}")]);
    let shown = format!("{github:?}");
    let secret = seen[2].authorization.trim_start_matches("Bearer ");
    assert!(!shown.contains(secret) && shown.contains("<secret>"), "{shown}");
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end() {
    for (minutes, is_kept) in [(4, false), (6, true)] {
        let fake = start(&[(34, "acme")]).await;
        fake.tokens_are_good_for(Duration::from_secs(minutes * 60));
        let github = client(fake.with_app());
        read(&fake, &github).await.unwrap();
        fake.seen();
        read(&fake, &github).await.unwrap();
        let expected =
            if is_kept { vec![format!("304 {FILE}")] } else { vec![format!("201 {TOKEN}"), format!("200 {FILE}")] };
        assert_eq!(fake.asked(), expected);
    }
}

#[tokio::test]
async fn many_wait_for_one_token_and_for_one_failure() {
    let fake = start(&[(34, "acme")]).await;
    let github = client(fake.with_app());
    assert!(read_at_once(&fake, &github, 50).await.iter().all(Result::is_ok));
    let asked = fake.asked();
    let count = |path: &str| asked.iter().filter(|it| it.ends_with(path)).count();
    assert_eq!((count(LIST), count(TOKEN), count(FILE)), (1, 1, 50));
    let patient = Times { failed: Duration::from_secs(60), ..Times::default() };
    let github = GitHub::with(vec![fake.with_app()], &Limits::default(), patient).unwrap();
    fake.fail(Served::json(&installed(&[(34, "acme")])));
    fake.fail(Served::fault(403, "Resource not accessible by integration"));
    let answers = read_at_once(&fake, &github, 50).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::App { app: 12, .. }) && error.to_string().contains("not accessible"), "{error}");
    }
    assert_eq!(fake.asked(), [format!("200 {LIST}"), format!("403 {TOKEN}")]);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once() {
    let fake = start(&[(34, "acme")]).await;
    let github = client(fake.with_app());
    read(&fake, &github).await.unwrap();
    fake.revoke();
    fake.seen();
    read(&fake, &github).await.unwrap();
    assert_eq!(fake.asked(), [format!("401 {FILE}"), format!("201 {TOKEN}"), format!("200 {FILE}")]);
    fake.revoke_all();
    let error = read(&fake, &github).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }) && error.to_string().contains("the App 12 of"), "{error}");
    assert_eq!(fake.asked(), [format!("401 {FILE}"), format!("201 {TOKEN}"), format!("401 {FILE}")]);
    // A token of the configuration is not.
    let github = client(Integration { token: Some(Secret::new("none".to_owned())), ..fake.integration() });
    assert!(matches!(read(&fake, &github).await, Err(Error::Unauthorized { .. })));
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn where_no_app_is_installed_the_token_is_used_or_nothing() {
    let fake = start(&[(35, "other")]).await;
    let github = client(Integration { token: Some(Secret::new("hunter2".to_owned())), ..fake.with_app() });
    read(&fake, &github).await.unwrap();
    assert_eq!(fake.seen()[1].authorization, "Bearer hunter2");
    let hasty = Times { not_installed: Duration::ZERO, ..Times::default() };
    let github = GitHub::with(vec![fake.with_app()], &Limits::default(), hasty).unwrap();
    read(&fake, &github).await.unwrap();
    assert_eq!(fake.seen()[1].authorization, "");
    // One that is installed is found.
    fake.json(LIST, &installed(&[(35, "other"), (34, "acme")]));
    read(&fake, &github).await.unwrap();
    assert!(fake.seen()[2].authorization.starts_with("Bearer token-34-"));
    let with_public_access = App { has_public_access: true, ..app(12) };
    fake.json(LIST, &installed(&[(35, "other")]));
    let github = client(Integration { apps: vec![app(11), with_public_access], ..fake.with_app() });
    read(&fake, &github).await.unwrap();
    assert!(fake.seen().last().unwrap().authorization.starts_with("Bearer token-35-"));
}

#[tokio::test]
async fn owners_that_an_app_is_not_for_and_suspended_installations_are_left_out() {
    let fake = start(&[]).await;
    let at = |suspended: Value| json!([{"id": 34, "account": {"login": "acme"}, "suspended_at": suspended}, {"id": 1, "account": null}]);
    fake.json(LIST, &at("2026-01-01T00:00:00Z".into()));
    read(&fake, &client(fake.with_app())).await.unwrap();
    assert_eq!(fake.seen()[1].authorization, "");
    fake.json(LIST, &at(Value::Null));
    let of =
        |owners: &[&str]| App { allowed_owners: Some(owners.iter().map(|it| (*it).to_owned()).collect()), ..app(11) };
    read(&fake, &client(Integration { apps: vec![of(&["other"])], ..fake.with_app() })).await.unwrap();
    assert_eq!(fake.asked(), [format!("200 {FILE}")]);
    // Several Apps, each for its owners.
    let apps = vec![of(&[]), of(&["other"]), App { id: 13, ..of(&["ACME"]) }];
    let github = client(Integration { apps, ..fake.with_app() });
    read(&fake, &github).await.unwrap();
    let used: Vec<String> = github.usage_by_whom().into_iter().map(|(_, whom, _)| whom.to_string()).collect();
    assert_eq!(used, ["app-13", "app-13/acme"]);
}

#[tokio::test]
async fn an_app_that_fails_is_no_reason_to_ask_with_less_and_nothing_is_missing_then() {
    let fake = start(&[(34, "acme")]).await;
    let hasty = Times { failed: Duration::ZERO, installed: Duration::ZERO, ..Times::default() };
    let with_token = Integration { token: Some(Secret::new("hunter2".to_owned())), ..fake.with_app() };
    let github = GitHub::with(vec![with_token], &Limits::default(), hasty).unwrap();
    fake.fail(Served::fault(401, "A JSON web token could not be decoded"));
    let error = read(&fake, &github).await.unwrap_err();
    assert!(error.to_string().contains("`appId` and `privateKey`") && !error.is_missing(), "{error}");
    assert_eq!(fake.asked(), [format!("401 {LIST}")]);
    read(&fake, &github).await.unwrap();
    // Where it was installed is believed when it cannot be asked for.
    fake.seen();
    fake.fail(Served::fault(404, "Not Found"));
    read(&fake, &github).await.unwrap();
    assert_eq!(fake.asked(), [format!("404 {LIST}"), format!("304 {FILE}")]);
    // Uninstalled in the meantime.
    fake.revoke();
    fake.fail(Served::json(&installed(&[(34, "acme")])));
    fake.fail(Served::fault(401, "Bad credentials"));
    fake.fail(Served::fault(404, "Not Found"));
    let error = read(&fake, &github).await.unwrap_err();
    assert!(matches!(error, Error::App { .. }) && !error.is_missing(), "{error}");
}

#[tokio::test]
async fn installations_may_be_more_than_a_page() {
    let fake = start(&[]).await;
    fake.serve(LIST, Served::json(&installed(&[(1, "a")])).next("https://ghe.example.com/app/installations?page=2"));
    fake.json("/app/installations?page=2", &installed(&[(34, "acme")]));
    let github = client(fake.with_app());
    read(&fake, &github).await.unwrap();
    assert!(fake.seen().last().unwrap().authorization.starts_with("Bearer token-34-"));
}

#[tokio::test]
async fn what_one_installation_may_see_is_not_shown_to_another_and_limits_are_apart() {
    let fake = start(&[(34, "acme"), (35, "other")]).await;
    for (id, owner, name) in [(34, "acme", "Ann of Acme"), (35, "other", "Ann of Other")] {
        fake.json(&format!("/orgs/{owner}/members?per_page=100"), &json!([{"login": "ann"}]));
        fake.json(&format!("{id} /users/ann"), &json!({"login": "ann", "name": name}));
    }
    let github = client(fake.with_app());
    for _ in 0..2 {
        for (owner, name) in [("acme", "Ann of Acme"), ("other", "Ann of Other")] {
            let members = github.members(&fake.host(), owner).await.unwrap();
            assert_eq!(members[0].name.as_deref(), Some(name));
        }
    }
    let seen = fake.seen();
    let users: Vec<_> =
        seen.iter().filter(|it| it.path == "/users/ann").map(|it| (it.condition.is_some(), it.status)).collect();
    assert_eq!(users, [(false, 200), (false, 200), (true, 304), (true, 304)]);
    fake.fail(Served::fault(429, "slow down").with("retry-after", "60"));
    let error = github.members(&fake.host(), "acme").await.unwrap_err();
    assert!(error.after().is_some() && error.to_string().contains("(app-12/acme)"), "{error}");
    assert!(github.members(&fake.host(), "acme").await.is_err());
    github.members(&fake.host(), "other").await.unwrap();
    let all = github.usage_by_whom();
    let of = |whom: &str| all.iter().find(|(_, it, _)| it.to_string() == whom).unwrap().2;
    assert_eq!((of("app-12/acme").limited, of("app-12/other").limited, of("app-12").answered), (1, 0, 3));
    assert!(matches!(&all[1].1, Whom::Installation { app: 12, id: 34, owner } if owner == "acme"));
    let together = github.usage();
    assert_eq!((together.len(), together[0].1.limited), (1, 1));
}

#[tokio::test]
async fn with_another_token_people_are_asked_for_by_their_dates() {
    let fake = start(&[(34, "acme")]).await;
    fake.json("/orgs/acme/members?per_page=100", &json!([{"login": "ann"}]));
    let serve = |name: &str, date: &str| {
        let user = json!({"login": "ann", "name": name});
        fake.serve("/users/ann", Served::json(&user).with("last-modified", date));
    };
    serve("Ann", "Sun, 06 Nov 1994 08:49:37 GMT");
    let github = client(fake.with_app());
    let name = async || github.members(&fake.host(), "acme").await.unwrap().remove(0).name;
    let asked = || {
        let seen = fake.seen();
        let last = seen.last().unwrap();
        (last.path.clone(), last.condition.as_ref().map(ToString::to_string), last.status)
    };
    let of = |condition: Option<&str>, status| ("/users/ann".to_owned(), condition.map(str::to_owned), status);
    assert_eq!((name().await.as_deref(), asked()), (Some("Ann"), of(None, 200)));
    fake.revoke();
    assert_eq!((name().await.as_deref(), asked()), (Some("Ann"), of(Some("if-modified-since"), 304)));
    // The answer's own `ETag` is that of the new token.
    assert_eq!((name().await.as_deref(), asked()), (Some("Ann"), of(Some("if-none-match"), 304)));
    fake.revoke();
    serve("Ann B.", "Sun, 06 Nov 1994 08:49:38 GMT");
    assert_eq!((name().await.as_deref(), asked()), (Some("Ann B."), of(Some("if-modified-since"), 200)));
}
