//! Checking files without a server.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use arcstr::ArcStr;
use chrono::{DateTime, Utc};
use plinth_model::EntityRef;

use crate::{
    Config, Location, LocationType, Problem, ProblemCode, Severity,
    contents::Contents,
    files::{Found, Target},
    plan::conflict,
    reading::{Job, Reading},
    rules::Rules,
};

/// What was checked and what was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many files were read.
    pub files: usize,
    /// The entities of documents that the catalog would take, in the order of files and documents.
    pub entities: Vec<EntityRef>,
    /// What is wrong, in the order of files.
    pub problems: Vec<Problem>,
}

/// Checks files, all YAML files of folders, and globs. A configuration says which kinds may come from where and which
/// custom ones there are; without one every built-in kind may. Nothing is read over the network. Blocks.
pub fn check(paths: &[PathBuf], config: Option<&Config>, now: DateTime<Utc>) -> Checked {
    let job = Job {
        location: Arc::new(Location::nowhere()),
        origin: (LocationType::File, "".into()),
        optional: false,
        provider: None,
        is_anywhere: config.is_none(),
        rules: Arc::new(Rules::of(config.unwrap_or(&Config::default()))),
        contents: Contents::of_disk(),
        known: Arc::default(),
        now,
    };
    let mut checked = Checked::default();
    let mut seen = BTreeSet::new();
    let mut holders = HashMap::new();
    for path in paths {
        let (target, found) = match find(path) {
            Ok(found) => found,
            Err(reason) => {
                checked.problems.push(unreadable(path, format!("`{}`: {reason}", path.display()), now));
                continue;
            }
        };
        if found.files.is_empty() {
            checked.problems.push(unreadable(path, format!("`{}` names no file", path.display()), now));
        }
        let files: Vec<_> = found.files.into_iter().filter(|file| seen.insert(file.clone())).collect();
        checked.files += files.len();
        let origin = (LocationType::File, path.to_string_lossy().into());
        let root = target.root();
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        checked.take(Job { origin, ..job.clone() }.read_all(&files, &root), &mut holders);
    }
    // Those of one file in the order of its documents: conflicts are found after the rest.
    checked.problems.sort_by(|left, right| (&left.file, left.document).cmp(&(&right.file, right.document)));
    for problem in &mut checked.problems {
        problem.location = None;
    }
    checked
}

/// The files that a path names.
fn find(path: &Path) -> Result<(Target, Found), String> {
    let target = match std::fs::metadata(path) {
        Ok(kind) if kind.is_dir() => Target::yaml_below(path)?,
        Ok(_) => Target::file(path),
        Err(_) => Target::parse(&path.to_string_lossy())?,
    };
    let found = target.find().map_err(|it| it.reason)?;
    Ok((target, found))
}

fn unreadable(path: &Path, message: String, now: DateTime<Utc>) -> Problem {
    Problem { file: Some(path.to_string_lossy().into()), ..Problem::error(ProblemCode::Unreadable, message, now) }
}

impl Checked {
    /// Whether every document would be taken.
    pub fn is_valid(&self) -> bool {
        !self.problems.iter().any(|it| it.severity == Severity::Error)
    }

    /// Takes a reading. A reference that stood before is only warned of: who holds it is the catalog's to say.
    fn take(&mut self, reading: Reading, holders: &mut HashMap<EntityRef, ArcStr>) {
        self.problems.extend(reading.problems);
        for taken in reading.taken {
            self.entities.push(taken.entity.reference.clone());
            match holders.get(&taken.entity.reference) {
                Some(holder) => {
                    self.problems.push(Problem { severity: Severity::Warning, ..conflict(&taken, holder) });
                }
                None => drop(holders.insert(taken.entity.reference.clone(), taken.entity.file.clone())),
            }
        }
    }
}
