//! References to entities, by Backstage's rules
//! (<https://backstage.io/docs/features/software-catalog/references>).

use std::{fmt, str::FromStr};

use arcstr::ArcStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `kind:namespace/name` in lower case: the identity of an entity. Cheap to clone, and one pointer wide: a large catalog holds
/// millions of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityRef(ArcStr);

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityRefError {
    /// A part before a `:` or `/`, or the name, is empty.
    #[error("`{0}` is not a reference: expected `[kind:][namespace/]name`, no part of it empty")]
    Malformed(String),
    /// No kind was given where none is implied.
    #[error("`{0}` names no kind: expected `kind:[namespace/]name`")]
    MissingKind(String),
}

impl EntityRef {
    /// The reference of these parts.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        let parts = [kind, ":", namespace, "/", name];
        let mut text = parts.concat();
        if text.is_ascii() {
            text.make_ascii_lowercase();
        } else {
            // Each for itself: what a letter becomes may depend on those beside it.
            text = parts.map(str::to_lowercase).concat();
        }
        Self(text.into())
    }

    /// Reads `[kind:][namespace/]name`; the defaults fill what the text leaves out, and an empty default is none.
    ///
    /// # Errors
    /// Where a part is empty, or where there is neither a kind nor a default for it.
    pub fn parse(text: &str, default_kind: Option<&str>, default_namespace: &str) -> Result<Self, EntityRefError> {
        let slash = text.find('/');
        let colon = text.find(':').filter(|colon| slash.is_none_or(|slash| *colon < slash));
        let kind = colon.map(|colon| &text[..colon]);
        let after_kind = colon.map_or(0, |colon| colon + 1);
        let namespace = slash.map(|slash| &text[after_kind..slash]);
        let name = &text[slash.map_or(after_kind, |slash| slash + 1)..];
        if kind == Some("") || namespace == Some("") || name.is_empty() {
            return Err(EntityRefError::Malformed(shortened(text)));
        }
        let default_kind = default_kind.filter(|kind| !kind.is_empty());
        let default_namespace = if default_namespace.is_empty() { "default" } else { default_namespace };
        let kind = kind.or(default_kind).ok_or_else(|| EntityRefError::MissingKind(shortened(text)))?;
        Ok(Self::new(kind, namespace.unwrap_or(default_namespace), name))
    }

    /// The kind, in lower case.
    pub fn kind(&self) -> &str {
        self.parts().0
    }

    /// The namespace, in lower case.
    pub fn namespace(&self) -> &str {
        self.parts().1
    }

    /// The name, in lower case.
    pub fn name(&self) -> &str {
        self.parts().2
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// No kind has a colon in it, and no namespace a slash.
    fn parts(&self) -> (&str, &str, &str) {
        let (kind, rest) = self.0.split_once(':').unwrap_or_default();
        let (namespace, name) = rest.split_once('/').unwrap_or_default();
        (kind, namespace, name)
    }
}

/// At most 200 characters of what was given, for a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl FromStr for EntityRef {
    type Err = EntityRefError;

    /// A reference with a kind; the namespace may be left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, None, "default")
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for EntityRef {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for EntityRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EntityRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: Option<&str>, namespace: &str, expected: &str) {
        let parsed = EntityRef::parse(text, kind, namespace);
        let found =
            parsed.map_or_else(|_| "error".to_owned(), |it| format!("{}|{}|{}", it.kind(), it.namespace(), it.name()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn references_are_read_as_backstage_reads_them() {
        for (text, without, with) in [
            ("a", "error", "component|ns|a"),
            ("a:b", "a|default|b", "a|ns|b"),
            ("a:b/c", "a|b|c", "a|b|c"),
            ("b/c", "error", "component|b|c"),
            ("a:b:c", "a|default|b:c", "a|ns|b:c"),
            ("a/b:c", "error", "component|a|b:c"),
            ("a:b/c/d", "a|b|c/d", "a|b|c/d"),
            ("a//b", "error", "component|a|/b"),
            ("a:", "error", "error"),
            ("/c", "error", "error"),
            ("a:/c", "error", "error"),
            ("a:b/", "error", "error"),
            (":b", "error", "error"),
            ("", "error", "error"),
        ] {
            check(text, None, "default", without);
            check(text, Some("Component"), "ns", with);
        }
    }

    #[test]
    fn an_empty_default_is_none() {
        check("a", Some(""), "default", "error");
        check("a", Some("API"), "", "api|default|a");
    }

    #[test]
    fn a_reference_is_written_in_lower_case() {
        assert_eq!(EntityRef::new("API", "Default", "User-API").to_string(), "api:default/user-api");
    }
}
