//! What is never printed. When in doubt, it is hidden.

use crate::item::{Item, Value};

/// Words in a key, or in a key above it, that say that its value is a secret.
const WORDS: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "privatekey",
    "credential",
    "authorization",
    "apikey",
    "accesskey",
    "signingkey",
    "cookie",
    "headers",
    "cert",
    "webhook",
    "connectionstring",
    "dsn",
    "pwd",
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

/// What a text may hold that gives it away.
const SIGNS: &[&str] = &[
    "password=",
    "passwd=",
    "pwd=",
    "token=",
    "secret=",
    "apikey=",
    "api_key=",
    "sig=",
    "signature=",
    "-----begin",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
];

/// Whether the value of a key is hidden.
pub(crate) fn is_secret(key: &str, item: &Item) -> bool {
    let key = key.to_lowercase().replace(['-', '_'], "");
    let last = last_word(&key);
    match &item.value {
        _ if WORDS.iter().any(|word| key.contains(word)) => true,
        Value::String(text) => {
            (item.external && !PLAIN.contains(&last)) || last.ends_with("key") || last.ends_with("keys") || tells(text)
        }
        Value::Number(_) => item.external && !PLAIN.contains(&last),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => false,
    }
}

/// `github[0].apps[1]` ends with `apps`.
fn last_word(key: &str) -> &str {
    let bare = key.trim_end_matches(|it: char| it == ']' || it == '[' || it == '"' || it.is_ascii_digit());
    bare.rsplit(['.', '[', '"']).next().unwrap_or_default()
}

/// Whether a text is a secret or a URL with one, whatever its key.
fn tells(text: &str) -> bool {
    let text = text.to_lowercase();
    has_user(&text) || SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether a text may hold a URL with a user, and so a password, well-formed or not.
fn has_user(text: &str) -> bool {
    text.split_once(":/").is_some_and(|(_, rest)| rest.contains('@'))
}
