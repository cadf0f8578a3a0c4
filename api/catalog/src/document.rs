//! From one file to entities and problems.

use std::{path::Path, sync::Arc, time::Duration};

use arcstr::ArcStr;
use plinth_model::{ContentHash, EntityRef, Revision};
use plinth_yaml::{Document, ErrorKind, Limits, Node, Position, Value};
use url::Url;

use crate::{
    Problem, ProblemCode, Severity,
    content::{self, Origin},
    contents::{Failure, web_url},
    placeholder::{Budget, Placeholders},
    pointing,
    reading::{Bodies, Job, Taken, Tools},
    validate::{Finding, identity, validate},
};

/// The annotations that say where an entity comes from; a document cannot set them.
pub(crate) const SET_BY_INGESTION: [&str; 2] =
    ["backstage.io/managed-by-location", "backstage.io/managed-by-origin-location"];

/// How many findings of one document are listed.
const MOST_FINDINGS: usize = 100;

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct FileReading {
    pub(crate) file: ArcStr,
    pub(crate) taken: Vec<Taken>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) kept: Vec<EntityRef>,
    pub(crate) keep_file: bool,
    pub(crate) documents: usize,
    /// The files that its placeholders name.
    pub(crate) files: Vec<ArcStr>,
    /// When it is worth reading again, where that is known.
    pub(crate) after: Option<Duration>,
}

/// Reads one file to the end: a path within `root`, or a URL.
pub(crate) fn read_file(job: &Job, file: ArcStr, root: &Path, tools: &mut Tools) -> FileReading {
    let mut reader = Reader { job, root, tools, reading: FileReading { file: file.clone(), ..FileReading::default() } };
    match job.contents.read(&file, root) {
        Ok(text) => reader.text(&text),
        // A `Location` says that it may be missing.
        Err(Failure { is_missing: true, .. }) if job.optional => {}
        Err(Failure { code, reason, after, .. }) => {
            reader.reading.keep_file = true;
            reader.reading.after = after;
            let problem = Problem::error(code, format!("`{file}` cannot be read: {reason}"), job.now);
            reader.reading.problems.push(Problem { file: Some(file), ..problem });
        }
    }
    reader.reading
}

/// Reads a text that stands there.
pub(crate) fn read_text(job: &Job, file: ArcStr, text: &str, root: &Path, tools: &mut Tools) -> FileReading {
    let mut reader = Reader { job, root, tools, reading: FileReading { file, ..FileReading::default() } };
    reader.text(text);
    reader.reading
}

struct Reader<'a> {
    job: &'a Job,
    root: &'a Path,
    tools: &'a mut Tools,
    reading: FileReading,
}

