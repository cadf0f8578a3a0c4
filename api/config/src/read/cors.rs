//! `backend.cors`.

use url::Url;

use super::{Cors, Reader};
use crate::item::{Item, Value};

const ORIGIN: &str = "an origin such as `https://portal.example.com`, with no path and no `*`";
/// What GraphQL is sent by.
const DEFAULT_METHODS: [&str; 2] = ["GET", "POST"];

pub(super) fn cors(reader: &mut Reader<'_>) -> Option<Cors> {
    let item = reader.root.get("backend.cors")?;
    // Backstage's word for none.
    if matches!(item.value, Value::Bool(false)) {
        return None;
    }
    if item.members().is_none() {
        reader.wrong(item, "a map, or `false`");
        return None;
    }
    let origins = texts(reader, item.member("origin")).into_iter().filter_map(|it| origin(reader, it)).collect();
    let methods: Vec<String> =
        texts(reader, item.member("methods")).into_iter().filter_map(|it| method(reader, it)).collect();
    let methods = match item.member("methods") {
        Some(_) => methods,
        None => DEFAULT_METHODS.map(str::to_owned).to_vec(),
    };
    let credentials = reader.flag("backend.cors.credentials").unwrap_or(false);
    Some(Cors { origins, methods, credentials })
}

/// A list, or one alone; `false` is none.
fn texts<'i>(reader: &mut Reader<'_>, item: Option<&'i Item>) -> Vec<&'i Item> {
    match item {
        None => Vec::new(),
        Some(item) => match &item.value {
            Value::Bool(false) => Vec::new(),
            Value::List(_) => reader.list_of(item),
            _ => vec![item],
        },
    }
}

fn origin(reader: &mut Reader<'_>, item: &Item) -> Option<String> {
    let text = reader.text_of(item)?;
    let origin = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && !text.contains('*'))
        .map(|url| url.origin().ascii_serialization())
        .filter(|origin| origin.eq_ignore_ascii_case(text.trim_end_matches('/')));
    if origin.is_none() {
        reader.wrong(item, ORIGIN);
    }
    origin
}

fn method(reader: &mut Reader<'_>, item: &Item) -> Option<String> {
    let text = reader.text_of(item)?;
    if text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(text);
    }
    reader.wrong(item, "a method such as `POST`");
    None
}
