//! A Postgres of a test's own, which may be killed.

use std::{path::PathBuf, process::Command};

use crate::app::repository;

/// A running Postgres in a folder of its own; its data outlives a kill.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    url: String,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let folders = std::env::var_os("PLINTH_TEST_CLUSTERS")
            .expect("PLINTH_TEST_CLUSTERS is a folder for databases; run `make test`");
        let folder = tempfile::tempdir_in(PathBuf::from(folders)).unwrap();
        let mut cluster = Self { folder, url: String::new() };
        cluster.url = cluster.run("start").await;
        cluster
    }

    /// `postgres://…/postgres`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Kills every process of it at once.
    pub(crate) async fn kill(&self) {
        self.run("kill").await;
    }

    /// Starts it again, on the same port, with what it had committed.
    pub(crate) async fn start_again(&self) {
        assert_eq!(self.run("start").await, self.url);
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(repository().join("tests/setup/postgres.sh"));
        command.arg(verb).arg(self.folder.path());
        command
    }

    async fn run(&self, verb: &str) -> String {
        let done = tokio::process::Command::from(self.command(verb)).output().await.unwrap();
        assert!(done.status.success(), "{verb}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A test that failed may have killed it.
        let _ = self.command("stop").output();
    }
}
