//! The server under test, on generated files.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{load, organisation};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(240);
/// A file that is a location of its own.
const CHANGED: &str = "changed.yaml";
/// What the server says.
const LOG: &str = "plinth.log";
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// A running server; ends when it is dropped.
pub(crate) struct Plinth {
    process: Child,
    /// Where GraphQL is.
    pub(crate) url: String,
    /// When the process was started.
    pub(crate) began: Instant,
    /// From the start of the process until it said that it is ready.
    pub(crate) ready_after: Duration,
    folder: tempfile::TempDir,
}

impl Plinth {
    /// Generates files, starts the binary on them and waits until it is ready.
    pub(crate) async fn start(size: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        organisation::generate(folder.path(), size)?;
        std::fs::write(folder.path().join(CHANGED), organisation::changed(0))?;
        Self::launch(folder).await
    }

    /// Ends it as an operator does, and starts it again on what it stored.
    pub(crate) async fn restart(mut self) -> Result<Self> {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status()?;
        ensure!(asked.success(), "the server cannot be told to end");
        let ended = self.process.wait()?;
        ensure!(ended.success(), "the server ended with {ended}");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir()?);
        Self::launch(folder).await
    }

    async fn launch(folder: tempfile::TempDir) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "backend: {{listen: '127.0.0.1:{port}', auth: {{dangerouslyDisableDefaultAuthPolicy: true}}}}\ncatalog:\n  \
             rules: [{{allow: [Component, API, Resource, System, Domain, Group]}}]\n  locations: \
             [{{type: file, target: '**/catalog-info.yaml'}}, {{type: file, target: {CHANGED}}}]\n"
        );
        std::fs::write(folder.path().join("app-config.yaml"), config)?;
        let began = Instant::now();
        let process = Command::new(binary()?)
            .args(["serve", "--data-dir", "data"])
            .current_dir(folder.path())
            .env("PLINTH_LOG", "warn,plinth_catalog::snapshot=debug")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join(LOG))?)
            .spawn()?;
        let url = format!("http://127.0.0.1:{port}/graphql");
        let mut server = Self { process, url, began, ready_after: Duration::ZERO, folder };
        let ready = format!("http://127.0.0.1:{port}/readyz");
        while !load::is_ok(&ready) {
            if began.elapsed() > PATIENCE || server.process.try_wait()?.is_some() {
                bail!("the server is not ready");
            }
            tokio::time::sleep(PAUSE).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Asks again and again until `is_right` holds of the answer's data.
    pub(crate) async fn until(&self, query: &str, is_right: impl Fn(&Value) -> bool) -> Result<Value> {
        let body = json!({"query": query}).to_string();
        let began = Instant::now();
        loop {
            let answer = load::ask(&self.url, &body)?;
            let data = serde_json::from_str::<Value>(&answer).unwrap_or_default()["data"].take();
            if is_right(&data) {
                return Ok(data);
            }
            ensure!(began.elapsed() < PATIENCE, "{query} is still answered with {answer}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Resident memory in KiB.
    pub(crate) fn memory_kb(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most that it ever was.
    pub(crate) fn peak_memory_kb(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let line = line.with_context(|| format!("the process has no {name}"))?;
        Ok(line.split_whitespace().nth(1).with_context(|| format!("{name} has no number"))?.parse()?)
    }

    /// Makes a token that may read.
    pub(crate) fn token(&self, name: &str) -> Result<String> {
        let mut command = Command::new(binary()?);
        command.args(["token", "create", "--name", name, "--scope", "read", "--data-dir", "data"]);
        let made = command.current_dir(self.folder.path()).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }

    /// Saves another version of the file that is a location of its own.
    pub(crate) fn change(&self, version: usize) -> Result<()> {
        Ok(std::fs::write(self.folder.path().join(CHANGED), organisation::changed(version))?)
    }

    /// Of each change of one entity that was applied since the start, how long that took, in microseconds.
    pub(crate) fn applied(&self) -> Result<Vec<u64>> {
        let log = std::fs::read_to_string(self.folder.path().join(LOG))?;
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ones = lines.filter(|line| line["entities"] == 1);
        Ok(ones.filter_map(|line| line["micros"].as_u64()).collect())
    }

    /// Saves another version of one file.
    pub(crate) fn save(&self, version: usize) -> Result<()> {
        let path = self.folder.path().join("s0/c0/catalog-info.yaml");
        let text = std::fs::read_to_string(&path)?;
        let lines = text.lines().map(|line| match line.trim_start().starts_with("title: Service") {
            true => format!("  title: Service 0, version {version}"),
            false => line.to_owned(),
        });
        Ok(std::fs::write(&path, lines.collect::<Vec<_>>().join("\n"))?)
    }
}

impl Drop for Plinth {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn binary() -> Result<String> {
    std::env::var("PLINTH_BIN").context("PLINTH_BIN names the release binary; run `make bench`")
}
