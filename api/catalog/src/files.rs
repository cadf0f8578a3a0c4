//! Which files a `file` location names.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use globset::{GlobBuilder, GlobMatcher};

/// How many files one location may name, and how many files and folders a search may pass.
const MOST: Bounds = Bounds { files: 200_000, entries: 2_000_000 };

#[derive(Clone, Copy)]
struct Bounds {
    files: usize,
    entries: usize,
}

/// The files of a location, and what must be watched to learn of others.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) folders: BTreeSet<PathBuf>,
}

/// Why no files could be found.
#[derive(Debug)]
pub(crate) struct NotFound {
    pub(crate) reason: String,
    /// Whether the file or the folder of the search is not there.
    pub(crate) is_missing: bool,
}

impl NotFound {
    fn new(reason: String) -> Self {
        Self { reason, is_missing: false }
    }

    fn of(error: &std::io::Error, reason: String) -> Self {
        Self { reason, is_missing: error.kind() == std::io::ErrorKind::NotFound }
    }
}

/// A path, perhaps with globs (`*`, `**`, `?`, `[…]`, `{…}`).
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The folder that the search begins in, or the file itself.
    base: PathBuf,
    glob: Option<GlobMatcher>,
    depth: usize,
}

impl Target {
    /// Reads a target.
    ///
    /// # Errors
    /// Says what is wrong with its globs.
    pub(crate) fn parse(target: &str) -> Result<Self, String> {
        let is_glob = |part: &str| part.contains(['*', '?', '[', '{']);
        let mut base = PathBuf::from("/");
        let mut depth = 0;
        for part in target.split('/').filter(|part| !part.is_empty()) {
            if depth > 0 || is_glob(part) {
                depth = if part.contains("**") || depth == usize::MAX { usize::MAX } else { depth + 1 };
            } else {
                base.push(part);
            }
        }
        if depth == 0 {
            return Ok(Self { base: PathBuf::from(target), glob: None, depth });
        }
        let glob = GlobBuilder::new(target).literal_separator(true).build();
        let glob = glob.map_err(|error| format!("the glob cannot be read: {error}"))?.compile_matcher();
        Ok(Self { base, glob: Some(glob), depth })
    }

    /// One file, whatever its name.
    pub(crate) fn file(path: &Path) -> Self {
        Self { base: path.to_owned(), glob: None, depth: 0 }
    }

    /// All YAML files in a folder and those below it.
    pub(crate) fn yaml_below(folder: &Path) -> Result<Self, String> {
        let glob = format!("{}/**/*.{{yaml,yml}}", globset::escape(&folder.to_string_lossy()));
        let glob = GlobBuilder::new(&glob).literal_separator(true).build().map_err(|error| error.to_string())?;
        Ok(Self { base: folder.to_owned(), glob: Some(glob.compile_matcher()), depth: usize::MAX })
    }

    /// The folder that placeholders and links may not leave: the top of the repository around it, or else the folder
    /// of the file or search.
    pub(crate) fn root(&self) -> PathBuf {
        let folder = if self.glob.is_some() { Some(self.base.as_path()) } else { self.base.parent() };
        let folder = folder.unwrap_or(Path::new("/"));
        let repository = folder.ancestors().find(|ancestor| ancestor.join(".git").exists());
        repository.unwrap_or(folder).to_owned()
    }

    /// The folder that the search begins in, or the file itself.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// Whether a path is one that the target names.
    pub(crate) fn matches(&self, path: &Path) -> bool {
        self.glob.as_ref().map_or_else(|| path == self.base, |glob| glob.is_match(path))
    }

    /// Finds the files, sorted.
    ///
    /// # Errors
    /// Says why the file or the folder of the search cannot be read.
    pub(crate) fn find(&self) -> Result<Found, NotFound> {
        self.find_within(MOST)
    }

