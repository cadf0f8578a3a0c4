//! Requests to a real server on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use plinth_egress::{Allowed, Egress, Error, Fetched, Limits, Policy};

const LIMIT: usize = 10_000;

/// 1 MiB of zeros, packed by gzip.
const BOMB: &[u8] = include_bytes!("zeros.gz");

async fn server() -> SocketAddr {
    let to = |target: String| move || async move { (StatusCode::FOUND, [(header::LOCATION, target)]) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let port = address.port();
    let app = Router::new()
        .route("/file", get(|| async { "content" }))
        .route("/limit", get(|| async { "x".repeat(LIMIT) }))
        .route("/above", get(|| async { "x".repeat(LIMIT + 1) }))
        .route("/bomb", get(|| async { ([(header::CONTENT_ENCODING, "gzip")], BOMB) }))
        .route("/silent", get(std::future::pending::<String>))
        .route("/half", get(|| async { Body::from_stream(half()).into_response() }))
        .route("/to-file", get(to("file".to_owned())))
        .route("/loop", get(to("/loop".to_owned())))
        .route("/to-metadata", get(to("http://169.254.169.254/latest/meta-data".to_owned())))
        .route("/to-decimal", get(to(format!("http://2130706433:{port}/file"))))
        .route("/to-mapped", get(to(format!("http://[::ffff:127.0.0.1]:{port}/file"))))
        .route("/to-name", get(to(format!("http://localhost:{port}/file"))))
        .route("/to-other-port", get(to("http://127.0.0.1:1/file".to_owned())))
        .route("/to-disk", get(to("file:///etc/passwd".to_owned())))
        .route("/to-user", get(to(format!("http://user:secret@127.0.0.1:{port}/file"))))
        .route("/nowhere", get(|| async { StatusCode::FOUND }));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// A body that breaks off.
fn half() -> impl futures_util::Stream<Item = Result<&'static str, std::io::Error>> {
    futures_util::stream::iter([Ok("content"), Err(std::io::Error::other("broken off"))])
}

fn egress(address: SocketAddr) -> Egress {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let allow = vec![Allowed { host: address.to_string(), paths: Vec::new() }];
    let limits = Limits { bytes: LIMIT, time: Duration::from_millis(500), ..Limits::default() };
    Egress::new(Policy { allow }, limits).unwrap()
}

async fn ask(path: &str) -> Result<Fetched, Error> {
    let address = server().await;
    egress(address).get(&format!("http://{address}{path}").parse().unwrap()).await
}

#[tokio::test]
async fn a_file_is_read_and_a_redirect_is_followed() {
    assert_eq!(ask("/file").await.unwrap().bytes, b"content");
    let led = ask("/to-file").await.unwrap();
    assert_eq!((led.url.path(), led.bytes.as_slice()), ("/file", b"content".as_slice()));
    // The same address in another spelling is the same host to the parser of URLs.
    assert_eq!(ask("/to-decimal").await.unwrap().bytes, b"content");
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_request() {
    for path in ["/to-metadata", "/to-mapped", "/to-name", "/to-other-port", "/to-disk", "/to-user"] {
        let refused = ask(path).await.unwrap_err();
        assert!(matches!(refused, Error::NotAllowed { .. }), "{path}: {refused}");
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

#[tokio::test]
async fn sizes_are_bounded_after_unpacking() {
    assert_eq!(ask("/limit").await.unwrap().bytes.len(), LIMIT);
    for path in ["/above", "/bomb"] {
        assert!(matches!(ask(path).await, Err(Error::TooLarge { limit: LIMIT, .. })), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_answer_well_is_an_error_that_says_so() {
    assert!(matches!(ask("/none").await, Err(Error::Status { status: 404, .. })));
    assert!(matches!(ask("/silent").await, Err(Error::TimedOut { .. })));
    assert!(matches!(ask("/half").await, Err(Error::Unreachable { .. })));
    assert!(matches!(ask("/loop").await, Err(Error::TooManyRedirects { limit: 5, .. })));
    assert!(matches!(ask("/nowhere").await, Err(Error::Redirect { .. })));
}

#[tokio::test]
async fn localhost_is_read_where_it_is_named() {
    let address = server().await;
    let host = format!("localhost:{}", address.port());
    let url = format!("http://{host}/file").parse().unwrap();
    let policy = Policy { allow: vec![Allowed { host, paths: Vec::new() }] };
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert_eq!(Egress::new(policy, Limits::default()).unwrap().get(&url).await.unwrap().bytes, b"content");
}
