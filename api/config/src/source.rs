//! Which files are read, and in which order.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use plinth_catalog::Place;
use plinth_yaml::{Limits, Node};

use crate::{
    Error, Item, Value, environment,
    merge::merge,
    transform::{Missing, Transform},
};

/// Where a configuration comes from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `--config`, later ones win. Empty means the default names in `directory`.
    pub files: Vec<PathBuf>,
    /// The current directory.
    pub directory: PathBuf,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// `--data-dir`, before `backend.database.connection.directory`.
    pub data_dir: Option<PathBuf>,
    /// The data directory where nothing names one.
    pub default_data_dir: PathBuf,
}

/// Reads, transforms and merges everything. Also what was left out because a variable is not set.
pub(crate) fn read(sources: &Sources) -> Result<(Item, Vec<Missing>), Error> {
    let mut missing = Vec::new();
    let mut merged: Option<Item> = None;
    for file in files(sources)? {
        let Some(item) = read_file(&file, &sources.environment, &mut missing)? else { continue };
        merged = merge(item, merged);
    }
    if let Some(item) = environment::read(&sources.environment)? {
        merged = merge(item, merged);
    }
    let nothing = || {
        let place = Place { file: sources.directory.display().to_string(), ..Place::default() };
        Item { value: Value::Map(Vec::new()), place, external: false }
    };
    Ok((merged.unwrap_or_else(nothing), missing))
}

fn files(sources: &Sources) -> Result<Vec<PathBuf>, Error> {
    let absolute = |path: &Path| sources.directory.join(path);
    if !sources.files.is_empty() {
        return Ok(sources.files.iter().map(|path| absolute(path)).collect());
    }
    let default = absolute(Path::new("app-config.yaml"));
    if !default.exists() {
        let place = Place { file: default.display().to_string(), ..Place::default() };
        return Err(Error::one(place, "the file does not exist; name the configuration with `--config FILE`"));
    }
    let variable = |name: &str| sources.environment.get(name).filter(|it| !it.trim().is_empty());
    let names = variable("PLINTH_ENV").or_else(|| variable("BACKSTAGE_ENV")).cloned().unwrap_or_default();
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut files = vec![default];
    let optional = |name: String| Some(absolute(Path::new(&name))).filter(|path| path.exists());
    files.extend(names.iter().filter_map(|name| optional(format!("app-config.{name}.yaml"))));
    files.extend(optional("app-config.local.yaml".to_owned()));
    files.extend(names.iter().filter_map(|name| optional(format!("app-config.{name}.local.yaml"))));
    Ok(files)
}

fn read_file(
    path: &Path,
    environment: &BTreeMap<String, String>,
    missing: &mut Vec<Missing>,
) -> Result<Option<Item>, Error> {
    let file = path.display().to_string();
    let node = parse(path, &file)?;
    if matches!(node.value, plinth_yaml::Value::Null) {
        return Ok(None);
    }
    let mut transform = Transform { environment, missing };
    let item = transform.item(&node, "", &file)?;
    match item {
        Some(item) if matches!(item.value, Value::Map(_)) => Ok(Some(item)),
        _ => {
            let place = Place { file, line: node.at.line, column: node.at.column, key: String::new() };
            Err(Error::one(place, "the file is no map; expected keys such as `backend` and `catalog`"))
        }
    }
}

/// A file of YAML.
pub(crate) fn parse(path: &Path, file: &str) -> Result<Node, Error> {
    let at_file = Place { file: file.to_owned(), ..Place::default() };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::one(at_file.clone(), format!("cannot be read: {error}")))?;
    plinth_yaml::parse(&text, &Limits::default()).map_err(|error| {
        let place = Place { line: error.at.line, column: error.at.column, ..at_file };
        Error::one(place, error.message)
    })
}
