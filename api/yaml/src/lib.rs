//! YAML text to a tree with positions, within limits; scalars as npm `yaml` 2 reads them.
//!
//! A file is split at its document markers first, so that one malformed document fails alone. The tree is built from
//! the events of `saphyr-parser`, which is known to this crate only; depth, size and aliases are counted as they come.

mod build;
mod node;
mod scalar;
mod split;
mod tab;

pub use node::{Entry, Node, Position, Value};
pub use scalar::resolve_plain;

/// How much is read before a document is refused.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Levels of nesting.
    pub depth: usize,
    /// Nodes of a document, counted after aliases are resolved.
    pub nodes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Bytes of a file.
    pub file_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, nodes: 10_000, document_bytes: 8 << 20, file_bytes: 16 << 20 }
    }
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Counts from 0 in its file; empty documents count.
    pub index: usize,
    /// Its text, without the marker's line.
    pub text: &'a str,
    /// The line of the file at which the text begins, from 1.
    pub line: u32,
    /// What it says.
    pub root: Node,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What sort of error it is.
    pub kind: ErrorKind,
    /// The document's number in its file, from 0.
    pub document: usize,
    /// Where in the file.
    pub at: Position,
    /// For a person.
    pub message: String,
}

/// What sort of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// It is no YAML, or YAML that says nothing definite.
    Malformed,
    /// It is larger or deeper than is read.
    LimitExceeded,
}

/// The documents of a file, each read or refused alone.
pub fn documents<'a>(text: &'a str, limits: &Limits) -> Vec<Result<Document<'a>, Error>> {
    if text.len() > limits.file_bytes {
        let message = format!("the file has {} bytes; the limit is {}", text.len(), limits.file_bytes);
        let kind = ErrorKind::LimitExceeded;
        return vec![Err(Error { kind, document: 0, at: Position { line: 1, column: 1 }, message })];
    }
    let slices = split::split(text.strip_prefix('\u{feff}').unwrap_or(text));
    let read = |(index, slice): (usize, split::Slice<'a>)| {
        let root = build::build(&slice, index, limits)?;
        Ok(Document { index, text: slice.text, line: slice.text_line, root })
    };
    slices.into_iter().enumerate().map(read).collect()
}

/// The one document of a text; an empty text is null.
///
/// # Errors
/// Where it is malformed, too large, or more than one document.
pub fn parse(text: &str, limits: &Limits) -> Result<Node, Error> {
    let mut all = documents(text, limits).into_iter();
    let first = all.next().transpose()?;
    match (first, all.next().transpose()?) {
        (None, _) => Ok(Node { value: Value::Null, at: Position { line: 1, column: 1 } }),
        (Some(document), None) => Ok(document.root),
        (Some(_), Some(second)) => Err(Error {
            kind: ErrorKind::Malformed,
            document: second.index,
            at: Position { line: second.line, column: 1 },
            message: "a second document begins here; expected one".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;
