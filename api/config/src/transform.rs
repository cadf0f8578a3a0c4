//! `${VAR}`, `$env`, `$file` and `$include`, as `@backstage/config-loader` replaces them.

use std::{collections::BTreeMap, path::Path};

use plinth_catalog::Place;
use plinth_yaml::{Node, Value as Yaml};

use crate::{Error, Item, Value, item::below, source};

/// A value that is left out because a variable is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) variable: String,
    pub(crate) place: Place,
}

/// How deep includes may lead from file to file.
const MOST_INCLUDES: usize = 16;

/// Replaces what a file says by what it means.
pub(crate) struct Transform<'a> {
    pub(crate) environment: &'a BTreeMap<String, String>,
    pub(crate) missing: &'a mut Vec<Missing>,
}

/// A text after substitution: `None` where a variable is missing.
struct Substituted {
    text: Option<String>,
    external: bool,
    missing: Option<String>,
}

impl Transform<'_> {
    /// The item of a node; `None` where it is left out.
    pub(crate) fn item(&mut self, node: &Node, key: &str, file: &str) -> Result<Option<Item>, Error> {
        self.transformed(node, key, file, 0)
    }

    fn transformed(&mut self, node: &Node, key: &str, file: &str, depth: usize) -> Result<Option<Item>, Error> {
        let place = Place { file: file.to_owned(), line: node.at.line, column: node.at.column, key: key.to_owned() };
        match &node.value {
            Yaml::String(text) => Ok(self.text(text, place)),
            Yaml::Map(entries) => match include_key(node) {
                Some(_) if entries.len() > 1 => {
                    let name = include_key(node).unwrap_or_default();
                    Err(Error::one(place, format!("`{name}` must be the only key of its map")))
                }
                Some(name) => self.include(name, &entries[0].value, place, depth),
                None => self.members(node, place, depth).map(Some),
            },
            _ => self.members(node, place, depth).map(Some),
        }
    }

    /// Lists and maps member by member, other values as they are.
    fn members(&mut self, node: &Node, place: Place, depth: usize) -> Result<Item, Error> {
        let (key, file) = (place.key.clone(), place.file.clone());
        let value = match &node.value {
            Yaml::Map(entries) => {
                let mut members = Vec::with_capacity(entries.len());
                for entry in entries {
                    let item = self.transformed(&entry.value, &below(&key, &entry.key), &file, depth)?;
                    if let Some(mut item) = item {
                        // A member is found at its key, unless it was included from another file.
                        if item.place.file == file {
                            (item.place.line, item.place.column) = (entry.key_at.line, entry.key_at.column);
                        }
                        members.push((entry.key.clone(), item));
                    }
                }
                Value::Map(members)
            }
            Yaml::List(nodes) => {
                let mut members = Vec::with_capacity(nodes.len());
                for (index, node) in nodes.iter().enumerate() {
                    members.extend(self.transformed(node, &format!("{key}[{index}]"), &file, depth)?);
                }
                Value::List(members)
            }
            Yaml::Null => Value::Null,
            Yaml::Bool(value) => Value::Bool(*value),
            Yaml::Number(_) => match node.to_json() {
                serde_json::Value::Number(number) => Value::Number(number),
                _ => Value::Null,
            },
            Yaml::String(text) => Value::String(text.clone()),
        };
        Ok(Item { value, place, external: false })
    }

    fn text(&mut self, text: &str, place: Place) -> Option<Item> {
        let Substituted { text, external, missing } = substitute(text, self.environment);
        if let Some(variable) = missing {
            self.missing.push(Missing { variable, place: place.clone() });
        }
        text.map(|text| Item { value: Value::String(text), place, external })
    }

    fn include(&mut self, name: &str, target: &Node, place: Place, depth: usize) -> Result<Option<Item>, Error> {
        let refused = |message: String| Error::one(place.clone(), message);
        let target = target.as_str().ok_or_else(|| refused(format!("`{name}` takes a string")))?;
        let Substituted { text, missing, .. } = substitute(target, self.environment);
        let target = text.ok_or_else(|| {
            refused(format!(
                "`{name}` needs the environment variable `{}`, which is not set",
                missing.unwrap_or_default()
            ))
        })?;
        let folder = Path::new(&place.file).parent().unwrap_or(Path::new("/")).to_owned();
        match name {
            "$env" => {
                let value = variable(self.environment, &target);
                if value.is_none() {
                    self.missing.push(Missing { variable: target, place: place.clone() });
                }
                Ok(value.map(|text| Item { value: Value::String(text.to_owned()), place, external: true }))
            }
            "$file" => {
                let path = folder.join(&target);
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|error| refused(format!("`{}` cannot be read: {error}", path.display())))?;
                let value = Value::String(text.trim_end_matches(is_javascript_space).to_owned());
                Ok(Some(Item { value, place, external: true }))
            }
            _ => self.include_data(&target, &folder, place, depth),
        }
    }

    fn include_data(&mut self, target: &str, folder: &Path, place: Place, depth: usize) -> Result<Option<Item>, Error> {
        let refused = |message: String| Error::one(place.clone(), message);
        if depth >= MOST_INCLUDES {
            return Err(refused(format!("`$include` leads from file to file more than {MOST_INCLUDES} times")));
        }
        let (path, inner) = target.split_once('#').unwrap_or((target, ""));
        let whole = folder.join(path);
        let file = whole.display().to_string();
        let node = match whole.extension().and_then(|it| it.to_str()) {
            Some("yaml" | "yml") => source::parse(&whole, &file)?,
            Some("json") => {
                let text = std::fs::read_to_string(&whole);
                let text = text.map_err(|error| refused(format!("`{file}` cannot be read: {error}")))?;
                serde_json::from_str::<serde::de::IgnoredAny>(&text)
                    .map_err(|error| refused(format!("`{file}` is no JSON: {error}")))?;
                source::parse(&whole, &file)?
            }
            _ => return Err(refused(format!("`$include` reads .json, .yaml and .yml, not `{path}`"))),
        };
        let Some(node) = inner_node(&node, inner).map_err(&refused)? else { return Ok(None) };
        let at = Place { line: node.at.line, column: node.at.column, file, key: place.key };
        match &node.value {
            Yaml::String(text) => Ok(self.text(text, at)),
            // What was included is taken as it is; its members are transformed again.
            _ => self.members(node, at, depth + 1).map(Some),
        }
    }
}

