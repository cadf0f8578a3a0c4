//! `backend.listen`.

use super::{Listen, Reader};
use crate::item::Value;

const DEFAULT_PORT: u16 = 7007;

const EXPECTED: &str = "`:7007`, `127.0.0.1:7007`, `[::1]:7007`, a port, or a map with `host` and `port`";

pub(super) fn listen(reader: &mut Reader<'_>) -> Listen {
    let mut listen = Listen { host: None, port: DEFAULT_PORT, place: reader.place("backend.listen") };
    let Some(item) = reader.root.get("backend.listen") else { return listen };
    match &item.value {
        Value::String(text) => match address(text) {
            Some((host, port)) => (listen.host, listen.port) = (host, port),
            None => reader.wrong(item, EXPECTED),
        },
        Value::Number(_) => listen.port = reader.port(item).unwrap_or(DEFAULT_PORT),
        Value::Map(_) => {
            listen.host = item.member("host").and_then(|host| match &host.value {
                // An empty host is Node's word for every address.
                Value::String(text) if text.is_empty() => None,
                _ => reader.text_of(host),
            });
            if let Some(port) = item.member("port") {
                listen.port = reader.port(port).unwrap_or(DEFAULT_PORT);
            }
        }
        _ => reader.wrong(item, EXPECTED),
    }
    listen
}

/// `[host]:port`, the host in brackets where it is an IPv6 address, or a port alone.
fn address(text: &str) -> Option<(Option<String>, u16)> {
    let (host, port) = text.trim().rsplit_once(':').unwrap_or(("", text.trim()));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.contains(':') && bare == host {
        return None;
    }
    Some((Some(bare.to_owned()).filter(|it| !it.is_empty()), port.parse().ok()?))
}
