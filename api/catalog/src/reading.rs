//! Reading a location: files, documents, checks; no database.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arcstr::ArcStr;
use chrono::{DateTime, Utc};
use plinth_model::EntityRef;
use plinth_storage::{Packed, Packer};
use plinth_yaml::Position;

use crate::{
    Entity, Location, LocationType, Problem, ProblemCode, Provider, Severity, Snapshot,
    content::Interner,
    contents::{Contents, Failure, web_url},
    document::{self, FileReading},
    files::{Found, NotFound, Target},
    rules::Rules,
};

/// What to read, and by whose rules.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) location: Arc<Location>,
    /// The configured location that led to it.
    pub(crate) origin: (LocationType, ArcStr),
    /// Whether it may be missing.
    pub(crate) optional: bool,
    /// Whether it stands nowhere, so that no rule is asked whether it may.
    pub(crate) is_anywhere: bool,
    /// What finds its content, where the location is a provider's.
    pub(crate) provider: Option<Arc<Provider>>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) contents: Contents,
    /// What the catalog holds: of a document that is the same there, nothing else is kept.
    pub(crate) known: Arc<Snapshot>,
    pub(crate) now: DateTime<Utc>,
}

/// An entity and where it was found.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Where the document begins.
    pub(crate) at: Position,
    /// Counts from 0 in its file.
    pub(crate) document: u32,
    pub(crate) read_at: DateTime<Utc>,
    /// The one that the catalog holds, where it is the same.
    pub(crate) entity: Arc<Entity>,
    /// What is stored beside it; `None` where the catalog holds it.
    pub(crate) bodies: Option<Bodies>,
}

/// The texts of a document that are stored, and not held in memory.
#[derive(Debug)]
pub(crate) struct Bodies {
    pub(crate) manifest: Packed,
    pub(crate) definition: Option<Packed>,
}

/// What a thread uses for one document after the other.
#[derive(Default)]
pub(crate) struct Tools {
    pub(crate) texts: Interner,
    pub(crate) packer: Packer,
}

/// What a location holds now.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) taken: Vec<Taken>,
    pub(crate) problems: Vec<Problem>,
    /// Entities of these files stay: the file could not be read, or something in it whose name is unknown.
    pub(crate) kept_files: HashSet<ArcStr>,
    /// These stay: their document was refused.
    pub(crate) kept: HashSet<EntityRef>,
    /// Everything stays: the location itself could not be read.
    pub(crate) kept_all: bool,
    pub(crate) documents: usize,
    pub(crate) interest: Interest,
    /// When it is worth reading again, where that is known.
    pub(crate) after: Option<Duration>,
}

/// What must be watched to learn of changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interest {
    pub(crate) target: Option<Target>,
    pub(crate) files: HashSet<PathBuf>,
    pub(crate) folders: HashSet<PathBuf>,
    /// When the reading began.
    pub(crate) since: Option<DateTime<Utc>>,
}

impl Job {
    /// Reads the location to the end; blocks.
    pub(crate) fn read(&self) -> Reading {
        let mut reading = match self.location.kind {
            LocationType::File => self.read_files(),
            LocationType::Url => self.read_url(),
            LocationType::GithubDiscovery | LocationType::GithubOrg => self.read_provider(),
        };
        for problem in &mut reading.problems {
            problem.location = Some(self.location.id);
        }
        reading
    }

    fn read_url(&self) -> Reading {
        let target = &self.location.target;
        let Some(url) = web_url(target) else {
            return self.refused(&format!("`{target}` is no `http` or `https` URL"));
        };
        let files: Vec<ArcStr> = match self.contents.files_of(&url) {
            // Spelt as it was given.
            Ok(files) if files == [url] => vec![target.clone()],
            Ok(files) => files.into_iter().map(|it| String::from(it).into()).collect(),
            Err(failure) => return self.failed(failure),
        };
        let (mut reading, mut tools) = (Reading::default(), Tools::default());
        for file in &files {
            reading.take(document::read_file(self, file.clone(), Path::new("/"), &mut tools));
        }
        reading.kept_all = reading.documents == 0 && !files.is_empty() && reading.kept_files.len() == files.len();
        if files.is_empty() && !self.optional {
            let message = format!("`{target}` names no file");
            let problem = Problem::error(ProblemCode::Unreadable, message, self.now);
            reading.problems.push(Problem { severity: Severity::Warning, ..problem });
        }
        reading
    }

    /// What a provider finds. Nothing is asked of the rules, as with Backstage: they are for what stands in files, those that it
    /// leads to among them.
    fn read_provider(&self) -> Reading {
        let target = &self.location.target;
        let Some(provider) = &self.provider else {
            return self.refused(&format!("no provider of the configuration is for `{target}`"));
        };
        let text = match self.contents.find(provider) {
            Ok(text) => text,
            Err(failure) => return self.failed(failure),
        };
        let job = Self { is_anywhere: true, ..self.clone() };
        let mut reading = Reading::default();
        reading.take(document::read_text(&job, target.clone(), &text, Path::new("/"), &mut Tools::default()));
        reading
    }

