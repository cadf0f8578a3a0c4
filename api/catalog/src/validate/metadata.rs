//! The rules for `metadata`, the same in every kind.

use plinth_yaml::{Node, Value};

use super::{Check, format, is_nothing};
use crate::document::SET_BY_INGESTION;

impl Check {
    pub(super) fn metadata(&mut self, document: &Node) {
        let Some(metadata) = document.get("metadata") else {
            return self.missing("metadata", document, "a map with at least `name`");
        };
        if !matches!(metadata.value, Value::Map(_)) {
            return self.wrong("metadata", metadata, "a map with at least `name`");
        }
        match metadata.get("name") {
            Some(name) => self.text("metadata.name", name, format::NAME),
            None => self.missing("metadata.name", metadata, format::NAME.expected),
        }
        for (field, format) in
            [("namespace", format::NAMESPACE), ("title", format::TEXT), ("uid", format::TEXT), ("etag", format::TEXT)]
        {
            if let Some(node) = metadata.get(field) {
                self.text(&format!("metadata.{field}"), node, format);
            }
        }
        if let Some(description) = metadata.get("description").filter(|it| it.as_str().is_none()) {
            self.wrong("metadata.description", description, "a string");
        }
        self.keyed_strings("labels", metadata, |value| value.is_empty() || format::is_name(value), LABEL);
        // Ingestion puts its own in place of empty ones, so that `annotations:` with nothing under it is right.
        if !metadata.get("annotations").is_some_and(is_nothing) {
            self.keyed_strings("annotations", metadata, |_| true, "a string; put a number or a boolean in quotes");
        }
        self.tags(metadata);
        self.links(metadata);
    }

    fn keyed_strings(&mut self, member: &str, metadata: &Node, holds: fn(&str) -> bool, expected: &str) {
        let Some(node) = metadata.get(member) else { return };
        let Value::Map(entries) = &node.value else {
            return self.wrong(&format!("metadata.{member}"), node, "a map of strings");
        };
        for entry in entries {
            let field = format!("metadata.{member}[\"{}\"]", entry.key);
            if !format::is_key(&entry.key) {
                let message = format!("`{}` is no key; expected `[dns-subdomain/]name`", entry.key);
                self.invalid(&field, entry.key_at, message);
            }
            let is_overwritten = member == "annotations" && SET_BY_INGESTION.contains(&entry.key.as_str());
            if !is_overwritten && !entry.value.as_str().is_some_and(holds) {
                self.wrong(&field, &entry.value, expected);
            }
        }
    }

    fn tags(&mut self, metadata: &Node) {
        let Some(tags) = metadata.get("tags") else { return };
        let Value::List(members) = &tags.value else {
            return self.wrong("metadata.tags", tags, "a list of strings");
        };
        for (place, tag) in members.iter().enumerate() {
            self.text(&format!("metadata.tags[{place}]"), tag, format::TAG);
        }
    }

    fn links(&mut self, metadata: &Node) {
        let Some(links) = metadata.get("links") else { return };
        let Value::List(members) = &links.value else {
            return self.wrong("metadata.links", links, "a list of maps with `url`");
        };
        for (place, link) in members.iter().enumerate() {
            let field = format!("metadata.links[{place}]");
            if !matches!(link.value, Value::Map(_)) {
                self.wrong(&field, link, "a map with `url`");
                continue;
            }
            match link.get("url") {
                Some(url) => self.text(&format!("{field}.url"), url, format::URL),
                None => self.missing(&format!("{field}.url"), link, "a URL"),
            }
            for (member, format) in [("title", format::FILLED), ("icon", format::FILLED), ("type", format::TEXT)] {
                if let Some(node) = link.get(member) {
                    self.text(&format!("{field}.{member}"), node, format);
                }
            }
        }
    }
}

const LABEL: &str = "empty, or 1 to 63 of letters, digits, `-`, `_`, `.`, with a letter or digit at both ends";
