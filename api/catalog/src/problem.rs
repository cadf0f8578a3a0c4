//! What could not be read or was refused.

use arcstr::ArcStr;
use chrono::{DateTime, Utc};
use plinth_model::EntityRef;

use crate::{Entity, LocationId};

/// A refusal or a conflict, with the place.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What sort it is.
    pub code: ProblemCode,
    /// Whether the document was refused.
    pub severity: Severity,
    /// For a person: what is wrong, and what would be right.
    pub message: String,
    /// Which entity it is about, where that could be read.
    pub entity: Option<EntityRef>,
    /// Where it was read; `None` for the configuration's own.
    pub location: Option<LocationId>,
    /// The file, as an absolute path or URL.
    pub file: Option<ArcStr>,
    /// Counts from 0 in its file.
    pub document: Option<u32>,
    /// Counts from 1.
    pub line: Option<u32>,
    /// Counts from 1.
    pub column: Option<u32>,
    /// Dotted path of the field: `spec.dependsOn[0]`.
    pub field: Option<String>,
    /// When it was first seen.
    pub since: DateTime<Utc>,
}

/// What sort of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemCode {
    /// The file or its folder cannot be read.
    Unreadable,
    /// It is no YAML, or no document of a map.
    Malformed,
    /// A field is missing or wrong.
    Invalid,
    /// No rule allows it.
    NotAllowed,
    /// Another location holds the same reference.
    Conflict,
    /// It names what is not in the catalog.
    DanglingReference,
    /// It is larger, deeper or more than is taken.
    LimitExceeded,
    /// Who holds it answers no more for now; it is read again then.
    RateLimited,
}

impl ProblemCode {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Unreadable,
        Self::Malformed,
        Self::Invalid,
        Self::NotAllowed,
        Self::Conflict,
        Self::DanglingReference,
        Self::LimitExceeded,
        Self::RateLimited,
    ];

    /// As it stands in the schema and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "UNREADABLE",
            Self::Malformed => "MALFORMED",
            Self::Invalid => "INVALID",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::Conflict => "CONFLICT",
            Self::DanglingReference => "DANGLING_REFERENCE",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
        }
    }
}

/// Whether a document was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It was refused.
    Error,
    /// It was taken.
    Warning,
}

impl Severity {
    /// As it stands in the schema and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
        }
    }
}

impl Problem {
    /// A refusal without a place yet.
    pub(crate) fn error(code: ProblemCode, message: String, now: DateTime<Utc>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message,
            entity: None,
            location: None,
            file: None,
            document: None,
            line: None,
            column: None,
            field: None,
            since: now,
        }
    }

    /// A conflict as the one who holds the reference is told of it.
    pub(crate) fn seen_by(&self, holder: &Entity) -> Self {
        let other = self.file.as_deref().unwrap_or("another document");
        let message = format!(
            "`{}` stands also in `{other}`, which is left out while it stands here; give one of them another name, or \
             remove one",
            holder.reference
        );
        Self {
            severity: Severity::Warning,
            entity: Some(holder.reference.clone()),
            location: holder.location,
            file: Some(holder.file.clone()),
            document: Some(holder.document),
            ..Self::error(ProblemCode::Conflict, message, self.since)
        }
    }

    /// What makes it the same problem when it is found again: everything but the time and the place in the text.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.code == other.code
            && self.message == other.message
            && self.entity == other.entity
            && self.file == other.file
            && self.document == other.document
            && self.field == other.field
    }
}