    fn find_within(&self, bounds: Bounds) -> Result<Found, NotFound> {
        let mut found = Found::default();
        let Some(glob) = &self.glob else {
            let kind = std::fs::metadata(&self.base).map_err(|error| NotFound::of(&error, error.to_string()))?;
            if kind.is_dir() {
                let reason = "it is a folder; name a file in it, or use a glob such as `**/catalog-info.yaml`";
                return Err(NotFound::new(reason.to_owned()));
            }
            found.files.push(self.base.clone());
            return Ok(found);
        };
        let failed = |error| NotFound::of(&error, format!("`{}`: {error}", self.base.display()));
        std::fs::read_dir(&self.base).map_err(failed)?;
        let hidden =
            |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        let walk = walkdir::WalkDir::new(&self.base).max_depth(self.depth).into_iter();
        for (count, entry) in walk.filter_entry(|entry| !hidden(entry)).enumerate() {
            if count >= bounds.entries {
                let reason = format!("its search passes more than {} files; use a narrower glob", bounds.entries);
                return Err(NotFound::new(reason));
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if vanished(&error) => continue,
                Err(error) => return Err(NotFound::new(error.to_string())),
            };
            if entry.file_type().is_dir() {
                found.folders.insert(entry.into_path());
            } else if glob.is_match(entry.path()) && may_be_file(&entry) {
                found.files.push(entry.into_path());
                if found.files.len() > bounds.files {
                    let reason = format!("it names more than {} files; use a narrower glob", bounds.files);
                    return Err(NotFound::new(reason));
                }
            }
        }
        found.files.sort();
        Ok(found)
    }

    /// Where a file that is not there yet would appear.
    pub(crate) fn folder(&self) -> &Path {
        if self.glob.is_some() { &self.base } else { self.base.parent().unwrap_or(Path::new("/")) }
    }
}

/// What cannot be looked at is taken for a file, so that reading it says why; a link that leads nowhere is none.
fn may_be_file(entry: &walkdir::DirEntry) -> bool {
    if !entry.path_is_symlink() {
        return entry.file_type().is_file();
    }
    match std::fs::metadata(entry.path()) {
        Ok(kind) => kind.is_file(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// What goes while the walk is under way is as if it had never been there. What may not be read is not: to go on would
/// take its entities from the catalog.
fn vanished(error: &walkdir::Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_finds_the_files_that_it_names_and_no_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["a/catalog-info.yaml", "a/b/catalog-info.yaml", "a/other.yaml", ".git/catalog-info.yaml"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let find = |glob: &str| {
            let target = Target::parse(&format!("{}/{glob}", folder.path().display())).unwrap();
            let found = target.find().unwrap();
            let relative = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().display().to_string();
            found.files.iter().map(relative).collect::<Vec<_>>()
        };
        assert_eq!(find("**/catalog-info.yaml"), ["a/b/catalog-info.yaml", "a/catalog-info.yaml"]);
        assert_eq!(find("*/catalog-info.yaml"), ["a/catalog-info.yaml"]);
        assert_eq!(find("a/{catalog-info,other}.yaml"), ["a/catalog-info.yaml", "a/other.yaml"]);
        assert_eq!(find("a/other.yaml"), ["a/other.yaml"]);
    }

    #[test]
    fn a_huge_glob_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..10 {
            std::fs::write(folder.path().join(format!("{number}.yaml")), "").unwrap();
        }
        let target = Target::parse(&format!("{}/*.yaml", folder.path().display())).unwrap();
        let refused = |files, entries| target.find_within(Bounds { files, entries }).unwrap_err().reason;
        assert_eq!(refused(9, 100), "it names more than 9 files; use a narrower glob");
        assert_eq!(refused(100, 10), "its search passes more than 10 files; use a narrower glob");
        assert_eq!(target.find_within(Bounds { files: 10, entries: 11 }).unwrap().files.len(), 10);
    }

    #[test]
    fn a_folder_and_a_missing_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |target: &Path| Target::parse(&target.display().to_string()).unwrap().find().unwrap_err().reason;
        assert!(refused(folder.path()).contains("name a file in it"));
        assert!(refused(&folder.path().join("none.yaml")).contains("No such file"));
    }
}