fn include_key(node: &Node) -> Option<&'static str> {
    ["$file", "$env", "$include"].into_iter().find(|key| node.get(key).is_some())
}

fn inner_node<'a>(node: &'a Node, path: &str) -> Result<Option<&'a Node>, String> {
    let mut node = node;
    for part in path.split('.').filter(|_| !path.is_empty()) {
        if !matches!(node.value, Yaml::Map(_)) {
            return Err(format!("what stands above `{part}` in the included file is no map"));
        }
        let Some(next) = node.get(part) else { return Ok(None) };
        node = next;
    }
    Ok(Some(node))
}

/// A variable's value without the space around it.
fn variable<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    environment.get(name).map(|value| value.trim_matches(is_javascript_space))
}

/// Replaces `${VAR}` and `${VAR:-fallback}`; `$${X}` stands for `${X}`.
fn substitute(text: &str, environment: &BTreeMap<String, String>) -> Substituted {
    let mut result = String::with_capacity(text.len());
    let (mut external, mut missing) = (false, None);
    let mut rest = text;
    while let Some((before, name, behind)) = next_variable(rest) {
        rest = behind;
        if let Some(literal) = before.strip_suffix('$') {
            result.push_str(literal);
            result.push_str("${");
            result.push_str(name);
            result.push('}');
            continue;
        }
        result.push_str(before);
        external = true;
        let (name, fallback) = match name.split_once(":-") {
            Some((name, fallback)) => (name, Some(fallback.trim_matches(is_javascript_space))),
            None => (name, None),
        };
        let name = name.trim_matches(is_javascript_space);
        let value = variable(environment, name);
        let value = match fallback {
            // With a fallback, an empty variable is as good as none.
            Some(fallback) => value.filter(|it| !it.is_empty()).or(Some(fallback).filter(|it| !it.is_empty())),
            None => value,
        };
        match value {
            Some(value) => result.push_str(value),
            None => missing = missing.or(Some(name.to_owned())),
        }
    }
    result.push_str(rest);
    Substituted { text: missing.is_none().then_some(result), external, missing }
}

/// What stands before, within and behind the next `${…}` that holds no brace.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let inner = &text[start + 2..];
        let end = inner.find(['{', '}'])?;
        if inner[end..].starts_with('}') {
            return Some((&text[..start], &inner[..end], &inner[end + 1..]));
        }
        from = start + 2;
    }
}

/// What JavaScript's `trim` takes away.
fn is_javascript_space(character: char) -> bool {
    character.is_whitespace() && character != '\u{85}' || character == '\u{feff}'
}
