//! What pages of other origins can make a browser do, and what GraphiQL's page gets.

use serde_json::Value;

use crate::{
    app::{App, Database},
    raw,
};

const QUERY: &str = "{\"query\": \"{catalogRevision}\"}";

/// A server with more under `backend`.
async fn app(backend: &str, development: bool) -> App {
    let mut app = App::new(Database::Sqlite).await;
    app.configure("locations: []");
    let path = app.folder.path().join("app-config.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("backend:\n", &format!("backend:\n  {backend}\n"));
    std::fs::write(path, text.replace("Policy: true", &format!("Policy: {development}"))).unwrap();
    app.start().await;
    app
}

async fn post(app: &App, headers: &[(&str, &str)]) -> (u16, Value, reqwest::header::HeaderMap) {
    let mut request = app.client().post(app.url("/graphql")).header("content-type", "application/json").body(QUERY);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap(), headers)
}

#[tokio::test]
async fn pages_of_origins_that_are_listed_may_ask_and_no_others() {
    let app =
        app("cors: {origin: ['http://localhost:3000', 'https://portal.example.com'], credentials: true}", true).await;
    for (origin, is_listed) in [
        ("http://localhost:3000", true),
        ("https://portal.example.com", true),
        ("http://localhost:3001", false),
        ("https://localhost:3000", false),
        ("https://portal.example.com.evil.example", false),
        ("https://evil.example", false),
        ("null", false),
    ] {
        let (status, body, headers) = post(&app, &[("origin", origin)]).await;
        assert_eq!(status, if is_listed { 200 } else { 403 }, "{origin}: {body}");
        let allowed = headers.get("access-control-allow-origin").map(|it| it.to_str().unwrap());
        assert_eq!(allowed, is_listed.then_some(origin));
        let preflight = app.client().request(reqwest::Method::OPTIONS, app.url("/graphql")).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST");
        let answer = preflight.header("access-control-request-headers", "content-type").send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(header("access-control-allow-origin").as_deref(), is_listed.then_some(origin));
        assert_eq!(header("access-control-allow-methods").unwrap(), "GET,POST");
        assert!(!header("access-control-allow-headers").unwrap().contains('*'));
        assert!(header("vary").unwrap().to_lowercase().contains("origin"));
    }
    let own = app.url("");
    assert_eq!(post(&app, &[("origin", &own)]).await.0, 200);
}

#[tokio::test]
async fn without_cors_no_page_of_another_origin_may_ask() {
    let app = app("baseUrl: https://plinth.example.com", true).await;
    let answer = app.client().request(reqwest::Method::OPTIONS, app.url("/graphql"));
    let answer = answer.header("origin", "http://a.example").header("access-control-request-method", "POST");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert!(answer.headers().get("access-control-allow-origin").is_none());
    assert_eq!(post(&app, &[("origin", "http://a.example")]).await.0, 403);
    assert_eq!(post(&app, &[("origin", "https://plinth.example.com")]).await.0, 200);
}

#[tokio::test]
async fn what_only_a_cookie_authenticates_needs_a_header_that_no_page_sends_elsewhere() {
    let app = app("cors: {origin: 'https://portal.example.com', credentials: true}", false).await;
    let token = format!("Bearer {}", app.token(&["--name", "t", "--scope", "read"]));
    app.until("the token is in effect", async |app| post(app, &[("authorization", &token)]).await.0 == 200).await;
    let cookie = ("cookie", "session=x");
    let preflight = ("graphql-require-preflight", "1");
    for (headers, status) in [
        // 401: it is let in, and then no token is found.
        (vec![], 401),
        (vec![cookie], 403),
        (vec![cookie, preflight], 401),
        (vec![cookie, preflight, ("origin", "https://portal.example.com")], 401),
        (vec![cookie, preflight, ("origin", "https://evil.example")], 403),
        (vec![cookie, ("authorization", token.as_str())], 200),
    ] {
        let (found, body, _) = post(&app, &headers).await;
        assert_eq!(found, status, "{headers:?}: {body}");
        let mut get = app.client().get(app.url("/graphql?query=%7BcatalogRevision%7D"));
        for (name, value) in &headers {
            get = get.header(*name, *value);
        }
        assert_eq!(get.send().await.unwrap().status(), status, "{headers:?}");
    }
    // In development mode cookies are those of other programs on this machine.
    let app = self::app("baseUrl: http://localhost:7007", true).await;
    assert_eq!(post(&app, &[cookie]).await.0, 200);
}

#[tokio::test]
async fn a_foreign_name_that_means_this_machine_is_refused() {
    let app = app("baseUrl: https://plinth.example.com", true).await;
    for (host, status) in [
        ("localhost", 200),
        ("LocalHost:7007", 200),
        ("plinth.localhost:7007", 200),
        ("127.0.0.1", 200),
        ("[::1]:7007", 200),
        ("plinth.example.com", 200),
        ("evil.example", 421),
        ("evil.example:7007", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("10.0.0.1", 421),
        ("evil@localhost", 421),
        ("", 421),
    ] {
        for path in ["/graphql?query=%7BcatalogRevision%7D", "/healthz", "/graphiql/graphiql.js"] {
            let answer = raw::get(&app, path, &[("host", host)]).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host} {path}: {answer:.200}");
        }
    }
    let both = raw::get(&app, "/healthz", &[("host", "localhost"), ("host", "evil.example")]).await;
    assert!(!both.starts_with("HTTP/1.1 200"), "{both}");
    let absolute = raw::get(&app, "http://evil.example/healthz", &[("host", "localhost")]).await;
    assert!(absolute.starts_with("HTTP/1.1 421"), "{absolute}");
}

#[tokio::test]
async fn large_answers_are_packed_for_who_can_read_them() {
    let app = app("baseUrl: http://localhost:7007", true).await;
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let types = "/graphql?query=%7B__schema%7Btypes%7Bname%20description%20fields%7Bname%20description%7D%7D%7D%7D";
    for (path, is_packed) in
        [("/graphiql/graphiql.js", true), (types, true), ("/graphql?query=%7B__typename%7D", false)]
    {
        let plain = client.get(app.url(path)).send().await.unwrap();
        assert!(plain.headers().get("content-encoding").is_none(), "{path}");
        let plain = plain.bytes().await.unwrap();
        let packed = client.get(app.url(path)).header("accept-encoding", "gzip").send().await.unwrap();
        let encoding = packed.headers().get("content-encoding").map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(encoding.as_deref(), is_packed.then_some("gzip"), "{path}");
        let length = packed.bytes().await.unwrap().len();
        assert!(!is_packed || length * 2 < plain.len(), "{path}: {length} of {}", plain.len());
    }
}

#[tokio::test]
async fn graphiql_is_there_in_development_mode_only_and_may_load_nothing_from_elsewhere() {
    for development in [true, false] {
        let app = app("baseUrl: http://localhost:7007", development).await;
        let page = app.client().get(app.url("/graphql")).header("accept", "text/html,*/*;q=0.8").send().await.unwrap();
        let policy = page.headers().get("content-security-policy").map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(policy.is_some_and(|it| it.contains("frame-ancestors 'none'")), development);
        assert_eq!(page.headers()["x-content-type-options"], "nosniff");
        assert_eq!(page.status(), if development { 200 } else { 401 });
        assert_eq!(page.text().await.unwrap().contains("<html"), development);
        let script = app.client().get(app.url("/graphiql/graphiql.js")).send().await.unwrap();
        assert_eq!(script.status(), if development { 200 } else { 404 });
    }
}
