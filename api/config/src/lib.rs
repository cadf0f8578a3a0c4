//! `app-config.yaml` and the environment, read once, with the place of each key.
//!
//! Files are read as Backstage's `@backstage/config-loader` reads them: substitution, includes, merging. What is left
//! is checked for the keys that Plinth owns; keys of other tools pass.
//!
//! ```text
//! files ── plinth-yaml ── transform ──┐
//!                        (substitute) ├─ merge ── Tree ── read ── Config
//! APP_CONFIG_* ───────── environment ─┘             └─ printed
//! ```

mod environment;
mod error;
mod item;
mod merge;
mod printed;
mod read;
mod secret;
mod source;
mod substitute;
mod transform;

pub use error::{Error, Refusal};
pub use read::{Backend, Config, Cors, Listen, RepositoryHost};
pub use source::Sources;

use item::Item;

/// The configuration, and the merged values that it was read from.
#[derive(Debug)]
pub struct Loaded {
    /// What Plinth takes from it.
    pub config: Config,
    /// Everything, with the place of each key.
    pub tree: Tree,
}

/// Merged values with their places.
#[derive(Debug, Clone)]
pub struct Tree(Item);

/// Reads the configuration.
///
/// # Errors
/// Where a file cannot be read or a key that Plinth owns has a wrong value; all such keys are named.
pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let (root, missing) = source::read(sources)?;
    let config = read::config(&root, &missing, sources)?;
    Ok(Loaded { config, tree: Tree(root) })
}

/// Reads and merges everything without looking at what it means.
///
/// # Errors
/// Where a file or a variable cannot be read.
pub fn merged(sources: &Sources) -> Result<Tree, Error> {
    source::read(sources).map(|(root, _)| Tree(root))
}

impl Tree {
    /// The merged values, secrets too: for tests and for what is not printed.
    pub fn to_json(&self) -> serde_json::Value {
        self.0.to_json()
    }

    /// One line a value, sorted by key: the key, the value or `<secret>`, and where it is written.
    pub fn printed(&self) -> String {
        printed::printed(&self.0)
    }
}

#[cfg(test)]
mod tests;
