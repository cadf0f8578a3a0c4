//! What the emulator lacks or tells otherwise than GitHub, answered by the proxy out of the emulator's state:
//!
//! - `GET /orgs/{org}/repos`, `GET /installation/repositories`: what a search finds that the caller may see;
//! - `GET /orgs/{org}/teams`, `…/teams/{team}`: with the team above; without `members`, which the emulator invents;
//! - `GET /orgs/{org}/teams/{team}/teams`; `…/members`: with the members of the teams below, as GitHub has it;
//! - `GET /repos/…` by an old name: 301 to `/repositories/{id}/…`; the emulator has of these only the repository itself;
//! - `GET /repos/…` of what the caller may not see: 404, where the emulator says 401 or 403;
//! - trees and contents of an empty repository: 409, 404; recursive trees that are cut;
//! - `GET /orgs/{org}/installation` and `/repos/…/installation` for an App only;
//! - `GET /raw/{owner}/{repo}/{reference}/{path}`: where raw files are, with 404 for what is not there.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    messages::{Answer, Asked},
    proxy::{By, Proxy},
};

/// The emulator's team of all members.
const INVENTED: &str = "members";

/// The answer to a request, and who made it.
pub(super) async fn answer(proxy: &Proxy, asked: &Asked) -> (By, Answer) {
    if asked.method != Method::GET {
        return (By::Emulator, proxy.forward(asked, &asked.path).await);
    }
    let segments: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let made = match *segments {
        ["orgs", org, "repos"] => repositories(proxy, asked, org).await,
        ["installation", "repositories"] => installed(proxy, asked).await,
        ["orgs", org, "teams"] => teams(proxy, asked, org).await.map(|teams| paged(proxy, asked, &teams)),
        ["orgs", org, "teams", slug] => team(proxy, asked, org, slug).await.map(|team| Answer::of(200, &team)),
        ["orgs", org, "teams", slug, "teams"] => below(proxy, asked, org, slug).await,
        ["orgs", org, "teams", slug, "members"] => members(proxy, asked, org, slug).await,
        ["orgs" | "users", _, "installation"] | ["repos", _, _, "installation"] if !is_app(asked) => {
            Ok(Answer::message(401, "A JSON web token could not be decoded"))
        }
        ["raw", owner, name, reference, _, ..] => raw(proxy, asked, owner, name, reference).await,
        ["repositories", id, _, ..] => by_id(proxy, asked, id).await,
        ["repos", owner, name, ..] => return repository(proxy, asked, owner, name).await,
        _ => return (By::Emulator, proxy.forward(asked, &asked.path).await),
    };
    (By::Proxy, made.unwrap_or_else(|refusal| refusal))
}

fn is_app(asked: &Asked) -> bool {
    asked.token().is_some_and(|token| token.starts_with("eyJ"))
}

fn not_found() -> Answer {
    Answer::message(404, "Not Found")
}

/// One page of a list, with links to its neighbours.
fn paged(proxy: &Proxy, asked: &Asked, items: &[Value]) -> Answer {
    let (found, links) = page(proxy, asked, items);
    let answer = Answer::of(200, &Value::from(found));
    if links.is_empty() { answer } else { answer.header("link", &links) }
}

fn page(proxy: &Proxy, asked: &Asked, items: &[Value]) -> (Vec<Value>, String) {
    let number = |name, default: usize| asked.parameter(name).and_then(|it| it.parse().ok()).unwrap_or(default).max(1);
    let (size, page) = (number("per_page", 30).min(100), number("page", 1));
    let last = items.len().div_ceil(size).max(1);
    let found = items.chunks(size).nth(page - 1).unwrap_or_default().to_vec();
    let others = url::form_urlencoded::parse(asked.query.as_bytes());
    let others: Vec<_> = others.into_owned().filter(|(name, _)| name != "page").collect();
    let link = |page: usize, relation: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(&others).append_pair("page", &page.to_string()).finish();
        format!("<{}{}?{query}>; rel=\"{relation}\"", proxy.url(), asked.path)
    };
    let mut links = Vec::new();
    if page > 1 {
        links.extend([link(page - 1, "prev"), link(1, "first")]);
    }
    if page < last {
        links.extend([link(page + 1, "next"), link(last, "last")]);
    }
    (found, links.join(", "))
}

