//! The keys under `backend`.

use std::path::Path;

use plinth_storage::{Config as Database, PostgresConfig};

use super::{Backend, Listen, Reader};
use crate::{Item, Sources, Value};

const DEFAULT_PORT: u16 = 7007;

pub(super) fn backend(reader: &mut Reader<'_>, sources: &Sources) -> Backend {
    let development = reader.flag("backend.auth.dangerouslyDisableDefaultAuthPolicy").unwrap_or(false);
    Backend { listen: listen(reader), database: database(reader, sources), development }
}

fn listen(reader: &mut Reader<'_>) -> Listen {
    let mut listen = Listen { host: None, port: DEFAULT_PORT, place: reader.place("backend.listen") };
    let Some(item) = reader.root.get("backend.listen") else { return listen };
    match &item.value {
        Value::String(text) => match address(text) {
            Some((host, port)) => (listen.host, listen.port) = (host, port),
            None => reader.wrong(item, "`:7007`, `127.0.0.1:7007`, or a map with `host` and `port`"),
        },
        Value::Number(_) => listen.port = reader.port(item).unwrap_or(DEFAULT_PORT),
        Value::Map(_) => {
            listen.host = item.get("host").and_then(|host| match &host.value {
                // An empty host is Node's word for every address.
                Value::String(text) if text.is_empty() => None,
                _ => reader.text_of(host),
            });
            if let Some(port) = item.get("port") {
                listen.port = reader.port(port).unwrap_or(DEFAULT_PORT);
            }
        }
        _ => reader.wrong(item, "`:7007`, `127.0.0.1:7007`, or a map with `host` and `port`"),
    }
    listen
}

/// `[host]:port`, the host in brackets where it is an IPv6 address, or a port alone.
fn address(text: &str) -> Option<(Option<String>, u16)> {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.contains(':') && bare == host {
        return None;
    }
    Some((Some(bare.to_owned()).filter(|it| !it.is_empty()), port.parse().ok()?))
}

fn database(reader: &mut Reader<'_>, sources: &Sources) -> Database {
    let named = || sources.data_dir.clone().unwrap_or_else(|| sources.default_data_dir.clone());
    let default = Database::Sqlite { directory: named() };
    let Some(item) = reader.root.get("backend.database") else { return default };
    let Some(client) = item.get("client") else {
        reader.required("backend.database.client", "`better-sqlite3` or `pg`");
        return default;
    };
    match &client.value {
        Value::String(client) if client == "pg" => Database::Postgres(Box::new(postgres(reader, item))),
        Value::String(client) if matches!(client.as_str(), "better-sqlite3" | "sqlite3") => {
            sqlite(reader, item, sources).unwrap_or(default)
        }
        _ => {
            reader.refuse_at(client.place.clone(), "expected `better-sqlite3` or `pg`");
            default
        }
    }
}

fn sqlite(reader: &mut Reader<'_>, item: &Item, sources: &Sources) -> Option<Database> {
    if let Some(directory) = &sources.data_dir {
        return Some(Database::Sqlite { directory: directory.clone() });
    }
    let connection = item.get("connection")?;
    match &connection.value {
        Value::String(text) if text == ":memory:" => Some(Database::Temporary),
        Value::Map(_) => {
            let directory = connection.get("directory")?;
            let path = reader.text_of(directory)?;
            let folder = Path::new(&directory.place.file).parent().unwrap_or(&sources.directory);
            Some(Database::Sqlite { directory: folder.join(path) })
        }
        _ => {
            reader.wrong(connection, "`:memory:` or a map with `directory`");
            None
        }
    }
}

fn postgres(reader: &mut Reader<'_>, item: &Item) -> PostgresConfig {
    let mut config = PostgresConfig::default();
    let Some(connection) = item.get("connection") else {
        reader.required(
            "backend.database.connection",
            "a map with `host`, `port`, `user`, `password`, or a connection string",
        );
        return config;
    };
    match &connection.value {
        Value::String(text) => {
            config.url = Some(text.clone());
            return config;
        }
        Value::Map(_) => {}
        _ => {
            reader.wrong(connection, "a map with `host`, `port`, `user`, `password`, or a connection string");
            return config;
        }
    }
    let mut text = |key: &str| connection.get(key).and_then(|it| reader.text_of(it));
    config.url = text("connectionString");
    config.host = text("host");
    config.user = text("user");
    config.password = text("password");
    config.database = text("database");
    config.port = connection.get("port").and_then(|port| reader.port(port));
    if let Some(ssl) = connection.get("ssl") {
        match &ssl.value {
            Value::Bool(value) => config.ssl = *value,
            Value::Map(_) => {
                config.ssl = true;
                config.ssl_ca = ssl.get("ca").and_then(|ca| reader.text_of(ca));
                let reject = ssl.get("rejectUnauthorized").map(|it| &it.value);
                config.ssl_accept_invalid = matches!(reject, Some(Value::Bool(false)));
            }
            _ => reader.wrong(ssl, "`true`, `false` or a map with `ca`"),
        }
    }
    config
}
