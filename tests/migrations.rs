//! Databases of every earlier version, with the rows that it wrote, are brought up to date and lose nothing.

use std::{collections::BTreeSet, path::PathBuf};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, migrate::Migrator};

use crate::{
    app::{App, BOTH, Database, component, repository},
    changes::Changes,
    web::Web,
};

/// A place in the log of the stored rows: behind revision 3.
const CURSOR: &str = "eyJkYXRhIjoiYTVkM2NlNjItMmVmZS00YTJmLTk3ZDQtOWM4ODllZTYyMDRiIiwiYXQiOnsiTG9nIjp7InJldmlzaW9uIjozLCJv\
                      cmRpbmFsIjo5MjIzMzcyMDM2ODU0Nzc1ODA3fX19";

/// The stored tokens: `ci`, and `alice-laptop` which stands for a User. They open nothing but these tests' databases.
const TOKENS: [(&str, &str); 2] = [
    ("plinth_c584ff56a0c5c7ef10e2d785dba84cca988d4ecc95ad8424a3e6a0f411f02749", "service:ci"),
    ("plinth_0de1b39f450fae4124cd623f9ff0b9840732156d271adf1b7e933fb007a441d3", "user:default/alice"),
];

const ALL: &str = "{
    entities {nodes {ref title owner {ref} ... on API {definition} ... on Component {providesApis {nodes {ref}}}}}
    locations {nodes {target origin}}
    entity(ref: \"group:team-a\") {manifest}
}";

fn all() -> Value {
    let (team, api) = (json!({"ref": "group:default/team-a"}), "api:default/petstore-api");
    let definition = "openapi: 3.0.0\ninfo: {title: Petstore, version: 1.0.0}\npaths: {}\n";
    let apis = |nodes: Value| json!({"nodes": nodes});
    json!({
        "entities": {"nodes": [
            {"ref": "user:default/alice", "title": null, "owner": null},
            {"ref": "location:default/more", "title": null, "owner": null},
            {"ref": "component:default/petstore", "title": "Three", "owner": team, "providesApis": apis(json!([{"ref": api}]))},
            {"ref": api, "title": null, "owner": team, "definition": definition},
            {"ref": "component:default/tail", "title": "Tail", "owner": team, "providesApis": apis(json!([]))},
            {"ref": "group:default/team-a", "title": null, "owner": null},
        ]},
        "locations": {"nodes": [
            {"target": "http://127.0.0.1:38211/catalog.yaml", "origin": "MUTATION"},
            {"target": "http://127.0.0.1:38211/more.yaml", "origin": "ENTITY"},
        ]},
        "entity": {
            "manifest": "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n"
        },
    })
}

/// What a migration's version had written when the next one came. One that stores something of another sort brings a file.
fn rows(migration: &str) -> Option<String> {
    std::fs::read_to_string(repository().join("tests/migrations").join(migration)).ok()
}

/// All migrations, by the names of their files.
fn names() -> Vec<String> {
    let folder = std::fs::read_dir(repository().join("migrations/sqlite")).unwrap();
    let mut names: Vec<_> = folder.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A database, and how to write it as the server that wrote it would have.
enum Connected {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Connected {
    async fn to(app: &App, database: Database) -> Self {
        match database {
            Database::Sqlite => {
                let folder = app.folder.path().join("data");
                std::fs::create_dir_all(&folder).unwrap();
                let url = format!("sqlite:{}?mode=rwc", folder.join("plinth.db").display());
                Self::Sqlite(sqlx::SqliteConnection::connect(&url).await.unwrap())
            }
            Database::Postgres => {
                let mut connection = app.connect().await;
                connection.execute("create schema if not exists plinth; set search_path to plinth").await.unwrap();
                Self::Postgres(connection)
            }
        }
    }

    fn folder(&self) -> PathBuf {
        let name = match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        };
        repository().join("migrations").join(name)
    }

    async fn migrate(&mut self, version: i64) {
        let migrator = Migrator::new(self.folder()).await.unwrap();
        match self {
            Self::Sqlite(connection) => migrator.run_to(version, connection).await.unwrap(),
            Self::Postgres(connection) => migrator.run_to(version, connection).await.unwrap(),
        }
    }

    async fn execute(&mut self, sql: String) {
        match self {
            Self::Sqlite(connection) => connection.execute(AssertSqlSafe(sql)).await.map(|_| ()).unwrap(),
            Self::Postgres(connection) => {
                connection.execute(AssertSqlSafe(in_postgres(&sql))).await.map(|_| ()).unwrap()
            }
        }
    }
}

/// The rows' bytes, written as SQLite does, as Postgres reads them: sixteen are an id.
fn in_postgres(sql: &str) -> String {
    let mut parts = sql.split("x'");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let digits = part.find('\'').unwrap();
        text.push_str(if digits == 32 { "'" } else { "'\\x" });
        text.push_str(part);
    }
    text
}

