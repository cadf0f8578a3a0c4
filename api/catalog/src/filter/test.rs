//! What is asked of a value.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use plinth_model::EntityRef;

use super::moment;
use crate::snapshot::folded;

/// What is asked of the texts that a field has; all of it holds at once. Texts are compared without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextTest {
    /// One of the texts is in each of these.
    pub(crate) is_in: Vec<BTreeSet<String>>,
    pub(crate) is_not_in: BTreeSet<String>,
    pub(crate) starts_with: Option<String>,
    pub(crate) contains: Option<String>,
    pub(crate) exists: Option<bool>,
}

/// What is asked of the references that a field has; all of it holds at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefTest {
    /// One of the references is in each of these.
    pub(crate) is_in: Vec<BTreeSet<EntityRef>>,
    pub(crate) is_not_in: BTreeSet<EntityRef>,
    pub(crate) exists: Option<bool>,
}

/// What is asked of a moment; both hold at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeTest {
    /// It lies before this.
    pub before: Option<DateTime<Utc>>,
    /// It lies behind this.
    pub after: Option<DateTime<Utc>>,
}

// === impl TextTest ===

impl TextTest {
    /// One of the texts is one of these. Said twice, both hold.
    #[must_use]
    pub fn is_in<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        self.is_in.push(texts.into_iter().map(folded).collect());
        self
    }

    /// None of the texts is one of these. Said twice, both hold.
    #[must_use]
    pub fn is_not_in<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        self.is_not_in.extend(texts.into_iter().map(folded));
        self
    }

    /// One of the texts begins so.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Self {
        Self { starts_with: Some(folded(text)), ..self }
    }

    /// One of the texts has this in it.
    #[must_use]
    pub fn contains(self, text: &str) -> Self {
        Self { contains: Some(folded(text)), ..self }
    }

    /// There is a text, or there is none.
    #[must_use]
    pub fn exists(self, wanted: bool) -> Self {
        Self { exists: Some(wanted), ..self }
    }

    /// Whether it holds of one text.
    pub fn holds_of(&self, text: &str) -> bool {
        self.holds(&[folded(text)])
    }

    /// Whether it holds of folded texts.
    pub(crate) fn holds(&self, texts: &[String]) -> bool {
        let Self { is_in, is_not_in, starts_with, contains, exists } = self;
        is_in.iter().all(|wanted| texts.iter().any(|text| wanted.contains(text)))
            && !texts.iter().any(|text| is_not_in.contains(text))
            && starts_with.as_ref().is_none_or(|wanted| texts.iter().any(|text| text.starts_with(wanted.as_str())))
            && contains.as_ref().is_none_or(|wanted| texts.iter().any(|text| text.contains(wanted.as_str())))
            && exists.is_none_or(|wanted| wanted != texts.is_empty())
    }
}

// === impl RefTest ===

impl RefTest {
    /// One of the references is one of these. Said twice, both hold.
    #[must_use]
    pub fn is_in(mut self, references: impl IntoIterator<Item = EntityRef>) -> Self {
        self.is_in.push(references.into_iter().collect());
        self
    }

    /// None of the references is one of these. Said twice, both hold.
    #[must_use]
    pub fn is_not_in(mut self, references: impl IntoIterator<Item = EntityRef>) -> Self {
        self.is_not_in.extend(references);
        self
    }

    /// There is a reference, or there is none.
    #[must_use]
    pub fn exists(self, wanted: bool) -> Self {
        Self { exists: Some(wanted), ..self }
    }

    /// Whether it holds of one reference, or of none.
    pub fn holds_of(&self, reference: Option<&EntityRef>) -> bool {
        self.holds(|wanted| reference.is_some_and(wanted), reference.is_some())
    }

    /// Whether it holds, where `any` says whether one of the references passes, and `some` whether there is one.
    pub(crate) fn holds(&self, any: impl Fn(&dyn Fn(&EntityRef) -> bool) -> bool, some: bool) -> bool {
        let Self { is_in, is_not_in, exists } = self;
        is_in.iter().all(|wanted| any(&|it| wanted.contains(it)))
            && !any(&|it| is_not_in.contains(it))
            && exists.is_none_or(|wanted| wanted == some)
    }
}

// === impl TimeTest ===

impl TimeTest {
    /// Whether it holds of a moment.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        let Self { before, after } = self;
        before.is_none_or(|before| moment(at) < moment(before)) && after.is_none_or(|after| moment(at) > moment(after))
    }
}
