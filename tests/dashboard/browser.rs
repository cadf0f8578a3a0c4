//! A browser that does what a test says.

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::app::repository;

/// The browser itself is patient for 30 seconds and then says what it saw.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page, by `tests/node/dashboard.mjs`.
pub(super) struct Browser {
    /// Ends, and the browser with it, when its standard input does.
    _process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    pub(super) async fn start() -> Self {
        let mut node = Command::new("node");
        node.arg(repository().join("tests/node/dashboard.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().unwrap();
        let (orders, out) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { _process: process, orders, answers: BufReader::new(out).lines() }
    }

    /// Does it; answers what the page says.
    pub(super) async fn order(&mut self, order: Value) -> Value {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        let line =
            tokio::time::timeout(PATIENCE, self.answers.next_line()).await.expect("the browser answers").unwrap();
        let mut answer: Value = serde_json::from_str(&line.expect("the browser is there")).unwrap();
        assert!(answer.get("failed").is_none(), "{}", answer["failed"].as_str().unwrap_or_default());
        answer["answer"].take()
    }

    /// Waits until such an element with this text is seen.
    pub(super) async fn see(&mut self, selector: &str, text: &str) {
        self.order(json!({"do": "see", "selector": selector, "text": text})).await;
    }

    /// Waits until no such element with this text is seen.
    pub(super) async fn miss(&mut self, selector: &str, text: &str) {
        self.order(json!({"do": "miss", "selector": selector, "text": text})).await;
    }

    pub(super) async fn click(&mut self, selector: &str) {
        self.order(json!({"do": "click", "selector": selector})).await;
    }

    pub(super) async fn fill(&mut self, selector: &str, text: &str) {
        self.order(json!({"do": "fill", "selector": selector, "text": text})).await;
    }

    pub(super) async fn press(&mut self, key: &str) {
        self.order(json!({"do": "press", "key": key})).await;
    }

    /// The texts of such elements, seen or not.
    pub(super) async fn texts(&mut self, selector: &str) -> Vec<String> {
        let texts = self.order(json!({"do": "texts", "selector": selector})).await;
        serde_json::from_value(texts).unwrap()
    }
}
