//! A running server of the test's own.

use std::{
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::Connection;

use crate::cluster::Cluster;

/// How long anything may take before the test fails; nothing waits this long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

pub(crate) const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// A folder with a configuration, and perhaps a server on it.
pub(crate) struct App {
    pub(crate) folder: tempfile::TempDir,
    database: String,
    /// Variables of the server's environment.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// The keys under `backend.auth`.
    pub(crate) auth: String,
    server: Option<Server>,
    client: reqwest::Client,
}

struct Server {
    process: Child,
    _out: ChildStdout,
    url: String,
}

/// The program under test; `make test` builds it and says where it is.
pub(crate) fn binary() -> PathBuf {
    let path = std::env::var_os("PLINTH_BIN").expect("PLINTH_BIN names the built binary; run `make test`");
    let path = PathBuf::from(path);
    assert!(path.is_file(), "there is no binary at {}; run `make build`", path.display());
    path
}

/// The repository's top.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

async fn database(database: Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => {
            format!("client: better-sqlite3\n    connection:\n      directory: {}", folder.join("data").display())
        }
        Database::Postgres => {
            let url = std::env::var("PLINTH_TEST_POSTGRES")
                .expect("PLINTH_TEST_POSTGRES is the URL of a Postgres; run `make test`");
            let name = format!("t{}", uuid::Uuid::new_v4().simple());
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let sql = sqlx::AssertSqlSafe(format!("create database {name}"));
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            let (server, _) = url.rsplit_once('/').unwrap();
            format!("client: pg\n    connection: {server}/{name}")
        }
    }
}

impl App {
    /// A folder without a server.
    pub(crate) async fn new(kind: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = database(kind, folder.path()).await;
        Self::of(folder, database)
    }

    /// The same on a Postgres of the test's own.
    pub(crate) fn on(cluster: &Cluster) -> Self {
        Self::of(tempfile::tempdir().unwrap(), format!("client: pg\n    connection: {}", cluster.url()))
    }

    fn of(folder: tempfile::TempDir, database: String) -> Self {
        // Several tests in one process: the first to come installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let auth = "dangerouslyDisableDefaultAuthPolicy: true".to_owned();
        Self { folder, database, environment: Vec::new(), auth, server: None, client }
    }

    /// A folder of its own on the same Postgres.
    pub(crate) fn beside(&self) -> Self {
        let (folder, database, auth) = (tempfile::tempdir().unwrap(), self.database.clone(), self.auth.clone());
        Self { folder, database, environment: Vec::new(), auth, server: None, client: self.client.clone() }
    }

    /// A connection to its Postgres.
    pub(crate) async fn connect(&self) -> sqlx::PgConnection {
        let (_, url) = self.database.split_once("connection: ").unwrap();
        sqlx::PgConnection::connect(url).await.unwrap()
    }

    /// A running server that reads `catalog/*.yaml`.
    pub(crate) async fn started(kind: Database, files: &[(&str, &str)]) -> Self {
        Self::new(kind).await.with(files).await
    }

    /// The same outside development mode, with these keys under `backend.auth`: callers need a token.
    pub(crate) async fn closed(kind: Database, files: &[(&str, &str)], auth: &str) -> Self {
        let mut app = Self::new(kind).await;
        app.auth = auth.to_owned();
        app.with(files).await
    }

    async fn with(self, files: &[(&str, &str)]) -> Self {
        let mut app = self;
        for (name, text) in files {
            app.write(name, text);
        }
        std::fs::create_dir_all(app.folder.path().join("catalog")).unwrap();
        app.configure("locations:\n    - {type: file, target: 'catalog/*.yaml'}");
        app.start().await;
        app
    }

    /// Writes `app-config.yaml` with these keys under `catalog`; everything is allowed.
    pub(crate) fn configure(&self, catalog: &str) {
        self.configure_with("{}", catalog);
    }