// Repositories.

/// All of an organisation that the caller may see, the newest first.
async fn visible(proxy: &Proxy, asked: &Asked, org: &str) -> Result<Vec<Value>, Answer> {
    let mut found = proxy.list(asked, "/search/repositories", &format!("q=org:{org}&")).await?;
    found.sort_by_key(|it| std::cmp::Reverse(it["id"].as_u64()));
    Ok(found)
}

async fn repositories(proxy: &Proxy, asked: &Asked, org: &str) -> Result<Answer, Answer> {
    let exists = proxy.forward(asked, &format!("/orgs/{org}")).await;
    if exists.status != 200 {
        return Err(exists);
    }
    let found = visible(proxy, asked, org).await?;
    let kind = asked.parameter("type").unwrap_or_else(|| "all".to_owned());
    let fits = |it: &&Value| match &*kind {
        "public" => it["private"] == false,
        "private" => it["private"] == true,
        "forks" => it["fork"] == true,
        "sources" => it["fork"] == false,
        _ => true,
    };
    let mut found: Vec<Value> = found.iter().filter(fits).cloned().collect();
    if asked.parameter("sort").is_some_and(|it| it == "full_name") {
        found.sort_by_key(|it| it["full_name"].to_string());
    }
    Ok(paged(proxy, asked, &found))
}

async fn installed(proxy: &Proxy, asked: &Asked) -> Result<Answer, Answer> {
    if !asked.token().is_some_and(|token| token.starts_with("ghs_")) {
        return Ok(Answer::message(403, "You must authenticate with an installation access token"));
    }
    let found = visible(proxy, asked, super::ORGANIZATION).await?;
    let (some, links) = page(proxy, asked, &found);
    let answer = Answer::of(200, &json!({"total_count": found.len(), "repositories": some}));
    Ok(if links.is_empty() { answer } else { answer.header("link", &links) })
}

/// What a repository has, or that it is elsewhere, empty, not to be seen.
async fn repository(proxy: &Proxy, asked: &Asked, owner: &str, name: &str) -> (By, Answer) {
    let home = format!("/repos/{owner}/{name}");
    let answer = proxy.forward(asked, &asked.path).await;
    let under = asked.path.strip_prefix(&home).unwrap_or_default();
    match answer.status {
        401 | 403 => (By::Proxy, not_found()),
        404 => match proxy.known(|known| known.renamed.get(&format!("{owner}/{name}")).copied()) {
            Some(id) => (By::Proxy, moved(proxy, asked, id, under)),
            None if is_empty(proxy, asked, &home).await => (By::Proxy, empty(under)),
            None => (By::Emulator, answer),
        },
        200 if under.starts_with("/git/trees/") => cut(proxy, answer),
        _ => (By::Emulator, answer),
    }
}

fn moved(proxy: &Proxy, asked: &Asked, id: u64, under: &str) -> Answer {
    let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
    let url = format!("{}/repositories/{id}{under}{query}", proxy.url());
    let body = json!({"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"});
    Answer::of(301, &body).header("location", &url)
}

async fn is_empty(proxy: &Proxy, asked: &Asked, home: &str) -> bool {
    proxy.list(asked, &format!("{home}/branches"), "").await.is_ok_and(|branches| branches.is_empty())
}

fn empty(under: &str) -> Answer {
    if under.starts_with("/git/") {
        Answer::message(409, "Git Repository is empty.")
    } else if under.starts_with("/contents") {
        Answer::message(404, "This repository is empty.")
    } else {
        not_found()
    }
}