/// A database as it was before the migrations behind this one came, and a configuration on it.
async fn earlier(database: Database, web: &Web, until: usize) -> App {
    let app = App::new(database).await;
    app.configure_with(&web.allowed(), "locations: []");
    let mut connected = Connected::to(&app, database).await;
    for name in &names()[..until] {
        let (version, _) = name.split_once('_').unwrap();
        connected.migrate(version.parse().unwrap()).await;
        if let Some(rows) = rows(name) {
            connected.execute(rows).await;
        }
    }
    app
}

async fn references(app: &App) -> BTreeSet<String> {
    let found = app.data("{entities {nodes {ref}}}").await;
    found["entities"]["nodes"].as_array().unwrap().iter().map(|it| it["ref"].as_str().unwrap().to_owned()).collect()
}

async fn serves(app: &App, has_tokens: bool, what: &str) {
    assert_eq!(app.data(ALL).await, all(), "{what}");
    assert!(app.data("{catalogRevision}").await["catalogRevision"].as_i64().unwrap() >= 5, "{what}");
    for (token, subject) in TOKENS.iter().filter(|_| has_tokens) {
        let (status, answer) = app.ask_as(token, "{viewer {actor {subject}}}").await;
        assert_eq!((status, &answer["data"]["viewer"]["actor"]["subject"]), (200, &json!(subject)), "{what}: {answer}");
    }
    let (there, gone, _) = Changes::follow(app, Some(&json!(CURSOR)), false).await.until_synced().await;
    let one = |name: &str| BTreeSet::from([format!("component:default/{name}")]);
    assert_eq!((there, gone), (one("petstore"), one("gone")), "{what}");
}

/// A location is registered and read, a token made; both are there after a new start.
async fn takes_changes(app: &mut App, web: &Web, what: &str) {
    web.write("/new.yaml", &component("new", ""));
    let register =
        "mutation($target: String!) {registerLocation(input: {target: $target, wait: \"PT20S\"}) {sync {state}}}";
    let done = app.run(register, json!({"target": web.url("/new.yaml")})).await;
    assert_eq!(done["registerLocation"]["sync"]["state"], "SUCCEEDED", "{what}");
    let token = app.token(&["--name", "fresh", "--scope", "read"]);
    let before = references(app).await;
    assert!(
        before.contains("component:default/new") && before.contains("component:default/tail"),
        "{what}: {before:?}"
    );
    app.kill();
    app.start().await;
    assert_eq!(references(app).await, before, "{what}");
    assert_eq!(app.ask_as(&token, "{catalogRevision}").await.0, 200, "{what}");
}

#[tokio::test]
async fn each_earlier_database_is_brought_up_to_date_keeps_everything_and_takes_changes() {
    let web = Web::start().await;
    for database in BOTH {
        for (place, name) in names().iter().enumerate() {
            let what = format!("{database:?}, {name}");
            let mut app = earlier(database, &web, place + 1).await;
            app.start().await;
            serves(&app, place > 0, &what).await;
            takes_changes(&mut app, &web, &what).await;
        }
    }
}

#[tokio::test]
async fn two_servers_that_start_at_once_on_an_earlier_database_agree() {
    let web = Web::start().await;
    for (place, name) in names().iter().enumerate() {
        let mut first = earlier(Database::Postgres, &web, place + 1).await;
        let mut second = first.beside();
        second.configure_with(&web.allowed(), "locations: []");
        tokio::join!(first.start(), second.start());
        for app in [&first, &second] {
            serves(app, place > 0, name).await;
        }
        takes_changes(&mut first, &web, name).await;
        second.until("the other sees it", async |app| references(app).await.contains("component:default/new")).await;
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_the_way_out() {
    let web = Web::start().await;
    for database in BOTH {
        let app = earlier(database, &web, names().len()).await;
        let mut connected = Connected::to(&app, database).await;
        let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, \
                     'of tomorrow', true, x'01', 0)";
        connected.execute(newer.to_owned()).await;
        let refused = app.command(&["serve"]).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        let reason = "the database was written by a newer Plinth (it has migration 9999, unknown to this version); run that \
                      version or restore a backup";
        assert!(said.contains(reason), "{database:?}: {said}");
    }
}
