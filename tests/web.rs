//! A web server of the test's own, whose files can be changed.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
};
use tokio::sync::Notify;

/// A web server on loopback.
#[derive(Clone)]
pub(crate) struct Web {
    address: SocketAddr,
    files: Arc<Mutex<HashMap<String, String>>>,
    requests: Arc<AtomicUsize>,
    /// While it is there, requests wait for it.
    gate: Arc<Mutex<Option<Arc<Notify>>>>,
}

impl Web {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let web = Self { address, files: Arc::default(), requests: Arc::default(), gate: Arc::default() };
        let app = Router::new().fallback(answer).with_state(web.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        web
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        self.files.lock().unwrap().insert(path.to_owned(), text.to_owned());
    }

    pub(crate) fn remove(&self, path: &str) {
        self.files.lock().unwrap().remove(path);
    }

    /// Lets requests wait until the answer is told to go on.
    pub(crate) fn hold(&self) -> Arc<Notify> {
        let gate = Arc::new(Notify::new());
        *self.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// How many requests have come.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// `backend.reading` that allows it.
    pub(crate) fn allowed(&self) -> String {
        format!("allow: [{{host: '{}'}}]", self.address)
    }
}

async fn answer(State(web): State<Web>, uri: Uri) -> Result<String, StatusCode> {
    web.requests.fetch_add(1, Ordering::Relaxed);
    let gate = web.gate.lock().unwrap().clone();
    if let Some(gate) = gate {
        gate.notified().await;
    }
    web.files.lock().unwrap().get(uri.path()).cloned().ok_or(StatusCode::NOT_FOUND)
}
