//! Formats of single values (`CommonValidatorFunctions` and `KubernetesValidatorFunctions` of Backstage's catalog model).

use super::Format;

pub(super) const API_VERSION: Format = Format {
    expected: "`[prefix/]version`, the prefix a DNS subdomain, the version letters and digits",
    holds: is_api_version,
};
pub(super) const KIND: Format = Format { expected: "a letter, then letters and digits, 63 at most", holds: is_kind };
pub(super) const NAME: Format = Format {
    expected: "1 to 63 of letters, digits, `-`, `_`, `.`, with a letter or digit at both ends",
    holds: is_name,
};
pub(super) const NAMESPACE: Format = Format {
    expected: "1 to 63 of lower-case letters, digits and `-`, with a letter or digit at both ends",
    holds: is_dns_label,
};
pub(super) const TAG: Format =
    Format { expected: "1 to 63 of lower-case letters, digits, `:`, `+`, `#`, in words joined by `-`", holds: is_tag };
pub(super) const TEXT: Format = Format { expected: "a string that is not empty", holds: |_| true };
pub(super) const FILLED: Format = Format { expected: "a string that is not blank", holds: is_filled };
pub(super) const URL: Format = Format { expected: "a URL", holds: is_url };

fn is_kind(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_api_version(text: &str) -> bool {
    let version = match text.split_once('/') {
        Some((prefix, version)) => {
            if !is_dns_subdomain(prefix) {
                return false;
            }
            version
        }
        None => text,
    };
    (1..=63).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63 && outer(bytes.first()) && outer(bytes.last()) && bytes.iter().all(|byte| inner(*byte))
}

/// Words of the given characters, joined by `-`; `dashes` says whether several may stand together.
fn is_dashed(text: &str, dashes: bool, character: fn(u8) -> bool) -> bool {
    let right = |byte: u8| byte == b'-' || character(byte);
    (1..=63).contains(&text.len())
        && text.bytes().all(right)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && (dashes || !text.contains("--"))
}

fn is_dns_label(text: &str) -> bool {
    is_dashed(text, true, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_dns_subdomain(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.split('.').all(is_dns_label)
}

fn is_tag(text: &str) -> bool {
    is_dashed(text, false, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b':' | b'+' | b'#')
    })
}

/// `[dns-subdomain/]name`: the key of a label or annotation.
pub(super) fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

/// As the URL standard says. In schemes that it does not name, the library lets pass what ends in `@`, and `\` behind a port.
fn is_url(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    if url.is_special() {
        return true;
    }
    let read: String = text.chars().filter(|it| !matches!(it, '\t' | '\n' | '\r')).collect();
    let rest = read.trim_matches(|it| it <= ' ').split_once(':').map_or("", |(_, rest)| rest);
    let authority = rest.strip_prefix("//").and_then(|it| it.split(['/', '?', '#']).next()).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    !host.contains('\\') && (host == authority || !host.is_empty())
}

/// Whether something is left when JavaScript's `trim` has been at it.
fn is_filled(text: &str) -> bool {
    let is_space = |it: char| (it.is_whitespace() && it != '\u{85}') || it == '\u{feff}';
    !text.chars().all(is_space)
}
