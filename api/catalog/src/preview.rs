//! What the catalog would take, without taking it.

use std::{collections::HashMap, path::Path};

use arcstr::ArcStr;
use plinth_model::EntityRef;

use crate::{
    Entity, Kind, LocationId, LocationType, Problem, Severity, Snapshot, document,
    plan::conflict,
    reading::{Job, Reading, Tools},
};

/// Documents as the catalog would take them.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The documents whose name could be read, in their order.
    pub found: Vec<FoundEntity>,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
}

/// A document as the catalog would take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundEntity {
    /// The entity's reference.
    pub reference: EntityRef,
    /// As the document writes it, where it was taken.
    pub kind: String,
    /// The title.
    pub title: Option<String>,
    /// What taking it would do.
    pub change: FoundChange,
}

/// What taking a document would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FoundChange {
    /// The entity would be new.
    Added,
    /// The entity would be another.
    Changed,
    /// The entity would stay as it is.
    Unchanged,
    /// The document is wrong, or another one holds its reference.
    Refused,
}

impl Preview {
    /// What a reading would do to a snapshot. Without a location only the document itself is compared, and who holds the
    /// reference does not matter.
    pub(crate) fn of(snapshot: &Snapshot, location: Option<LocationId>, reading: Reading) -> Self {
        let Reading { taken, mut problems, kept, .. } = reading;
        let mut found: Vec<(Option<u32>, FoundEntity)> = Vec::new();
        for reference in kept {
            let document = problems.iter().find(|it| it.entity.as_ref() == Some(&reference)).and_then(|it| it.document);
            found.push((document, FoundEntity::refused(reference)));
        }
        let mut seen: HashMap<&EntityRef, &Entity> = HashMap::new();
        for taken in &taken {
            let entity = &taken.entity;
            let known = snapshot.find(&entity.reference);
            let foreign =
                known.filter(|known| location.is_some() && known.location.is_some_and(|it| Some(it) != location));
            let holder = foreign.map(|it| &**it).or_else(|| seen.get(&entity.reference).copied());
            problems.extend(holder.map(|holder| conflict(taken, &holder.file)));
            let change = match known {
                _ if holder.is_some() => FoundChange::Refused,
                None => FoundChange::Added,
                Some(known) if known.hash == entity.hash => FoundChange::Unchanged,
                Some(known) if location.is_none() && known.manifest == entity.manifest => FoundChange::Unchanged,
                Some(_) => FoundChange::Changed,
            };
            seen.entry(&entity.reference).or_insert(entity);
            found.push((Some(taken.document), FoundEntity::taken(entity, change)));
        }
        found.sort_by_key(|(document, _)| *document);
        Self { found: found.into_iter().map(|(_, it)| it).collect(), problems }
    }

    /// Whether the catalog would take all of it.
    pub fn is_valid(&self) -> bool {
        !self.problems.iter().any(|it| it.severity == Severity::Error)
    }
}

impl FoundEntity {
    pub(crate) fn taken(entity: &Entity, change: FoundChange) -> Self {
        let (kind, title) = (entity.kind_name.to_string(), entity.title.as_deref().map(str::to_owned));
        Self { reference: entity.reference.clone(), kind, title, change }
    }

    pub(crate) fn refused(reference: EntityRef) -> Self {
        let kind = Kind::BUILT_IN.into_iter().map(Kind::as_str).find(|it| it.eq_ignore_ascii_case(reference.kind()));
        let kind = kind.unwrap_or(reference.kind()).to_owned();
        Self { reference, kind, title: None, change: FoundChange::Refused }
    }
}

/// A text of documents that stands nowhere, or at a URL.
pub(crate) fn of_text(job: &Job, text: &str) -> Reading {
    let mut reading = Reading::default();
    let file: ArcStr = if job.location.kind == LocationType::Url { job.location.target.clone() } else { "".into() };
    reading.take(document::read_text(job, file, text, Path::new("/"), &mut Tools::default()));
    for problem in &mut reading.problems {
        problem.file = problem.file.take().filter(|file| !file.is_empty());
    }
    reading
}
