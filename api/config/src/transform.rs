//! `${VAR}`, `$env`, `$file` and `$include`, as `@backstage/config-loader` replaces them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use plinth_catalog::{Place, normalized};
use plinth_yaml::{Node, Value as Yaml};

use crate::{
    Error,
    item::{Item, Value, below},
    source,
    substitute::{Substituted, substitute, trim_end, variable},
};

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
    /// The folder of the configuration file.
    pub(crate) folder: Arc<Path>,
    pub(crate) missing: &'a mut Vec<Missing>,
}

impl Transform<'_> {
    /// The item of a file's root; `None` where it is left out.
    pub(crate) fn root(&mut self, node: &Node, file: &str) -> Result<Option<Item>, Error> {
        self.transformed(node, "", file, 0)
    }

    fn transformed(&mut self, node: &Node, key: &str, file: &str, depth: usize) -> Result<Option<Item>, Error> {
        let place = Place { file: file.to_owned(), line: node.at.line, column: node.at.column, key: key.to_owned() };
        match (&node.value, include_key(node)) {
            (Yaml::String(text), _) => Ok(self.text(text, place)),
            (Yaml::Map(entries), Some(name)) if entries.len() > 1 => {
                Err(Error::one(place, format!("`{name}` must be the only key of its map")))
            }
            (Yaml::Map(entries), Some(name)) => self.include(name, &entries[0].value, place, depth),
            _ => self.members(node, place, depth).map(Some),
        }
    }

    /// Lists and maps member by member, other values as they are.
    fn members(&mut self, node: &Node, place: Place, depth: usize) -> Result<Item, Error> {
        let value = match &node.value {
            Yaml::Map(entries) => {
                let mut members = Vec::with_capacity(entries.len());
                for entry in entries {
                    let item = self.transformed(&entry.value, &below(&place.key, &entry.key), &place.file, depth)?;
                    let Some(mut item) = item else { continue };
                    // A member is found at its key, unless it was included from another file.
                    if item.place.file == place.file {
                        (item.place.line, item.place.column) = (entry.key_at.line, entry.key_at.column);
                    }
                    members.push((entry.key.clone(), item));
                }
                Value::Map(members)
            }
            Yaml::List(nodes) => {
                let mut members = Vec::with_capacity(nodes.len());
                for (index, node) in nodes.iter().enumerate() {
                    let key = format!("{}[{index}]", place.key);
                    members.extend(self.transformed(node, &key, &place.file, depth)?);
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
        Ok(self.made(value, place, false))
    }

    fn made(&self, value: Value, place: Place, external: bool) -> Item {
        Item { value, place, folder: Arc::clone(&self.folder), external }
    }

    fn text(&mut self, text: &str, place: Place) -> Option<Item> {
        let Substituted { text, external, missing } = substitute(text, self.environment);
        if let Some(variable) = missing {
            self.missing.push(Missing { variable, place: place.clone() });
        }
        text.map(|text| self.made(Value::String(text), place, external))
    }

    fn include(&mut self, name: &str, target: &Node, place: Place, depth: usize) -> Result<Option<Item>, Error> {
        let refused = |message: String| Error::one(place.clone(), message);
        let target = target.as_str().ok_or_else(|| refused(format!("`{name}` takes a string")))?;
        let Substituted { text, missing, .. } = substitute(target, self.environment);
        let target = text.ok_or_else(|| {
            let variable = missing.unwrap_or_default();
            refused(format!("`{name}` needs the environment variable `{variable}`, which is not set"))
        })?;
        match name {
            "$env" => {
                let value = variable(self.environment, &target).map(str::to_owned);
                if value.is_none() {
                    self.missing.push(Missing { variable: target, place: place.clone() });
                }
                Ok(value.map(|text| self.made(Value::String(text), place, true)))
            }
            "$file" => {
                let text = read(&beside(&place.file, &target)).map_err(refused)?;
                Ok(Some(self.made(Value::String(trim_end(&text).to_owned()), place, true)))
            }
            _ => self.include_data(&target, place, depth),
        }
    }

    fn include_data(&mut self, target: &str, place: Place, depth: usize) -> Result<Option<Item>, Error> {
        let refused = |message: String| Error::one(place.clone(), message);
        if depth >= MOST_INCLUDES {
            return Err(refused(format!("`$include` leads from file to file more than {MOST_INCLUDES} times")));
        }
        let (path, inner) = target.split_once('#').unwrap_or((target, ""));
        let whole = beside(&place.file, path);
        let file = whole.display().to_string();
        let text = match whole.extension().and_then(|it| it.to_str()) {
            Some("yaml" | "yml") => read(&whole).map_err(refused)?,
            Some("json") => {
                let text = read(&whole).map_err(refused)?;
                serde_json::from_str::<serde::de::IgnoredAny>(&text)
                    .map_err(|error| refused(format!("`{file}` is no JSON: {error}")))?;
                text
            }
            _ => return Err(refused(format!("`$include` reads .json, .yaml and .yml, not `{path}`"))),
        };
        let node = source::parse(&text, &file)?;
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

/// A path that is written in a file.
fn beside(file: &str, path: &str) -> PathBuf {
    normalized(&Path::new(file).parent().unwrap_or(Path::new("/")).join(path))
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}

fn inner_node<'a>(node: &'a Node, path: &str) -> Result<Option<&'a Node>, String> {
    let mut found = Some(node);
    for part in path.split('.').filter(|_| !path.is_empty()) {
        found = match found {
            Some(node) if matches!(node.value, Yaml::Map(_)) => node.get(part),
            _ => return Err(format!("what stands above `{part}` in the included file is no map")),
        };
    }
    Ok(found)
}
