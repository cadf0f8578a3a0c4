//! The limits, and how one is told that something is over them.

use std::fmt;

use async_graphql::{Pos, ServerError};

use crate::error::set_code;

/// What is limited. What an operation has, it has with its fragments expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a document.
    Bytes,
    /// Tokens of a document.
    Tokens,
    /// Brackets inside each other, of all kinds; also selection sets inside each other.
    Nesting,
    /// Bytes of the variables, written as JSON.
    VariableBytes,
    /// Lists and objects inside each other in a variable.
    VariableNesting,
    /// Operations of a document.
    Operations,
    /// Arguments of one field or directive.
    Arguments,
    /// Selections and arguments of all operations and all fragments of a document together.
    Selections,
    /// Fields at the top of an operation.
    RootFields,
    /// Aliases of an operation.
    Aliases,
    /// Directives of an operation.
    Directives,
    /// Lists of types inside each other in introspection.
    Introspection,
    /// Fields that an operation may have to answer, those below a list once for each of its items.
    Cost,
}

/// Why a document is not executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// `extensions.code`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// Lines and columns, both from one; none where the whole is meant.
    pub places: Vec<(usize, usize)>,
}

// === impl Limit ===

impl Limit {
    /// The number itself.
    pub const fn most(self) -> u64 {
        match self {
            Self::Bytes => 15_000,
            Self::Tokens => 4_000,
            Self::Nesting | Self::VariableNesting => 32,
            Self::VariableBytes => 1 << 20,
            Self::Operations | Self::RootFields | Self::Directives => 50,
            Self::Arguments | Self::Aliases => 30,
            Self::Selections | Self::Cost => 10_000,
            Self::Introspection => 2,
        }
    }

    /// Refuses more than the limit.
    pub(super) fn check(self, found: u64, place: Option<Pos>) -> Result<(), Refused> {
        if found <= self.most() {
            return Ok(());
        }
        let (what, way_out) = self.words();
        let what = what.replace("{}", &found.to_string());
        let message = format!("{what}; the limit is {}: {way_out}", self.most());
        Err(Refused::new("LIMIT_EXCEEDED", message, place))
    }

    /// What has how many, and the way out.
    const fn words(self) -> (&'static str, &'static str) {
        const SPLIT: &str = "ask in several requests";
        const SHORTER: &str = "send values as variables, or ask in several requests";
        match self {
            Self::Bytes => ("the document has {} bytes", SHORTER),
            Self::Tokens => ("the document has {} tokens", SHORTER),
            Self::Nesting => ("the document is nested {} deep", "begin further down, at `entity` or `node`"),
            Self::VariableBytes => ("the variables have {} bytes", SPLIT),
            Self::VariableNesting => ("a variable is nested {} deep", "send what is deeper as a string"),
            Self::Operations => ("the document has {} operations", "send only the one to execute"),
            Self::Arguments => ("this has {} arguments", "give each argument once"),
            Self::Selections => {
                ("the document has {} selections and arguments with its fragments expanded", "spread fewer fragments")
            }
            Self::RootFields => {
                ("the operation has {} root fields", "ask for many things by `nodes` or `entitiesByRefs`")
            }
            Self::Aliases => ("the operation has {} aliases with its fragments expanded", SPLIT),
            Self::Directives => ("the operation has {} directives with its fragments expanded", SPLIT),
            Self::Introspection => {
                ("introspection goes through {} lists of types", "ask for one type at a time, by `__type`")
            }
            Self::Cost => ("the operation costs {}", "ask for smaller pages (`first`, `last`) or for fewer fields"),
        }
    }
}

// === impl Refused ===

impl Refused {
    pub(super) fn new(code: &'static str, message: impl Into<String>, places: impl IntoIterator<Item = Pos>) -> Self {
        let places = places.into_iter().map(|pos| (pos.line, pos.column)).collect();
        Self { code, message: message.into(), places }
    }

    /// What no parser would take.
    pub(super) fn unreadable(message: impl Into<String>, place: Pos) -> Self {
        Self::new("GRAPHQL_PARSE_FAILED", message, [place])
    }

    /// What no validator would take.
    pub(super) fn invalid(message: impl Into<String>, places: impl IntoIterator<Item = Pos>) -> Self {
        Self::new("GRAPHQL_VALIDATION_FAILED", message, places)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for ServerError {
    fn from(Refused { code, message, places }: Refused) -> Self {
        let mut error = Self::new(message, None);
        error.locations = places.into_iter().map(Pos::from).collect();
        set_code(&mut error, code);
        error
    }
}
