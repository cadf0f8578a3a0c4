//! `backend.database`.

use plinth_storage::{Config as Database, PostgresConfig};
use url::Url;

use super::Reader;
use crate::{
    Sources,
    item::{Item, Value},
};

const POSTGRES_CONNECTION: &str =
    "a map with `host`, `port`, `user`, `password` and `database`, or a `postgres://` connection string";

/// Members of a Postgres connection. One that a variable leaves out is refused: another one would be reached instead.
const CONNECTION: &[&str] = &["connectionString", "host", "port", "user", "password", "database", "ssl"];

pub(super) fn database(reader: &mut Reader<'_>, sources: &Sources) -> Database {
    let directory = sources.data_dir.as_ref().unwrap_or(&sources.default_data_dir);
    let default = Database::Sqlite { directory: directory.clone() };
    if reader.refuse_unset("backend.database") {
        return default;
    }
    let Some(item) = reader.root.get("backend.database").filter(|item| item.members().is_some()) else {
        return default;
    };
    let Some(client) = reader.needed(item, "client", "`better-sqlite3` or `pg`") else { return default };
    match &client.value {
        Value::String(client) if client == "pg" => Database::Postgres(Box::new(postgres(reader, item))),
        Value::String(client) if matches!(client.as_str(), "better-sqlite3" | "sqlite3") => {
            sqlite(reader, item, sources).unwrap_or(default)
        }
        _ => {
            reader.wrong(client, "`better-sqlite3` or `pg`");
            default
        }
    }
}

/// `None` where the default directory is meant.
fn sqlite(reader: &mut Reader<'_>, database: &Item, sources: &Sources) -> Option<Database> {
    if let Some(directory) = &sources.data_dir {
        return Some(Database::Sqlite { directory: directory.clone() });
    }
    reader.refuse_unset("backend.database.connection");
    let connection = database.member("connection")?;
    let in_memory = |item: &Item| matches!(&item.value, Value::String(text) if text == ":memory:");
    if in_memory(connection) || connection.member("filename").is_some_and(in_memory) {
        let message = "`:memory:` is a temporary directory here; everything is gone when the server ends";
        reader.notice(&connection.place, message);
        return Some(Database::Temporary);
    }
    if connection.members().is_none() {
        reader.wrong(connection, "`:memory:` or a map with `directory`");
        return None;
    }
    if let Some(file) = connection.member("filename") {
        reader.refuse_at(file.place.clone(), "single files are not used; expected `directory` instead");
    }
    reader.refuse_unset("backend.database.connection.directory");
    let directory = connection.member("directory")?;
    let path = reader.text_of(directory)?;
    Some(Database::Sqlite { directory: plinth_catalog::normalized(&directory.folder.join(path)) })
}

fn postgres(reader: &mut Reader<'_>, database: &Item) -> PostgresConfig {
    let mut config = PostgresConfig::default();
    let Some(connection) = reader.needed(database, "connection", POSTGRES_CONNECTION) else { return config };
    match &connection.value {
        Value::String(_) => {
            config.url = connection_string(reader, connection);
            return config;
        }
        Value::Map(_) => {}
        _ => {
            reader.wrong(connection, POSTGRES_CONNECTION);
            return config;
        }
    }
    for member in CONNECTION {
        reader.refuse_unset(&format!("backend.database.connection.{member}"));
    }
    config.url = connection.member("connectionString").and_then(|it| connection_string(reader, it));
    let mut text = |key: &str| connection.member(key).and_then(|it| reader.text_of(it));
    config.host = text("host");
    config.user = text("user");
    config.password = text("password");
    config.database = text("database");
    config.port = connection.member("port").and_then(|port| reader.port(port));
    if let Some(ssl) = connection.member("ssl") {
        tls(reader, ssl, &mut config);
    }
    config
}

fn connection_string(reader: &mut Reader<'_>, item: &Item) -> Option<String> {
    let text = reader.text_of(item)?;
    let is_right = Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql"));
    if !is_right {
        // Never the text itself: it may hold a password that our rules do not see in a broken URL.
        reader.refuse_at(item.place.clone(), "found a string; expected a URL that begins with `postgres://`");
    }
    is_right.then_some(text)
}

fn tls(reader: &mut Reader<'_>, ssl: &Item, config: &mut PostgresConfig) {
    if ssl.members().is_none() {
        config.ssl = reader.flag_of(ssl).unwrap_or(false);
        return;
    }
    config.ssl = true;
    for member in ["ca", "rejectUnauthorized"] {
        reader.refuse_unset(&format!("backend.database.connection.ssl.{member}"));
    }
    config.ssl_ca = ssl.member("ca").and_then(|ca| reader.text_of(ca));
    let verifies = ssl.member("rejectUnauthorized").and_then(|it| reader.flag_of(it));
    config.ssl_accept_invalid = verifies == Some(false);
    for item in ["cert", "key", "pfx"].iter().filter_map(|key| ssl.member(key)) {
        reader.notice(&item.place, "client certificates are not implemented yet; Plinth goes on without it");
    }
}
