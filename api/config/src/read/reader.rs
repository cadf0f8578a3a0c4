//! Typed access to values; a wrong one is refused with its place.

use plinth_catalog::{Notice, Place};

use crate::{
    Refusal,
    item::{Item, Value, below},
    secret::is_secret,
    transform::Missing,
};

/// Reads values, and gathers what is wrong with them and what is worth telling.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Item,
    pub(super) missing: &'a [Missing],
    pub(super) refusals: Vec<Refusal>,
    pub(super) notices: Vec<Notice>,
}

/// Longer texts are cut in messages.
const MOST_SHOWN: usize = 60;

impl<'a> Reader<'a> {
    /// Where a key stands, or the nearest one above it that does.
    pub(super) fn place(&self, key: &str) -> Place {
        let mut above = key;
        let found = loop {
            if let Some(item) = self.root.get(above) {
                break &item.place;
            }
            match above.rsplit_once('.') {
                Some((rest, _)) => above = rest,
                None => break &self.root.place,
            }
        };
        Place { key: key.to_owned(), ..found.clone() }
    }

    pub(super) fn refuse_at(&mut self, place: Place, message: impl Into<String>) {
        self.refusals.push(Refusal { place, message: message.into() });
    }

    pub(super) fn notice(&mut self, place: &Place, message: impl Into<String>) {
        self.notices.push(Notice { place: place.clone(), message: message.into() });
    }

    /// Refuses a value, and shows it unless it may be a secret.
    pub(super) fn wrong(&mut self, item: &Item, expected: &str) {
        self.refuse_at(item.place.clone(), format!("found {}; expected {expected}", found(item)));
    }

    /// The variable that is not set, so that this key is left out.
    pub(super) fn unset(&self, key: &str) -> Option<&'a Missing> {
        self.missing.iter().find(|it| it.place.key == key)
    }

    /// Refuses a key whose variable is not set, where going on without it would be something else than was meant.
    pub(super) fn refuse_unset(&mut self, key: &str) -> bool {
        let unset = self.unset(key).filter(|_| self.root.get(key).is_none());
        if let Some(Missing { variable, place }) = unset {
            self.refuse_at(place.clone(), format!("the environment variable `{variable}` is not set"));
        }
        unset.is_some()
    }

    /// The same for a member of something.
    pub(super) fn refuse_unset_below(&mut self, item: &Item, member: &str) {
        let key = below(&item.place.key, member);
        if let Some(Missing { variable, place }) = self.unset(&key).filter(|_| item.member(member).is_none()) {
            self.refuse_at(place.clone(), format!("the environment variable `{variable}` is not set"));
        }
    }

    /// A member that must be there.
    pub(super) fn needed<'i>(&mut self, item: &'i Item, member: &str, expected: &str) -> Option<&'i Item> {
        if let Some(found) = item.member(member) {
            return Some(found);
        }
        let key = below(&item.place.key, member);
        match self.unset(&key) {
            Some(Missing { variable, place }) => {
                let message = format!("the environment variable `{variable}` is not set; expected {expected}");
                self.refuse_at(place.clone(), message);
            }
            None => {
                let place = Place { key, ..item.place.clone() };
                self.refuse_at(place, format!("it is missing; expected {expected}"));
            }
        }
        None
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let item = self.root.get(key)?;
        self.text_of(item)
    }

    pub(super) fn text_of(&mut self, item: &Item) -> Option<String> {
        match &item.value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            _ => {
                self.wrong(item, "a string that is not empty");
                None
            }
        }
    }

    /// True or false; also as the texts and numbers that Backstage takes, since variables give texts.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let item = self.root.get(key)?;
        self.flag_of(item)
    }

    pub(super) fn flag_of(&mut self, item: &Item) -> Option<bool> {
        let word = match &item.value {
            Value::Bool(value) => return Some(*value),
            Value::String(text) => text.trim().to_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        match word.as_str() {
            "y" | "yes" | "true" | "1" | "on" => Some(true),
            "n" | "no" | "false" | "0" | "off" => Some(false),
            _ => {
                self.wrong(item, "`true` or `false`");
                None
            }
        }
    }

    /// The members of a list.
    pub(super) fn list_of<'i>(&mut self, item: &'i Item) -> Vec<&'i Item> {
        match &item.value {
            Value::List(members) => members.iter().collect(),
            _ => {
                self.wrong(item, "a list");
                Vec::new()
            }
        }
    }

    /// The members of a list that are maps; others are refused. An absent list has none.
    pub(super) fn maps(&mut self, key: &str) -> Vec<&'a Item> {
        let Some(item) = self.root.get(key) else { return Vec::new() };
        self.maps_of(item)
    }

    pub(super) fn maps_of<'i>(&mut self, item: &'i Item) -> Vec<&'i Item> {
        let mut members = self.list_of(item);
        members.retain(|member| {
            let is_map = member.members().is_some();
            if !is_map {
                self.wrong(member, "a map");
            }
            is_map
        });
        members
    }

    /// A port: a number or its digits.
    pub(super) fn port(&mut self, item: &Item) -> Option<u16> {
        let port = match &item.value {
            Value::Number(number) => number.as_u64().and_then(|it| u16::try_from(it).ok()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if port.is_none() {
            self.wrong(item, "a port from 0 to 65535");
        }
        port
    }
}

/// What a value is, for a message; only what sort of value, where that may be a secret.
fn found(item: &Item) -> String {
    let shown = match &item.value {
        Value::String(text) if !text.is_empty() => text.escape_debug().to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return item.what().to_owned(),
    };
    if is_secret(&item.place.key, item) {
        return item.what().to_owned();
    }
    match shown.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("`{}…`", &shown[..end]),
        None => format!("`{shown}`"),
    }
}
