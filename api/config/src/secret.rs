//! What is never printed.

use crate::{Item, Value};

/// Words in a key that say that its value is a secret.
const WORDS: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "privatekey",
    "credential",
    "authorization",
    "apikey",
    "accesskey",
    "cookie",
    "passphrase",
    "signingkey",
    "headers",
    "cert",
];

/// Keys whose values are shown though they come from a variable: they say where something is, not how to get in.
const PLAIN: &[&str] = &[
    "host",
    "port",
    "database",
    "user",
    "client",
    "directory",
    "baseurl",
    "title",
    "name",
    "target",
    "type",
    "origin",
    "allow",
];

/// Whether the value of a key is hidden, the keys above it included.
pub(crate) fn is_secret(item: &Item) -> bool {
    let key = item.place.key.to_lowercase().replace(['-', '_'], "");
    if WORDS.iter().any(|word| key.contains(word)) {
        return true;
    }
    let last = key.rsplit('.').next().unwrap_or_default();
    let last = last.split('[').next().unwrap_or_default();
    if item.external && !PLAIN.contains(&last) && matches!(item.value, Value::String(_)) {
        return true;
    }
    matches!(&item.value, Value::String(text) if holds_password(text))
}

/// Whether a text is a URL with a password, or a parameter that is one.
fn holds_password(text: &str) -> bool {
    let user = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || text.to_lowercase().contains("password=")
}