    /// The same with `backend.reading`.
    pub(crate) fn configure_with(&self, reading: &str, catalog: &str) {
        let reading = if reading.starts_with('{') { reading.to_owned() } else { format!("{{{reading}}}") };
        let kinds = "[Component, API, Resource, System, Domain, Group, User, Location, Template, Gadget]";
        let text = format!(
            "app: {{title: Test}}\nbackend:\n  listen: 127.0.0.1:0\n  reading: {reading}\n  database:\n    {}\n  auth: \
             {{{}}}\ncatalog:\n  rules: [{{allow: {kinds}}}]\n  {catalog}\n",
            self.database, self.auth
        );
        self.write("app-config.yaml", &text);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.folder.path()).env_remove("PLINTH_ENV").env_remove("BACKSTAGE_ENV");
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// Starts the server and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("server.log")).unwrap();
        let mut command = self.command(&["serve"]);
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = process.stdout.take().unwrap();
        let Some(url) = address(&mut out) else {
            let log = std::fs::read_to_string(self.folder.path().join("server.log")).unwrap();
            panic!("the server did not start:\n{log}");
        };
        self.server = Some(Server { process, _out: out, url });
        self.until("the server is ready", async |app| {
            let ready = app.client.get(app.url("/readyz")).send().await;
            ready.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
    }

    /// Stops the server as Ctrl-C does; answers how it ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut server = self.server.take().unwrap();
        let id = server.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        server.process.wait().unwrap()
    }

    /// Ends the server at once.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.process.kill().unwrap();
        server.process.wait().unwrap();
    }

    /// The server's process.
    pub(crate) fn process(&self) -> u32 {
        self.server.as_ref().unwrap().process.id()
    }

    /// GET, without anything else.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.as_ref().unwrap().url)
    }

    /// The URL of its Postgres.
    pub(crate) fn postgres(&self) -> String {
        self.database.split_once("connection: ").unwrap().1.to_owned()
    }

    /// KiB that the server has held at most.
    pub(crate) fn peak_memory(&self) -> usize {
        let id = self.server.as_ref().unwrap().process.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Makes a token by the command; answers its text.
    pub(crate) fn token(&self, arguments: &[&str]) -> String {
        let arguments = [&["token", "create"], arguments].concat();
        let made = self.command(&arguments).output().unwrap();
        assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().strip_suffix('\n').unwrap().to_owned()
    }

    /// The status and the answer to a document sent with these headers.
    pub(crate) async fn ask(&self, headers: &[(&str, &str)], query: &str) -> (u16, Value) {
        let body = json!({"query": query}).to_string();
        let request = self.client.post(self.url("/graphql")).header("content-type", "application/json").body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// The same with a token.
    pub(crate) async fn ask_as(&self, token: &str, query: &str) -> (u16, Value) {
        self.ask(&[("authorization", &format!("Bearer {token}"))], query).await
    }

    /// The whole answer to a document.
    pub(crate) async fn answer(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        let request = self.client.post(self.url("/graphql")).header("content-type", "application/json").body(body);
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"))
    }

    /// The data of a document that must be answered without errors.
    pub(crate) async fn data(&self, query: &str) -> Value {
        self.run(query, json!({})).await
    }

    /// The same with variables.
    pub(crate) async fn run(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].take()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self).await {
            assert!(began.elapsed() < PATIENCE, "it took too long until {what}; {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            // It may have ended already.
            let _ = server.process.kill();
            let _ = server.process.wait();
        }
    }
}

/// The address of the server's first line; `None` when it ended without one.
fn address(out: &mut ChildStdout) -> Option<String> {
    use std::io::Read;
    let mut line = Vec::new();
    let mut byte = [0];
    while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    let line = String::from_utf8(line).unwrap();
    line.find("http://").map(|at| line[at..].trim().to_owned())
}

/// A Component's document.
pub(crate) fn component(name: &str, more: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: service\n  \
         lifecycle: production\n  owner: team-a\n{more}"
    )
}
