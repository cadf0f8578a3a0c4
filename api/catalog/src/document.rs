//! From one file to entities and problems.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use plinth_model::{ContentHash, EntityRef, Revision};
use plinth_yaml::{Document, ErrorKind, Limits, Node, Position, Value};

use crate::{
    Problem, ProblemCode,
    content::{self, Interner, Origin},
    placeholder::{Placeholders, read_text},
    reading::{Job, Taken},
    validate::{Finding, identity, validate},
};

/// The annotations that say where an entity comes from; a document cannot set them.
pub(crate) const SET_BY_INGESTION: [&str; 2] =
    ["backstage.io/managed-by-location", "backstage.io/managed-by-origin-location"];

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct FileReading {
    pub(crate) file: Arc<str>,
    pub(crate) taken: Vec<Taken>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) kept: Vec<EntityRef>,
    pub(crate) keep_file: bool,
    pub(crate) documents: usize,
    /// The files that its placeholders name.
    pub(crate) files: Vec<Arc<str>>,
}

/// Reads one file to the end.
pub(crate) fn read_file(job: &Job, path: &PathBuf, root: &Path, texts: &mut Interner) -> FileReading {
    let file: Arc<str> = path.to_string_lossy().into();
    let mut reader = Reader { job, root, texts, reading: FileReading { file, ..FileReading::default() } };
    match read_text(path) {
        Ok(text) => {
            for document in plinth_yaml::documents(&text, &Limits::default()) {
                reader.document(document);
            }
        }
        Err(reason) => {
            reader.reading.keep_file = true;
            let message = format!("`{}` cannot be read: {reason}", path.display());
            let problem = Problem::error(ProblemCode::Unreadable, message, job.now);
            reader.reading.problems.push(Problem { file: Some(reader.reading.file.clone()), ..problem });
        }
    }
    reader.reading
}

struct Reader<'a> {
    job: &'a Job,
    root: &'a Path,
    texts: &'a mut Interner,
    reading: FileReading,
}

impl Reader<'_> {
    fn document(&mut self, document: Result<Document<'_>, plinth_yaml::Error>) {
        self.reading.documents += 1;
        match document {
            // An empty document says nothing, as in Backstage.
            Ok(document) if matches!(document.root.value, Value::Null) => {}
            Ok(document) => self.entity(document),
            Err(error) => {
                let code = match error.kind {
                    ErrorKind::Malformed => ProblemCode::Malformed,
                    ErrorKind::LimitExceeded => ProblemCode::LimitExceeded,
                };
                let finding = Finding { code, field: None, at: error.at, message: error.message };
                self.refuse(error.document, None, vec![finding]);
            }
        }
    }

    fn entity(&mut self, mut document: Document<'_>) {
        let named = identity(&document.root);
        let file = self.reading.file.clone();
        let mut placeholders = Placeholders { file: &file, root: self.root, findings: Vec::new(), files: Vec::new() };
        placeholders.resolve(&mut document.root, "");
        let Placeholders { findings, files, .. } = placeholders;
        self.reading.files.extend(files);
        if !findings.is_empty() {
            return self.refuse(document.index, named, findings);
        }
        if let Err(findings) = validate(&document.root, |kind| self.job.rules.name(kind)) {
            return self.refuse(document.index, named, findings);
        }
        let value = document.root.to_json();
        if !self.job.rules.allow(&value, (self.job.origin.0, &self.job.origin.1)) {
            let finding = not_allowed(&document.root, &self.job.origin.1);
            return self.refuse(document.index, named, vec![finding]);
        }
        match self.take(&document, value) {
            Ok(taken) => self.reading.taken.push(taken),
            Err(message) => {
                let finding = Finding { code: ProblemCode::Invalid, field: None, at: document.root.at, message };
                self.refuse(document.index, named, vec![finding]);
            }
        }
    }

    fn take(&mut self, document: &Document<'_>, mut value: serde_json::Value) -> Result<Taken, String> {
        let file = self.reading.file.clone();
        let (origin_type, origin) = &self.job.origin;
        let place = format!("{}:{file}", self.job.location.kind.as_str());
        annotate(&mut value, [place, format!("{}:{origin}", origin_type.as_str())]);
        let definition = match value.pointer_mut("/spec").and_then(serde_json::Value::as_object_mut) {
            Some(spec) if matches!(spec.get("definition"), Some(serde_json::Value::String(_))) => {
                spec.remove("definition").and_then(|it| it.as_str().map(str::to_owned))
            }
            _ => None,
        };
        let manifest = document.text.to_owned();
        let origin = Origin {
            location: Some(self.job.location.id),
            file,
            document: u32::try_from(document.index).unwrap_or(u32::MAX),
            manifest: ContentHash::of(manifest.as_bytes()),
            definition: definition.as_ref().map(|text| ContentHash::of(text.as_bytes())),
            revision: Revision::default(),
            created_at: self.job.now,
            updated_at: self.job.now,
        };
        let entity = content::entity(&value, value.to_string().into(), origin, self.texts)?;
        Ok(Taken { entity, manifest, definition })
    }

    fn refuse(&mut self, document: usize, entity: Option<EntityRef>, findings: Vec<Finding>) {
        match &entity {
            Some(entity) => self.reading.kept.push(entity.clone()),
            None => self.reading.keep_file = true,
        }
        for Finding { code, field, at: Position { line, column }, message } in findings {
            self.reading.problems.push(Problem {
                entity: entity.clone(),
                file: Some(self.reading.file.clone()),
                document: u32::try_from(document).ok(),
                line: Some(line),
                column: Some(column),
                field,
                ..Problem::error(code, message, self.job.now)
            });
        }
    }
}

/// Says where an entity comes from, as Backstage's ingestion does; what is no map of annotations is replaced.
fn annotate(document: &mut serde_json::Value, values: [String; 2]) {
    let Some(metadata) = document.get_mut("metadata").and_then(serde_json::Value::as_object_mut) else { return };
    let annotations = metadata.entry("annotations").or_insert(serde_json::Value::Null);
    if !annotations.is_object() {
        *annotations = serde_json::Value::Object(Default::default());
    }
    for (key, value) in SET_BY_INGESTION.into_iter().zip(values) {
        annotations[key] = value.into();
    }
}

fn not_allowed(document: &Node, origin: &str) -> Finding {
    let kind = document.get("kind");
    let name = kind.and_then(Node::as_str).unwrap_or_default();
    Finding {
        code: ProblemCode::NotAllowed,
        field: Some("kind".to_owned()),
        at: kind.map_or(document.at, |kind| kind.at),
        message: format!(
            "the kind `{name}` is not allowed from `{origin}`; allow it in `catalog.rules` or in the location's own `rules`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn annotations_say_where_an_entity_comes_from() {
        let place = "backstage.io/managed-by-location";
        let origin = "backstage.io/managed-by-origin-location";
        for (metadata, expected) in [
            (json!({}), json!({place: "file:/a", origin: "file:/b"})),
            (json!({"annotations": null}), json!({place: "file:/a", origin: "file:/b"})),
            (json!({"annotations": {"c": "d", place: 5}}), json!({"c": "d", place: "file:/a", origin: "file:/b"})),
        ] {
            let mut document = json!({"metadata": metadata});
            annotate(&mut document, ["file:/a".to_owned(), "file:/b".to_owned()]);
            assert_eq!(document["metadata"]["annotations"], expected);
        }
    }
}
