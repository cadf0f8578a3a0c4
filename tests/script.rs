//! Node scripts that speak to a server as other people's programs do.

use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use crate::app::repository;

const PATIENCE: Duration = Duration::from_secs(60);

/// What a script under `tests/node` prints, which is JSON.
pub(crate) async fn printed(script: &str, url: &str) -> Value {
    let mut node = Command::new("node");
    node.arg(repository().join("tests/node").join(script)).arg(url).kill_on_drop(true);
    let said = tokio::time::timeout(PATIENCE, node.output()).await.expect("the script ends").unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("no JSON: {out}{err}"))
}
