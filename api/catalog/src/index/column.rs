//! The fields that have an index, and the values that an entity has in them.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, Utc};

use crate::{
    Entity, RefField, TextField,
    document::SET_BY_INGESTION,
    filter::{labels_and_annotations, moment},
    snapshot::folded,
};

/// A field that has an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Kind,
    Namespace,
    Name,
    Title,
    DisplayName,
    Type,
    Lifecycle,
    Tag,
    Owner,
    System,
    Domain,
    CreatedAt,
    UpdatedAt,
    /// A label: its key, a zero, its value.
    Label,
    /// The key of an annotation.
    AnnotationKey,
    /// Key and value of an annotation as a hash: values are long, and hardly two are the same.
    Annotation,
}

/// The values of an entity: in order, each once.
pub(super) type Found<'e> = Vec<(Column, Cow<'e, str>)>;

impl Column {
    /// All of them, as they are numbered.
    pub(crate) const ALL: [Self; 16] = [
        Self::Kind,
        Self::Namespace,
        Self::Name,
        Self::Title,
        Self::DisplayName,
        Self::Type,
        Self::Lifecycle,
        Self::Tag,
        Self::Owner,
        Self::System,
        Self::Domain,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::Label,
        Self::AnnotationKey,
        Self::Annotation,
    ];

    /// The index of a text.
    pub(crate) fn of_text(field: TextField) -> Self {
        match field {
            TextField::Kind => Self::Kind,
            TextField::Namespace => Self::Namespace,
            TextField::Name => Self::Name,
            TextField::Title => Self::Title,
            TextField::Type => Self::Type,
            TextField::Lifecycle => Self::Lifecycle,
            TextField::Tag => Self::Tag,
        }
    }

    /// The index of a reference; its own has another.
    pub(crate) fn of_reference(field: RefField) -> Option<Self> {
        match field {
            RefField::Own => None,
            RefField::Owner => Some(Self::Owner),
            RefField::System => Some(Self::System),
            RefField::Domain => Some(Self::Domain),
        }
    }

    /// The one value of an entity in a field that has one at most.
    pub(crate) fn value(self, entity: &Entity) -> Option<Cow<'_, str>> {
        let text = |field: TextField| field.one_of(entity).map(as_folded);
        let reference = |field: RefField| field.of(entity).map(|it| it.as_str().into());
        match self {
            Self::Kind => text(TextField::Kind),
            Self::Namespace => text(TextField::Namespace),
            Self::Name => text(TextField::Name),
            Self::Title => text(TextField::Title),
            Self::Type => text(TextField::Type),
            Self::Lifecycle => text(TextField::Lifecycle),
            Self::DisplayName => Some(as_folded(entity.display_name())),
            Self::Owner => reference(RefField::Owner),
            Self::System => reference(RefField::System),
            Self::Domain => reference(RefField::Domain),
            Self::CreatedAt => Some(moment_text(entity.created_at).into()),
            Self::UpdatedAt => Some(moment_text(entity.updated_at).into()),
            Self::Tag | Self::Label | Self::AnnotationKey | Self::Annotation => None,
        }
    }
}

/// All values of an entity.
pub(super) fn terms(entity: &Entity) -> Found<'_> {
    let mut found: Found<'_> = Vec::with_capacity(24);
    found.extend(Column::ALL.into_iter().filter_map(|column| Some((column, column.value(entity)?))));
    found.extend(entity.tags.iter().map(|tag| (Column::Tag, as_folded(tag))));
    let (labels, annotations) = labels_and_annotations(entity);
    found.extend(labels.into_iter().map(|(key, it)| (Column::Label, label(&key, &it).into())));
    for (key, value) in annotations {
        if !is_own(&key) {
            found.push((Column::Annotation, annotation(&key, &value).into()));
        }
        found.push((Column::AnnotationKey, key.into()));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// A text as it is compared; most are so already.
fn as_folded(text: &str) -> Cow<'_, str> {
    let is_folded = text.bytes().all(|it| it.is_ascii() && !it.is_ascii_uppercase());
    if is_folded { text.into() } else { folded(text).into() }
}

/// A label as its index keeps it.
pub(super) fn label(key: &str, value: &str) -> String {
    format!("{key}\0{value}")
}

/// An annotation as its index keeps it.
pub(super) fn annotation(key: &str, value: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (key, value).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Whether ingestion sets an annotation: every entity has it, and nearly each another value.
pub(super) fn is_own(key: &str) -> bool {
    SET_BY_INGESTION.contains(&key) || matches!(key, "backstage.io/view-url" | "backstage.io/edit-url")
}

/// A moment as text that sorts as moments do; nothing came before 1970.
pub(super) fn moment_text(at: DateTime<Utc>) -> String {
    format!("{:020}", moment(at).max(0))
}