impl Reader<'_> {
    fn text(&mut self, text: &str) {
        for document in plinth_yaml::documents(text, &Limits::default()) {
            self.document(document);
        }
    }

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
        let mut placeholders = Placeholders {
            contents: &self.job.contents,
            file: &file,
            root: self.root,
            findings: Vec::new(),
            warnings: Vec::new(),
            files: Vec::new(),
            budget: Budget::new(),
        };
        placeholders.resolve(&mut document.root, "");
        let Placeholders { findings, warnings, files, .. } = placeholders;
        self.tell(document.index, named.as_ref(), warnings, Severity::Warning);
        self.reading.files.extend(files);
        if !findings.is_empty() {
            return self.refuse(document.index, named, findings);
        }
        if let Err(findings) = validate(&document.root, |kind| self.job.rules.name(kind)) {
            return self.refuse(document.index, named, findings);
        }
        let value = document.root.to_json();
        if !self.job.is_anywhere && !self.job.rules.allow(&value, (self.job.origin.0, &self.job.origin.1)) {
            let finding = not_allowed(&document.root, &self.job.origin.1);
            return self.refuse(document.index, named, vec![finding]);
        }
        let findings = pointing::check(&document.root, &file, Some(self.root).filter(|_| !self.job.is_anywhere));
        if !findings.is_empty() {
            return self.refuse(document.index, named, findings);
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
        annotate(&mut value, [place, format!("{}:{origin}", origin_type.as_str())], web_url(&file).as_ref());
        let definition: Option<Box<str>> = match value.pointer_mut("/spec").and_then(serde_json::Value::as_object_mut) {
            Some(spec) if matches!(spec.get("definition"), Some(serde_json::Value::String(_))) => {
                spec.remove("definition").and_then(|it| it.as_str().map(Box::from))
            }
            _ => None,
        };
        let index = u32::try_from(document.index).unwrap_or(u32::MAX);
        let origin = Origin {
            location: Some(self.job.location.id),
            file,
            document: index,
            manifest: ContentHash::of(document.text.as_bytes()),
            definition: definition.as_deref().map(|text| ContentHash::of(text.as_bytes())),
            hash: None,
            revision: Revision::default(),
            created_at: self.job.now,
            updated_at: self.job.now,
        };
        let entity = content::entity(value.to_string().into(), origin, &mut self.tools.texts)?;
        let known = self.job.known.find(&entity.reference).filter(|known| known.hash == entity.hash);
        let (entity, bodies) = match known {
            Some(known) => (known.clone(), None),
            None => (Arc::new(entity), Some(self.pack(document.text, definition.as_deref())?)),
        };
        Ok(Taken { at: document.root.at, document: index, read_at: self.job.now, entity, bodies })
    }

    fn pack(&mut self, manifest: &str, definition: Option<&str>) -> Result<Bodies, String> {
        let mut pack = |text: &str| self.tools.packer.pack(text).map_err(|error| error.to_string());
        Ok(Bodies { manifest: pack(manifest)?, definition: definition.map(pack).transpose()? })
    }

    fn refuse(&mut self, document: usize, entity: Option<EntityRef>, findings: Vec<Finding>) {
        match &entity {
            Some(entity) => self.reading.kept.push(entity.clone()),
            None => self.reading.keep_file = true,
        }
        self.tell(document, entity.as_ref(), findings, Severity::Error);
    }

    fn tell(&mut self, document: usize, entity: Option<&EntityRef>, mut findings: Vec<Finding>, severity: Severity) {
        let more = findings.len().saturating_sub(MOST_FINDINGS);
        if more > 0 {
            findings.truncate(MOST_FINDINGS);
            if let Some(last) = findings.last_mut() {
                last.message.push_str(&format!("; {more} more of this document are not listed"));
            }
        }
        for Finding { code, field, at: Position { line, column }, message } in findings {
            self.reading.problems.push(Problem {
                severity,
                entity: entity.cloned(),
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

/// Says where an entity comes from, as Backstage's ingestion does; what is no map of annotations is replaced. What a document
/// says itself of where people can see and edit it stays.
fn annotate(document: &mut serde_json::Value, values: [String; 2], url: Option<&Url>) {
    let Some(metadata) = document.get_mut("metadata").and_then(serde_json::Value::as_object_mut) else { return };
    let annotations = metadata.entry("annotations").or_insert(serde_json::Value::Null);
    if !annotations.is_object() {
        *annotations = serde_json::Value::Object(Default::default());
    }
    for (key, value) in SET_BY_INGESTION.into_iter().zip(values) {
        annotations[key] = value.into();
    }
    let Some((annotations, url)) = annotations.as_object_mut().zip(url) else { return };
    let folder = url.join("./").map_or_else(|_| url.to_string(), String::from);
    let seen = ["backstage.io/view-url", "backstage.io/edit-url"].map(|key| (key, url.to_string()));
    for (key, value) in seen.into_iter().chain([("backstage.io/source-location", format!("url:{folder}"))]) {
        annotations.entry(key).or_insert_with(|| value.into());
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
            annotate(&mut document, ["file:/a".to_owned(), "file:/b".to_owned()], None);
            assert_eq!(document["metadata"]["annotations"], expected);
        }
        let mut document = json!({"metadata": {"annotations": {"backstage.io/edit-url": "own"}}});
        let url = "https://a.org/x/y.yaml?z".parse().unwrap();
        annotate(&mut document, ["url:a".to_owned(), "url:b".to_owned()], Some(&url));
        let expected = json!({
            "backstage.io/edit-url": "own", place: "url:a", origin: "url:b",
            "backstage.io/view-url": "https://a.org/x/y.yaml?z", "backstage.io/source-location": "url:https://a.org/x/",
        });
        assert_eq!(document["metadata"]["annotations"], expected);
    }
}
