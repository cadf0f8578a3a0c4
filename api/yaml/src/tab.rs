//! Tabs: where YAML forbids them and the parser lets them pass, and where it is the other way round.

use std::borrow::Cow;

use saphyr_parser::{Marker, ScanError};

/// The lines of a document that holds tabs; of any other, nothing.
pub(crate) struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(if text.contains('\t') { text.split('\n').collect() } else { Vec::new() })
    }

    /// Whether only white space with a tab in it stands before a place on its line.
    pub(crate) fn indented_by_tab(&self, at: Marker) -> bool {
        self.line(at).is_some_and(|line| {
            let mut before = line.chars().take(at.col()).peekable();
            before.peek().is_some() && before.clone().all(|it| it == ' ' || it == '\t') && before.any(|it| it == '\t')
        })
    }

    /// Whether a place's line begins with a tab and holds nothing but white space before it.
    pub(crate) fn begins_with_tab(&self, at: Marker) -> bool {
        self.indented_by_tab(at) && self.line(at).is_some_and(|line| line.starts_with('\t'))
    }

    /// Whether a list or map with brackets begins at a place.
    pub(crate) fn opens_flow(&self, at: Marker) -> bool {
        self.line(at).and_then(|line| line.chars().nth(at.col())).is_some_and(|it| it == '[' || it == '{')
    }

    fn line(&self, at: Marker) -> Option<&'a str> {
        self.0.get(at.line().checked_sub(1)?).copied()
    }
}

/// A text for the parser, which may differ from the document in white space only.
pub(crate) struct Repaired<'a> {
    pub(crate) text: Cow<'a, str>,
    /// How many more characters may be read again.
    budget: usize,
    /// The byte before which a space was put last.
    moved: Option<usize>,
}

/// A document with very many tabs behind `:` is refused before it costs more than this.
const MOST_READ_AGAIN: usize = 8 << 20;

impl<'a> Repaired<'a> {
    /// The parser takes a last line of nothing but spaces for part of a block scalar, unless its end is there.
    pub(crate) fn new(text: &'a str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or_default();
        let is_blank = !last.is_empty() && last.bytes().all(|byte| byte == b' ' || byte == b'\t');
        Self {
            text: if is_blank { format!("{text}\n").into() } else { text.into() },
            budget: MOST_READ_AGAIN,
            moved: None,
        }
    }

    /// The parser refuses a tab between `:` and a value, and the end of empty brackets at the column of what they belong
    /// to. Puts spaces there, if that is what the error is about; whether it is worth another try.
    pub(crate) fn repair(&mut self, error: &ScanError) -> bool {
        let index = error.marker().index();
        if index > self.budget {
            return false;
        }
        self.budget -= index;
        let at = self.text.char_indices().nth(index).map_or(self.text.len(), |(at, _)| at);
        if error.info().starts_with("':' must be followed by") {
            let blanks = self.text[..at].bytes().rev().take_while(|byte| *byte == b'\t' || *byte == b' ').count();
            self.text.to_mut().replace_range(at - blanks..at, &" ".repeat(blanks));
            return blanks > 0;
        }
        let closes = error.info() == "invalid indentation" && self.text[at..].starts_with([']', '}']);
        // One column is enough; brackets that end further to the left are wrong.
        let can_move = closes && self.moved.replace(at + 1) != Some(at);
        if can_move {
            self.text.to_mut().insert(at, ' ');
        }
        can_move
    }
}
