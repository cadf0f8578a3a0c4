//! Bodies made to hurt, and clients that take their time.

use serde_json::{Value, json};
use sqlx::Connection;

use crate::{
    app::{App, Database},
    raw::{self, Raw},
};

async fn refused(app: &App, headers: &[(&str, &str)], body: Vec<u8>, status: u16, code: &str) {
    let start = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    let mut request = app.client().post(app.url("/graphql"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), status, "{headers:?} {start}");
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{headers:?} {start}: {answer}");
    assert!(answer["errors"][0]["extensions"]["requestId"].is_string(), "{answer}");
    assert!(app.data("{catalogRevision}").await["catalogRevision"].is_i64());
}

#[tokio::test]
async fn what_is_not_json_in_utf_8_is_refused() {
    let app = App::started(Database::Sqlite, &[]).await;
    let query = || b"{\"query\": \"{catalogRevision}\"}".to_vec();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/graphql",
        "",
    ] {
        refused(&app, &[("content-type", kind)], query(), 415, "BAD_USER_INPUT").await;
    }
    refused(&app, &[], query(), 415, "BAD_USER_INPUT").await;
    let json = ("content-type", "application/json");
    for encoding in ["gzip", "br", "identity, gzip"] {
        refused(&app, &[json, ("content-encoding", encoding)], query(), 415, "BAD_USER_INPUT").await;
    }
    let utf_16: Vec<u8> = "{\"query\": \"{a}\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        b"\xef\xbb\xbf{\"query\": \"{catalogRevision}\"}".to_vec(),
        b"{\"query\": \"{catalogRevision} \xff\"}".to_vec(),
        b"{\"query\": \"{catalogRevision} \\udc00\"}".to_vec(),
        b"{\"query\": \"{catalogRevision} \0\"}".to_vec(),
        b"{\"query\": \"{catalogRevision}\"} x".to_vec(),
        utf_16,
        Vec::new(),
        b"[".repeat(100_000),
        b"{\"a\":".repeat(100_000),
        [b"{\"query\": \"{a}\", \"extensions\": ".as_slice(), &b"{\"a\":".repeat(100_000)].concat(),
        b"[{\"query\": \"{catalogRevision}\"}, {\"query\": \"{catalogRevision}\"}]".to_vec(),
    ] {
        refused(&app, &[json], body, 400, "BAD_USER_INPUT").await;
    }
    let graphql = ("accept", "application/graphql-response+json");
    let nul = b"{\"query\": \"{catalogRevision} \\u0000\"}".to_vec();
    refused(&app, &[json, graphql], nul, 400, "GRAPHQL_PARSE_FAILED").await;
}

#[tokio::test]
async fn a_body_larger_than_a_mebibyte_is_refused_before_it_is_held() {
    let app = App::started(Database::Sqlite, &[]).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let before = app.peak_memory();
    // Said to be large: nothing of it is read.
    let mut raw = Raw::to(&app).await;
    raw.send(format!("{head}content-length: {}\r\n\r\n", 96 << 20).as_bytes()).await;
    let answer = String::from_utf8(raw.rest().await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("LIMIT_EXCEEDED"), "{answer}");
    let mut raw = Raw::to(&app).await;
    raw.send(format!("{head}expect: 100-continue\r\ncontent-length: {}\r\n\r\n", 2 << 20).as_bytes()).await;
    assert!(raw.until("\r\n").await.starts_with("HTTP/1.1 413"));
    // A little too large: a client that sends all before it listens hears why.
    for _ in 0..20 {
        let body = vec![b' '; 7 << 20];
        refused(&app, &[("content-type", "application/json")], body, 413, "LIMIT_EXCEEDED").await;
    }
    // Not said: no more of it is held than may be.
    let mut raw = Raw::to(&app).await;
    raw.send(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await;
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    for _ in 0..96 {
        if !raw.send(&chunk).await {
            break;
        }
    }
    raw.rest().await;
    assert!(app.data("{catalogRevision}").await["catalogRevision"].is_i64());
    // Of 240 MiB that were sent; the allocator gives back late what was read and dropped.
    let grown = app.peak_memory() - before;
    assert!(grown < 48 << 10, "{grown} KiB more");
    // A head without end.
    let mut raw = Raw::to(&app).await;
    raw.send(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ").await;
    raw.send(&vec![b'x'; 200_000]).await;
    let answer = String::from_utf8(raw.rest().await).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn who_is_slow_is_let_go() {
    let app = App::started(Database::Sqlite, &[]).await;
    let headers = async {
        let mut raw = Raw::to(&app).await;
        raw.send(b"GET /healthz HTTP/1.1\r\nhost: local").await;
        raw.rest().await
    };
    let silent = async { Raw::to(&app).await.rest().await };
    let body = async {
        let mut raw = Raw::to(&app).await;
        let head =
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n";
        raw.send(format!("{head}\r\n{{\"query\"").as_bytes()).await;
        String::from_utf8(raw.rest().await).unwrap()
    };
    let (headers, silent, body) = tokio::join!(headers, silent, body);
    assert_eq!((headers.len(), silent.len()), (0, 0));
    assert!(body.starts_with("HTTP/1.1 408") && body.contains("TIMEOUT"), "{body}");
    assert!(raw::get(&app, "/healthz", &[("host", "localhost")]).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn who_reads_nothing_is_let_go() {
    let app = App::started(Database::Sqlite, &[]).await;
    let mut raw = Raw::to(&app).await;
    // Some 50 MB to read: more than the system keeps for anybody.
    raw.send("GET /graphiql/graphiql.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(10).as_bytes()).await;
    assert!(raw.is_held());
    let began = std::time::Instant::now();
    app.until("it is let go", async |_| !raw.is_held()).await;
    assert!((10..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(raw.rest().await.len() < 50 << 20);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_ended_and_others_go_on() {
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: a\nspec:\n  type: openapi\n  lifecycle: \
               production\n  owner: team-a\n  definition: 'openapi: 3.0.0'\n";
    let app = App::started(Database::Postgres, &[("catalog/a.yaml", api)]).await;
    let query = "{entity(ref: \"api:a\") {... on API {definition}}}";
    assert_eq!(app.data(query).await["entity"]["definition"], "openapi: 3.0.0");
    // Whoever reads this table now waits.
    let mut connection = sqlx::PgConnection::connect(&app.postgres()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("lock table plinth.body in access exclusive mode").execute(&mut *transaction).await.unwrap();
    let began = std::time::Instant::now();
    let graphql = ("accept", "application/graphql-response+json");
    let body = json!({"query": query}).to_string().into_bytes();
    let request = app.client().post(app.url("/graphql")).header("content-type", "application/json");
    let answer = request.header(graphql.0, graphql.1).body(body).send();
    let (answer, other) = tokio::join!(answer, app.data("{catalogRevision}"));
    assert!(other["catalogRevision"].is_i64());
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 504);
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "TIMEOUT", "{answer}");
    assert_eq!((answer.get("data"), error["extensions"]["requestId"].is_string()), (None, true), "{answer}");
    let seconds = began.elapsed().as_secs();
    assert!((10..14).contains(&seconds), "{seconds}");
    transaction.rollback().await.unwrap();
    assert_eq!(app.data(query).await["entity"]["definition"], "openapi: 3.0.0");
}
