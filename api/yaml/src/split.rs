//! A file's documents. A marker at the start of a line always ends a document, whatever stands around it
//! (<https://yaml.org/spec/1.2.2/#912-document-markers>), so the file is split before anything is parsed.

/// The text of one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice<'a> {
    /// With its directives and marker: what the parser reads.
    pub(crate) whole: &'a str,
    /// The line of the file at which `whole` begins, from 1.
    pub(crate) line: u32,
    /// Without them: what the document says.
    pub(crate) text: &'a str,
    /// The line of the file at which `text` begins, from 1.
    pub(crate) text_line: u32,
}

/// Where the document that is being read began.
struct Open {
    whole: (usize, u32),
    text: (usize, u32),
    /// A marker began it, or it has content: it is a document even if nothing follows.
    is_document: bool,
}

/// The documents of a text.
pub(crate) fn split(text: &str) -> Vec<Slice<'_>> {
    let mut slices = Vec::new();
    let mut open = Open { whole: (0, 1), text: (0, 1), is_document: false };
    let (mut start, mut number) = (0, 1);
    for line in text.split_inclusive('\n') {
        let next = (start + line.len(), number + 1);
        if is_marker(line, "---") {
            if open.is_document {
                slices.push(slice(text, &open, start));
                open.whole = (start, number);
            }
            // What stands on the marker's own line belongs to the document.
            let alone = line[3..].trim_end().is_empty();
            open = Open { whole: open.whole, text: if alone { next } else { (start, number) }, is_document: true };
        } else if is_marker(line, "...") {
            // Even the end of nothing is a document: theirs counts it too.
            slices.push(slice(text, &open, start));
            open = Open { whole: next, text: next, is_document: false };
        } else {
            let bare = line.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            let is_directive = !open.is_document && line.starts_with('%');
            open.is_document |= !bare.is_empty() && !bare.starts_with('#') && !is_directive;
        }
        (start, number) = next;
    }
    if open.is_document {
        slices.push(slice(text, &open, text.len()));
    }
    slices
}

fn slice<'a>(text: &'a str, open: &Open, end: usize) -> Slice<'a> {
    Slice {
        whole: &text[open.whole.0..end],
        line: open.whole.1,
        text: &text[open.text.0.min(end)..end],
        text_line: open.text.1,
    }
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}
