//! A folder with configuration files.

use std::path::Path;

use serde_json::Value as Json;

use crate::{Loaded, Sources};

pub(crate) struct Fixture {
    folder: tempfile::TempDir,
    sources: Sources,
}

/// A folder whose `app-config.yaml` says this.
pub(crate) fn app_config(text: &str) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().canonicalize().unwrap();
    let sources = Sources { default_data_dir: directory.join("default"), directory, ..Sources::default() };
    Fixture { folder, sources }.file("app-config.yaml", text)
}

impl Fixture {
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn config(mut self, name: &str) -> Self {
        self.sources.files.push(name.into());
        self
    }

    pub(crate) fn data_dir(mut self, name: &str) -> Self {
        self.sources.data_dir = Some(name.into());
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.sources.directory
    }

    pub(crate) fn load(&self) -> Loaded {
        crate::load(&self.sources).unwrap()
    }

    pub(crate) fn json(&self) -> Json {
        crate::merged(&self.sources).unwrap().to_json()
    }

    /// What is wrong, a line each, with paths from the folder.
    pub(crate) fn error(&self) -> String {
        self.relative(&crate::load(&self.sources).unwrap_err().to_string())
    }

    /// `file:line message` for each notice.
    pub(crate) fn notices(&self) -> Vec<String> {
        let loaded = self.load();
        assert_eq!(loaded.config.notices, loaded.config.catalog.notices);
        let notices = loaded.config.notices.into_iter();
        notices.map(|it| self.relative(&format!("{}:{} {}", it.place.file, it.place.line, it.message))).collect()
    }

    pub(crate) fn printed(&self) -> String {
        self.relative(&self.load().tree.printed())
    }

    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }
}
