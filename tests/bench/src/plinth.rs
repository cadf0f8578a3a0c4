//! The server under test, on generated files.

use std::{
    fmt::Write,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::load;

/// A running server; ends when it is dropped.
pub(crate) struct Plinth {
    process: Child,
    /// Where GraphQL is.
    pub(crate) url: String,
    /// From the start of the process until every file was read.
    pub(crate) ready_after: Duration,
    folder: tempfile::TempDir,
}

impl Plinth {
    /// Generates files, starts the binary on them and waits until it is ready.
    pub(crate) async fn start(size: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        generate(folder.path(), size)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "backend: {{listen: '127.0.0.1:{port}', auth: {{dangerouslyDisableDefaultAuthPolicy: true}}}}\ncatalog:\n  rules: [{{allow: [Component, Group]}}]\n  locations: \
             [{{type: file, target: '**/catalog-info.yaml'}}]\n"
        );
        std::fs::write(folder.path().join("app-config.yaml"), config)?;
        let began = Instant::now();
        let process = Command::new(binary()?)
            .args(["serve", "--data-dir", "data"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let url = format!("http://127.0.0.1:{port}/graphql");
        let mut server = Self { process, url, ready_after: Duration::ZERO, folder };
        let ready = format!("http://127.0.0.1:{port}/readyz");
        while !load::is_ok(&ready) {
            if began.elapsed() > Duration::from_secs(120) || server.process.try_wait()?.is_some() {
                bail!("the server is not ready");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Resident memory.
    pub(crate) fn memory_mb(&self) -> Result<u64> {
        Ok(self.memory_kb()? / 1024)
    }

    /// The same in KiB.
    pub(crate) fn memory_kb(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("the process has no VmRSS")?;
        Ok(line.split_whitespace().nth(1).context("VmRSS has no number")?.parse()?)
    }

    /// Makes a token that may read.
    pub(crate) fn token(&self, name: &str) -> Result<String> {
        let mut command = Command::new(binary()?);
        command.args(["token", "create", "--name", name, "--scope", "read", "--data-dir", "data"]);
        let made = command.current_dir(self.folder.path()).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
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

/// One file a component, a hundred to a folder, and a hundred teams.
fn generate(folder: &Path, size: usize) -> Result<()> {
    for number in 0..size {
        let place = folder.join(format!("s{}/c{number}", number / 100));
        std::fs::create_dir_all(&place)?;
        let (team, system, needs) = (number % 100, number % 200, (number * 7) % size);
        let text = format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: service-{number}\n  title: Service {number}\n  \
             description: The service number {number}, which does what services do.\n  tags: [rust, tier-{}]\n  annotations:\n    \
             github.com/project-slug: example/service-{number}\n  links:\n    - url: https://example.com/{number}\n      \
             title: Dashboard\nspec:\n  type: service\n  lifecycle: production\n  owner: team-{team}\n  system: system-{system}\n  \
             dependsOn: [component:service-{needs}]\n",
            number % 5
        );
        std::fs::write(place.join("catalog-info.yaml"), text)?;
    }
    let mut teams = String::new();
    for team in 0..100 {
        let more = "spec: {type: team, children: []}";
        writeln!(
            teams,
            "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: team-{team}}}\n{more}"
        )?;
    }
    std::fs::create_dir_all(folder.join("org"))?;
    Ok(std::fs::write(folder.join("org/catalog-info.yaml"), teams)?)
}