    /// The location cannot be read now.
    fn failed(&self, failure: Failure) -> Reading {
        let Failure { code, reason, is_missing, after } = failure;
        if is_missing && self.optional {
            return Reading::default();
        }
        let mut reading = self.refused(&format!("`{}` cannot be read: {reason}", self.location.target));
        reading.problems.iter_mut().for_each(|it| it.code = code);
        Reading { after, ..reading }
    }

    fn read_files(&self) -> Reading {
        let target = match Target::parse(&self.location.target) {
            Ok(target) => target,
            Err(reason) => return self.refused(&format!("`{}`: {reason}", self.location.target)),
        };
        let found = match target.find() {
            Ok(found) => found,
            Err(NotFound { is_missing: true, .. }) if self.optional => Found::default(),
            Err(NotFound { reason, .. }) => {
                let mut reading = self.refused(&format!("`{}` cannot be read: {reason}", self.location.target));
                reading.interest.folders.insert(target.folder().to_owned());
                reading.interest.target = Some(target);
                return reading;
            }
        };
        // What is led to may read what the configured location may, and no more.
        let root = match &self.origin {
            (LocationType::File, origin) => {
                Target::parse(origin).map_or_else(|_| target.root(), |origin| origin.root())
            }
            _ => target.root(),
        };
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        let mut reading = self.read_all(&found.files, &root);
        if found.files.is_empty() && !self.optional {
            let message = format!("`{}` names no file", self.location.target);
            let problem = Problem::error(ProblemCode::Unreadable, message, self.now);
            reading.problems.push(Problem { severity: Severity::Warning, ..problem });
        }
        reading.interest.folders.extend(found.folders);
        reading.interest.folders.insert(target.folder().to_owned());
        reading.interest.folders.extend(reading.interest.files.iter().filter_map(|it| it.parent()).map(PathBuf::from));
        reading.interest.target = Some(target);
        reading
    }

    /// The location cannot be read at all: a problem, never a deletion.
    fn refused(&self, message: &str) -> Reading {
        let problem = Problem::error(ProblemCode::Unreadable, message.to_owned(), self.now);
        Reading { problems: vec![problem], kept_all: true, ..Reading::default() }
    }

    /// Reads files on as many threads as there are cores; the answer is in the order of the files.
    pub(crate) fn read_all(&self, files: &[PathBuf], root: &Path) -> Reading {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = files.len().div_ceil(cores).max(64);
        let parts = std::thread::scope(|scope| {
            let read = |part: &[PathBuf]| {
                let mut tools = Tools::default();
                let read = |file: &PathBuf| document::read_file(self, file.to_string_lossy().into(), root, &mut tools);
                part.iter().map(read).collect::<Vec<_>>()
            };
            let threads: Vec<_> = files.chunks(share).map(|part| scope.spawn(move || read(part))).collect();
            threads
                .into_iter()
                .flat_map(|thread| {
                    thread.join().expect("a panic in a reader is a bug, and the location's reading ends with it")
                })
                .collect::<Vec<_>>()
        });
        let mut reading = Reading::default();
        for part in parts {
            reading.take(part);
        }
        // Not one file could be read.
        reading.kept_all = reading.documents == 0 && !files.is_empty() && reading.kept_files.len() == files.len();
        reading
    }
}

impl Reading {
    pub(crate) fn take(&mut self, part: FileReading) {
        let FileReading { file, taken, problems, kept, keep_file, documents, files, after } = part;
        self.after = self.after.max(after);
        self.taken.extend(taken);
        self.problems.extend(problems);
        self.kept.extend(kept);
        self.documents += documents;
        self.interest.files.extend(files.iter().map(|file| PathBuf::from(&**file)));
        if web_url(&file).is_none() {
            self.interest.files.insert(PathBuf::from(&*file));
        }
        if keep_file {
            self.kept_files.insert(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use plinth_model::ContentHash;

    use super::*;
    use crate::{Config, fixture};

    #[test]
    fn of_a_document_that_the_catalog_holds_nothing_new_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog-info.yaml");
        let write = |title: &str| {
            let document = format!(
                "{{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {{name: a, title: {title}}}, \
                 spec: {{type: service, lifecycle: production, owner: team}}}}\n"
            );
            std::fs::write(&file, &document).unwrap();
            ContentHash::of(document.as_bytes())
        };
        let read = |known: Snapshot| {
            let job = Job {
                location: Arc::new(Location::nowhere()),
                origin: (LocationType::File, "".into()),
                optional: false,
                is_anywhere: true,
                provider: None,
                rules: Arc::new(Rules::of(&Config::default())),
                contents: Contents::of_disk(),
                known: Arc::new(known),
                now: DateTime::UNIX_EPOCH,
            };
            let mut reading = job.read_all(std::slice::from_ref(&file), folder.path());
            assert_eq!((reading.taken.len(), reading.problems.len()), (1, 0));
            reading.taken.remove(0)
        };
        let one = write("one");
        let first = read(Snapshot::default());
        assert!(first.bodies.is_some() && first.entity.manifest == one);
        let known = fixture::with(&Snapshot::default(), vec![first.entity.clone()]);
        let again = read(known.clone());
        assert!(again.bodies.is_none());
        assert!(Arc::ptr_eq(&again.entity, &first.entity));
        let two = write("two");
        let changed = read(known);
        assert!(changed.bodies.is_some() && changed.entity.manifest == two);
    }
}
