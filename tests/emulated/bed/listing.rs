//! Lists of repositories, teams and people; the App.

use base64::{Engine, engine::general_purpose};
use reqwest::Method;
use serde_json::{Value, json};

use super::{get, header, json, names, request};
use crate::emulated::{
    By, GitHub, Repository, Seed, TOKEN,
    seed::{APP, INSTALLATION},
};

fn many() -> Seed {
    let seed = Seed::default()
        .repository(Repository::new("plain").topics(&["blue"]))
        .repository(Repository::new("b").private());
    let seed = seed.repository(Repository::new("dusty").archived()).repository(Repository::new("void").empty());
    seed.repository(Repository::new("copy").fork().topics(&["red"]).file("own.yaml", ""))
}

#[tokio::test]
async fn the_proxy_lists_repositories_page_by_page() {
    let github = GitHub::start(many()).await;
    let (mut at, mut found) = ("/orgs/acme/repos?per_page=2&type=all".to_owned(), Vec::new());
    loop {
        let answer = get(&github, Some(TOKEN), &at, None).await.unwrap();
        let link = header(&answer, "link");
        found.extend(answer.json::<Value>().await.unwrap().as_array().unwrap().clone());
        let Some(next) = link.split(", ").find(|it| it.ends_with("rel=\"next\"")) else { break };
        at = next.split(['<', '>']).nth(1).unwrap().replace(github.url(), "");
    }
    let found: Value = found.into();
    assert_eq!(names(&found, "name"), ["copy", "void", "dusty", "b", "plain"], "the newest first");
    let told: Vec<_> = [0, 2, 3, 4].iter().map(|at| &found[*at]).collect();
    assert_eq!((&told[0]["fork"], &told[0]["topics"]), (&json!(true), &json!(["red"])));
    assert_eq!((&told[1]["archived"], &told[2]["visibility"]), (&json!(true), &json!("private")));
    assert_eq!((&told[3]["topics"], &told[3]["fork"]), (&json!(["blue"]), &json!(false)));
    assert!(github.exchanges().iter().all(|it| it.by == By::Proxy) && github.exchanges().len() == 3);

    let anonymous = get(&github, None, "/orgs/acme/repos?sort=full_name", None).await.unwrap();
    assert_eq!(names(&anonymous.json().await.unwrap(), "name"), ["copy", "dusty", "plain", "void"]);
    assert_eq!(names(&json(&github, "/orgs/acme/repos?type=sources&per_page=1&page=2").await.1, "name"), ["dusty"]);
    assert_eq!(json(&github, "/orgs/none/repos").await.0, 404);
}

#[tokio::test]
async fn the_proxy_lists_teams_with_those_above_and_members_of_those_below() {
    let seed = Seed::default().team("all", None, &["ada"]).team("platform", Some("all"), &["bob", "ada"]);
    let github = GitHub::start(seed.team("night", Some("platform"), &["cleo"])).await;
    let (_, teams) = json(&github, "/orgs/acme/teams?per_page=100").await;
    let found: Vec<_> =
        teams.as_array().unwrap().iter().map(|it| (it["slug"].clone(), it["parent"]["slug"].clone())).collect();
    assert_eq!(json!(found), json!([["all", null], ["platform", "all"], ["night", "platform"]]));
    let members = async |team| json(&github, &format!("/orgs/acme/teams/{team}/members")).await.1;
    assert_eq!(names(&members("night").await, "login"), ["cleo"]);
    assert_eq!(names(&members("platform").await, "login"), ["ada", "bob", "cleo"]);
    assert_eq!(names(&members("all").await, "login"), ["ada", "bob", "cleo"]);
    assert_eq!(names(&json(&github, "/orgs/acme/teams/all/teams").await.1, "slug"), ["platform"]);
    assert_eq!(json(&github, "/orgs/acme/teams/members").await.0, 404, "the emulator's own team");
    github.delete_team("platform").await;
    let (_, night) = json(&github, "/orgs/acme/teams/night").await;
    assert_eq!((&night["name"], &night["parent"]), (&json!("night"), &json!(null)));
    assert!(github.exchanges().iter().all(|it| it.by == By::Proxy));
}

#[tokio::test]
async fn the_emulator_lists_members_and_tells_their_names() {
    let github = GitHub::start(Seed::default()).await;
    github.add_member("dan").await;
    github.remove_member("cleo").await;
    assert_eq!(names(&json(&github, "/orgs/acme/members").await.1, "login"), ["ada", "bob", "dan"]);
    let (_, user) = json(&github, "/users/bob").await;
    assert_eq!((&user["name"], &user["email"]), (&json!("Bob"), &json!("bob@example.com")));
    assert!(github.exchanges().iter().all(|it| it.by == By::Emulator));
}

/// What an App signs to be known, valid for nine minutes.
fn signed_by_app(github: &GitHub) -> String {
    let pem: String = github.app_key().lines().filter(|line| !line.starts_with("-----")).collect();
    let key = general_purpose::STANDARD.decode(pem).unwrap();
    let key = ring::signature::RsaKeyPair::from_der(&key).unwrap();
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let part = |value: Value| general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iat": now - 60, "exp": now + 540, "iss": APP.to_string()});
    let signed = format!("{}.{}", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    key.sign(&ring::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", general_purpose::URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn the_emulator_gives_an_app_the_token_of_its_installation() {
    let github = GitHub::start(many().app()).await;
    let app = signed_by_app(&github);
    let at = "/orgs/acme/installation";
    let installation = get(&github, Some(&app), at, None).await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(installation["id"], INSTALLATION);
    assert_eq!(get(&github, Some(TOKEN), at, None).await.unwrap().status(), 401);
    let ask = async |bearer: &str| {
        let path = format!("/app/installations/{INSTALLATION}/access_tokens");
        request(&github, Method::POST, &path, Some(bearer)).send().await.unwrap()
    };
    let forged = app.replacen("eyJ", "eyJ_", 1);
    assert_eq!(ask(&forged).await.status(), 401);
    let given = ask(&app).await.json::<Value>().await.unwrap();
    assert!(given["expires_at"].is_string(), "{given}");
    let token = given["token"].as_str();
    let some = get(&github, token, "/installation/repositories?per_page=2", None).await.unwrap();
    assert!(header(&some, "link").contains("rel=\"last\""));
    let some = some.json::<Value>().await.unwrap();
    assert_eq!((&some["total_count"], names(&some["repositories"], "name")), (&json!(5), vec!["copy", "void"]));
    assert_eq!(get(&github, token, "/repos/acme/b", None).await.unwrap().status(), 200, "private");
    github.revoke(None);
    assert_eq!(get(&github, token, "/repos/acme/b", None).await.unwrap().status(), 401);
}