/// A tree with as many entries as are told at most.
fn cut(proxy: &Proxy, answer: Answer) -> (By, Answer) {
    let Some(longest) = proxy.known(|known| known.longest_tree) else { return (By::Emulator, answer) };
    let mut tree = answer.json();
    let entries = tree["tree"].as_array_mut().unwrap();
    if entries.len() <= longest {
        return (By::Emulator, answer);
    }
    entries.truncate(longest);
    tree["truncated"] = true.into();
    (By::Proxy, Answer::of(200, &tree))
}

/// A repository's part by the repository's number, which holds when names change.
async fn by_id(proxy: &Proxy, asked: &Asked, id: &str) -> Result<Answer, Answer> {
    let home = format!("/repositories/{id}");
    let answer = proxy.forward(asked, &home).await;
    if answer.status != 200 {
        return Err(not_found());
    }
    let found = answer.json();
    let (owner, name) = found["full_name"].as_str().unwrap().split_once('/').unwrap();
    let under = asked.path.strip_prefix(&home).unwrap_or_default();
    Ok(proxy.forward(asked, &format!("/repos/{owner}/{name}{under}")).await)
}

async fn raw(proxy: &Proxy, asked: &Asked, owner: &str, name: &str, reference: &str) -> Result<Answer, Answer> {
    let path = asked.path.strip_prefix(&format!("/raw/{owner}/{name}/{reference}")).unwrap_or_default();
    let answer = proxy.forward(asked, &format!("/{owner}/{name}/raw/{reference}{path}")).await;
    if answer.status == 200 {
        return Ok(answer.header("content-type", "text/plain; charset=utf-8"));
    }
    Err(Answer::new(404, "text/plain; charset=utf-8", "404: Not Found"))
}

// Teams.

/// All teams, each with the one above.
async fn teams(proxy: &Proxy, asked: &Asked, org: &str) -> Result<Vec<Value>, Answer> {
    let mut teams = proxy.list(asked, &format!("/orgs/{org}/teams"), "").await?;
    teams.retain(|it| it["slug"] != INVENTED);
    let plain = teams.clone();
    for team in &mut teams {
        let parent = above(proxy, team);
        team["parent"] = plain.iter().find(|it| it["id"].as_u64() == parent && parent.is_some()).cloned().into();
    }
    Ok(teams)
}

fn above(proxy: &Proxy, team: &Value) -> Option<u64> {
    proxy.known(|known| team["id"].as_u64().and_then(|id| known.parents.get(&id).copied()))
}

async fn team(proxy: &Proxy, asked: &Asked, org: &str, slug: &str) -> Result<Value, Answer> {
    let teams = teams(proxy, asked, org).await?;
    teams.into_iter().find(|it| it["slug"] == slug).ok_or_else(not_found)
}

async fn below(proxy: &Proxy, asked: &Asked, org: &str, slug: &str) -> Result<Answer, Answer> {
    let id = team(proxy, asked, org, slug).await?["id"].as_u64();
    let mut teams = teams(proxy, asked, org).await?;
    teams.retain(|it| above(proxy, it) == id);
    Ok(paged(proxy, asked, &teams))
}

/// The members of a team and of all teams below it, each once.
async fn members(proxy: &Proxy, asked: &Asked, org: &str, slug: &str) -> Result<Answer, Answer> {
    let teams = teams(proxy, asked, org).await?;
    let own = teams.iter().find(|it| it["slug"] == slug).ok_or_else(not_found)?;
    let mut family = vec![own];
    let mut next = 0;
    while let Some(team) = family.get(next) {
        let id = team["id"].as_u64();
        family.extend(teams.iter().filter(|it| above(proxy, it) == id));
        next += 1;
    }
    let role = asked.parameter("role").map(|role| format!("role={role}&")).unwrap_or_default();
    let mut found: Vec<Value> = Vec::new();
    for team in family {
        let slug = team["slug"].as_str().unwrap();
        found.extend(proxy.list(asked, &format!("/orgs/{org}/teams/{slug}/members"), &role).await?);
    }
    found.sort_by_key(|it| it["id"].as_u64());
    found.dedup_by_key(|it| it["id"].as_u64());
    Ok(paged(proxy, asked, &found))
}
