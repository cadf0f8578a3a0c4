//! Which files are read, and in which order.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use plinth_catalog::{Place, normalized};
use plinth_yaml::{Limits, Node};

use crate::{
    Error, environment,
    item::{Item, Value},
    merge::merge,
    transform::{Missing, Transform},
};

/// Where a configuration comes from.
#[derive(Clone, Default)]
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

/// Leaves out what the environment holds: secrets, mostly.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("files", &self.files)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// Reads, transforms and merges everything. Also what was left out because a variable is not set.
pub(crate) fn read(sources: &Sources) -> Result<(Item, Vec<Missing>), Error> {
    let (mut missing, mut refusals) = (Vec::new(), Vec::new());
    let mut merged: Option<Item> = None;
    let mut add = |item: Result<Option<Item>, Error>| match item {
        Ok(Some(item)) => merged = merge(item, merged.take()),
        Ok(None) => {}
        Err(error) => refusals.extend(error.refusals),
    };
    for file in files(sources)? {
        add(read_file(&file, &sources.environment, &mut missing));
    }
    let folder: Arc<Path> = sources.directory.as_path().into();
    add(environment::read(&sources.environment, &folder));
    if !refusals.is_empty() {
        return Err(Error { refusals });
    }
    let nothing = || {
        let place = Place { file: sources.directory.display().to_string(), ..Place::default() };
        Item { value: Value::Map(Vec::new()), place, folder, external: false }
    };
    Ok((merged.unwrap_or_else(nothing), missing))
}

fn files(sources: &Sources) -> Result<Vec<PathBuf>, Error> {
    let absolute = |path: &Path| normalized(&sources.directory.join(path));
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
    let text = std::fs::read_to_string(path).map_err(|error| {
        let place = Place { file: file.clone(), ..Place::default() };
        Error::one(place, format!("the file cannot be read: {error}"))
    })?;
    let node = parse(&text, &file)?;
    if matches!(node.value, plinth_yaml::Value::Null) {
        return Ok(None);
    }
    let folder = path.parent().unwrap_or(path).into();
    match (Transform { environment, folder, missing }).root(&node, &file)? {
        Some(item) if matches!(item.value, Value::Map(_)) => Ok(Some(item)),
        _ => {
            let place = Place { file, line: node.at.line, column: node.at.column, key: String::new() };
            Err(Error::one(place, "the file holds no map; expected keys such as `backend` and `catalog`"))
        }
    }
}

/// The YAML of a file.
pub(crate) fn parse(text: &str, file: &str) -> Result<Node, Error> {
    plinth_yaml::parse(text, &Limits::default()).map_err(|error| {
        let (line, column) = (error.at.line, error.at.column);
        Error::one(Place { file: file.to_owned(), line, column, key: String::new() }, error.message)
    })
}
