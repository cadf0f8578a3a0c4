//! Filters: which entities a list shows.
//!
//! A filter is asked of one entity and the snapshot that it stands in ([`EntityFilter::matches`]), so that it can be asked
//! of an entity as it was, too. Whole lists are selected by the indexes, which say the same.

mod document;
mod test;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use plinth_auth::Caller;
use plinth_model::EntityRef;

pub(crate) use self::document::labels_and_annotations;
use self::document::{keyed, scalars_at};
pub use self::test::{RefTest, TextTest, TimeTest};
use crate::{Entity, RelationType, Snapshot, snapshot::folded};

/// Which entities a list shows. Texts in it are folded, as [`TextTest`] makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityFilter {
    /// All of these hold; none of them holds of everything.
    All(Vec<Self>),
    /// One of these holds; none of them holds of nothing.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A text of the entity.
    Text(TextField, TextTest),
    /// A reference that the entity is or states.
    Reference(RefField, RefTest),
    /// Whether it is owned by the caller or one of the caller's groups.
    Mine(bool),
    /// A member of a map of texts; its key is folded.
    Keyed(KeyedField, Box<str>, TextTest),
    /// The other ends of its relations, of one type or of all; both directions, dangling ones too.
    Relation(Option<RelationType>, RefTest),
    /// The scalars at a dotted path of its document; the path is folded.
    Field(Box<str>, TextTest),
    /// When its document or place last changed.
    UpdatedAt(TimeTest),
    /// Whether no location holds it any more.
    Orphan(bool),
    /// Whether a problem names it.
    HasProblems(bool),
}

/// Texts that every entity may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextField {
    /// `kind`.
    Kind,
    /// `metadata.namespace`.
    Namespace,
    /// `metadata.name`.
    Name,
    /// `metadata.title`.
    Title,
    /// `spec.type`.
    Type,
    /// `spec.lifecycle`.
    Lifecycle,
    /// `metadata.tags`.
    Tag,
}

/// References that an entity is or states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefField {
    /// Its own.
    Own,
    /// `spec.owner`.
    Owner,
    /// `spec.system`.
    System,
    /// `spec.domain`.
    Domain,
}

/// Maps of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyedField {
    /// `metadata.labels`.
    Label,
    /// `metadata.annotations`.
    Annotation,
}

/// The caller's own references: the person and the groups that the person belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mine(BTreeSet<EntityRef>);

// === impl Mine ===

impl Mine {
    /// Those of a caller. `service:NAME` reads like a short reference of the kind `service`, so only one in full counts.
    pub fn of(caller: &Caller) -> Self {
        let subject = &caller.actor().subject;
        let own = subject.parse().ok().filter(|it: &EntityRef| it.as_str() == subject);
        Self(own.into_iter().chain(caller.groups().iter().map(|it| it.group.clone())).collect())
    }

    /// Whether the caller, or a group of the caller, is this one.
    pub fn contains(&self, reference: &EntityRef) -> bool {
        self.0.contains(reference)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &EntityRef> {
        self.0.iter()
    }
}

impl FromIterator<EntityRef> for Mine {
    fn from_iter<I: IntoIterator<Item = EntityRef>>(references: I) -> Self {
        Self(references.into_iter().collect())
    }
}

// === impl TextField ===

impl TextField {
    /// The texts of an entity, as written.
    pub(crate) fn of(self, entity: &Entity) -> Vec<&str> {
        match self {
            Self::Tag => entity.tags.iter().map(|tag| &**tag).collect(),
            _ => self.one_of(entity).into_iter().collect(),
        }
    }

    /// The text of an entity in a field that has one at most, as written.
    pub(crate) fn one_of(self, entity: &Entity) -> Option<&str> {
        match self {
            Self::Kind => Some(&entity.kind_name),
            Self::Namespace => Some(&entity.namespace),
            Self::Name => Some(&entity.name),
            Self::Title => entity.title.as_deref(),
            Self::Type => entity.spec_type.as_deref(),
            Self::Lifecycle => entity.lifecycle.as_deref(),
            Self::Tag => None,
        }
    }
}

// === impl RefField ===

impl RefField {
    /// The reference of an entity.
    pub(crate) fn of(self, entity: &Entity) -> Option<&EntityRef> {
        match self {
            Self::Own => Some(&entity.reference),
            Self::Owner => entity.owner.as_ref(),
            Self::System => entity.system.as_ref(),
            Self::Domain => entity.domain.as_ref(),
        }
    }
}

// === impl EntityFilter ===

impl EntityFilter {
    /// The filter that holds of everything.
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// What is asked of a member of a map of texts.
    pub fn keyed(field: KeyedField, key: &str, test: TextTest) -> Self {
        Self::Keyed(field, folded(key).into(), test)
    }

    /// What is asked of the scalars at a dotted path of the document.
    pub fn field(path: &str, test: TextTest) -> Self {
        Self::Field(folded(path).into(), test)
    }

    /// Whether it holds of an entity as it stands in a snapshot.
    pub fn matches(&self, snapshot: &Snapshot, entity: &Entity, mine: &Mine) -> bool {
        match self {
            Self::All(all) => all.iter().all(|it| it.matches(snapshot, entity, mine)),
            Self::Any(any) => any.iter().any(|it| it.matches(snapshot, entity, mine)),
            Self::Not(not) => !not.matches(snapshot, entity, mine),
            Self::Text(field, test) => {
                let texts: Vec<_> = field.of(entity).into_iter().map(folded).collect();
                test.holds(&texts)
            }
            Self::Reference(field, test) => test.holds_of(field.of(entity)),
            Self::Mine(wanted) => entity.owner.as_ref().is_some_and(|owner| mine.contains(owner)) == *wanted,
            Self::Keyed(field, key, test) => test.holds(&keyed(entity, *field, key)),
            Self::Relation(kind, test) => {
                let ends = snapshot.ends(&entity.reference, *kind);
                test.holds(|wanted| ends.iter().any(|end| wanted(end)), !ends.is_empty())
            }
            Self::Field(path, test) => test.holds(&scalars_at(entity, path)),
            Self::UpdatedAt(test) => test.holds(entity.updated_at),
            Self::Orphan(wanted) => entity.is_orphan() == *wanted,
            Self::HasProblems(wanted) => snapshot.has_problems(&entity.reference) == *wanted,
        }
    }

    /// Whether it asks for relations, which other entities may declare.
    pub(crate) fn looks_at_relations(&self) -> bool {
        match self {
            Self::All(several) | Self::Any(several) => several.iter().any(Self::looks_at_relations),
            Self::Not(one) => one.looks_at_relations(),
            Self::Relation(..) => true,
            _ => false,
        }
    }

    /// How many tests it makes.
    pub fn size(&self) -> usize {
        match self {
            Self::All(several) | Self::Any(several) => several.iter().map(Self::size).sum(),
            Self::Not(one) => one.size(),
            _ => 1,
        }
    }
}

/// A moment as indexes and cursors keep it.
pub(crate) fn moment(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}
