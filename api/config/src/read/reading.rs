//! `backend.reading.allow[]`: what may be read over the network.

use plinth_egress::{Allowed, Policy};

use super::Reader;
use crate::item::Item;

const HOST: &str = "a host such as `example.com`, `example.com:8080` or `*.example.com`";

pub(super) fn policy(reader: &mut Reader<'_>) -> Policy {
    let items = reader.maps("backend.reading.allow");
    Policy { allow: items.into_iter().filter_map(|item| allowed(reader, item)).collect() }
}

fn allowed(reader: &mut Reader<'_>, item: &Item) -> Option<Allowed> {
    let member = reader.needed(item, "host", HOST)?;
    let host = reader.text_of(member)?;
    let name = host.strip_prefix("*.").unwrap_or(&host);
    let is_host = url::Url::parse(&format!("http://{name}/")).is_ok_and(|it| it.path() == "/" && it.query().is_none());
    if !is_host || name.contains(['*', '@', '/', '?', '#']) {
        reader.wrong(member, HOST);
        return None;
    }
    let members = item.member("paths").map(|paths| reader.list_of(paths)).unwrap_or_default();
    let mut paths = Vec::new();
    for member in members {
        match reader.text_of(member) {
            Some(path) if path.starts_with('/') => paths.push(path),
            Some(_) => reader.wrong(member, "the beginning of a path, such as `/docs/`"),
            None => {}
        }
    }
    // An empty list allows nothing, as with Backstage; no list allows all.
    if item.member("paths").is_some() && paths.is_empty() {
        return None;
    }
    Some(Allowed { host, paths })
}
