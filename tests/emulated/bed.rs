//! The bed itself: who answers what.

pub(super) mod changing;
mod failing;
mod files;
mod listing;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use super::{GitHub, TOKEN};

/// A request with a token, as a program sends it.
fn request(github: &GitHub, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
    let request = github.proxy.client().request(method, format!("{}{path}", github.url())).header("user-agent", "bed");
    token.into_iter().fold(request, |request, token| request.bearer_auth(token))
}

/// GET with a token, and perhaps one more header.
async fn get(
    github: &GitHub,
    token: Option<&str>,
    path: &str,
    header: Option<(&str, &str)>,
) -> reqwest::Result<Response> {
    let request = request(github, Method::GET, path, token);
    header.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
}

/// The status and the JSON of an answer to the server's own token.
async fn json(github: &GitHub, path: &str) -> (u16, Value) {
    let answer = get(github, Some(TOKEN), path, None).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers()[name].to_str().unwrap().to_owned()
}

/// What a list names, by one field.
fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|it| it[field].as_str().unwrap()).collect()
}
