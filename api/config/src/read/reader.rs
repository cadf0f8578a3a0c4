//! Typed access to values; a wrong one is refused with its place.

use plinth_catalog::Place;

use crate::{Item, Refusal, Value, transform::Missing};

/// Reads values and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Item,
    pub(super) missing: &'a [Missing],
    pub(super) refusals: Vec<Refusal>,
}

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

    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        let place = self.place(key);
        self.refuse_at(place, message);
    }

    pub(super) fn refuse_at(&mut self, place: Place, message: impl Into<String>) {
        self.refusals.push(Refusal { place, message: message.into() });
    }

    pub(super) fn wrong(&mut self, item: &Item, expected: &str) {
        self.refuse_at(item.place.clone(), format!("found {}; expected {expected}", item.what()));
    }

    /// A key that must be there.
    pub(super) fn required(&mut self, key: &str, expected: &str) {
        let place = self.place(key);
        let variable = self.missing.iter().find(|it| it.place.key == key).map(|it| &it.variable);
        let message = match variable {
            Some(variable) => format!("the environment variable `{variable}` is not set; expected {expected}"),
            None => format!("it is missing; expected {expected}"),
        };
        self.refuse_at(place, message);
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

    /// True or false; also as a text, which is what variables give.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let item = self.root.get(key)?;
        match &item.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text == "true" || text == "false" => Some(text == "true"),
            _ => {
                self.wrong(item, "`true` or `false`");
                None
            }
        }
    }

    /// The members of a list; an absent one has none.
    pub(super) fn list(&mut self, key: &str) -> Vec<&'a Item> {
        let Some(item) = self.root.get(key) else { return Vec::new() };
        self.list_of(item)
    }

    pub(super) fn list_of<'i>(&mut self, item: &'i Item) -> Vec<&'i Item> {
        match &item.value {
            Value::List(members) => members.iter().collect(),
            _ => {
                self.wrong(item, "a list");
                Vec::new()
            }
        }
    }

    /// A port: a number or its digits.
    pub(super) fn port(&mut self, item: &Item) -> Option<u16> {
        let port = match &item.value {
            Value::Number(number) => number.as_u64().and_then(|it| u16::try_from(it).ok()),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        if port.is_none() {
            self.wrong(item, "a port from 0 to 65535");
        }
        port
    }
}
