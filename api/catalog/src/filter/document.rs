//! Texts within an entity's document, read without building a tree: a list may have to look into every document.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json_borrow::Value;

use super::KeyedField;
use crate::{Entity, snapshot::folded};

/// The scalars at a dotted path of an entity's document, folded; a list counts by its members, a map has none. The path
/// is folded too, and a key with dots in it counts as it is written: `metadata.labels.example.com/tier`.
pub(crate) fn scalars_at(entity: &Entity, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut document = serde_json::Deserializer::from_str(&entity.content);
    // What is stored was written as JSON; what is none has no texts.
    let _ = Walk { path, found: &mut found }.deserialize(&mut document);
    found
}

/// The text under a folded key of a map of texts, folded.
pub(crate) fn keyed(entity: &Entity, field: KeyedField, key: &str) -> Vec<String> {
    let map = Document::of(entity).map(|it| it.metadata.map(field)).unwrap_or_default();
    let all = map.iter_object().into_iter().flatten();
    all.filter(|(it, _)| is_same(it, key)).filter_map(|(_, text)| text.as_str().map(folded)).collect()
}

/// Keys with their texts, all folded.
type Pairs = Vec<(String, String)>;

/// All labels and all annotations, read at once.
pub(crate) fn labels_and_annotations(entity: &Entity) -> (Pairs, Pairs) {
    let Some(Document { metadata: Metadata { labels, annotations } }) = Document::of(entity) else {
        return Default::default();
    };
    let texts = |map: Value<'_>| {
        let all = map.iter_object().into_iter().flatten();
        all.filter_map(|(key, text)| Some((folded(key), folded(text.as_str()?)))).collect()
    };
    (texts(labels), texts(annotations))
}

/// Whether a key is a folded one.
fn is_same(key: &str, wanted: &str) -> bool {
    if key.is_ascii() { key.eq_ignore_ascii_case(wanted) } else { folded(key) == wanted }
}

/// What of a path is left behind a key: nothing where the path ends with the key.
fn behind<'p>(path: &'p str, key: &str) -> Option<Option<&'p str>> {
    let long;
    let key = if key.is_ascii() {
        key
    } else {
        long = folded(key);
        &long
    };
    let head = path.as_bytes().get(..key.len())?;
    if !head.eq_ignore_ascii_case(key.as_bytes()) {
        return None;
    }
    match path.as_bytes().get(key.len()) {
        None => Some(None),
        Some(b'.') => Some(Some(&path[key.len() + 1..])),
        Some(_) => None,
    }
}

#[derive(Deserialize)]
struct Document<'d> {
    #[serde(borrow)]
    metadata: Metadata<'d>,
}

#[derive(Deserialize)]
struct Metadata<'d> {
    #[serde(borrow, default, deserialize_with = "any")]
    labels: Value<'d>,
    #[serde(borrow, default, deserialize_with = "any")]
    annotations: Value<'d>,
}

/// A value; the derived code asks for one that lives as long as the struct, not as the text.
fn any<'d, 'de: 'd, D: Deserializer<'de>>(deserializer: D) -> Result<Value<'d>, D::Error> {
    Value::deserialize(deserializer)
}

// === impl Document ===

impl<'d> Document<'d> {
    fn of(entity: &'d Entity) -> Option<Self> {
        serde_json::from_str(&entity.content).ok()
    }
}

// === impl Metadata ===

impl<'d> Metadata<'d> {
    fn map(self, field: KeyedField) -> Value<'d> {
        match field {
            KeyedField::Label => self.labels,
            KeyedField::Annotation => self.annotations,
        }
    }
}

/// Goes down a path; at its end it gathers scalars.
struct Walk<'p, 'f> {
    /// What is left of the path; `""` at its end.
    path: &'p str,
    found: &'f mut Vec<String>,
}

// === impl Walk ===

impl Walk<'_, '_> {
    fn take(self, text: impl FnOnce() -> String) {
        if self.path.is_empty() {
            self.found.push(text());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.take(|| value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.take(|| value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.take(|| value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.take(|| folded(&serde_json::Value::from(value).to_string()));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.take(|| folded(value));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_element_seed(Walk { path: self.path, found: &mut *self.found })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(path) = members.next_key_seed(Key(self.path))? {
            match path {
                Some(path) => members.next_value_seed(Walk { path, found: &mut *self.found })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Reads a key; says what of the path is left behind it, where the path leads through it.
struct Key<'p>(&'p str);

impl<'de, 'p> DeserializeSeed<'de> for Key<'p> {
    type Value = Option<&'p str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for Key<'p> {
    type Value = Option<&'p str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        // At the end of the path a map has no scalars.
        let through = if self.0.is_empty() { None } else { behind(self.0, key) };
        Ok(through.map(Option::unwrap_or_default))
    }
}
