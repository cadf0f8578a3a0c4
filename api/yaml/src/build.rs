//! From the parser's events to the tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use crate::{
    Entry, Error, ErrorKind, Limits, Node, Position, Value, scalar,
    split::Slice,
    tab::{Lines, Repaired},
};

/// From this many members on, a map's keys are found by hash.
const MANY: usize = 24;

/// Reads one document.
pub(crate) fn build(slice: &Slice<'_>, document: usize, limits: &Limits) -> Result<Node, Error> {
    if slice.whole.len() > limits.document_bytes {
        let message = format!("the document has {} bytes; the limit is {}", slice.whole.len(), limits.document_bytes);
        let at = Position { line: slice.line, column: 1 };
        return Err(Error { kind: ErrorKind::LimitExceeded, document, at, message });
    }
    let mut repaired = Repaired::new(slice.whole);
    loop {
        match Builder::new(&repaired.text, slice.line, document, limits).read(&repaired.text) {
            Ok(node) => return Ok(node),
            Err(Failure::Scan(error)) if repaired.repair(&error) => {}
            Err(failure) => return Err(failure.into_error(slice.line, document, limits)),
        }
    }
}

/// Why a document was not read to its end.
enum Failure {
    /// The parser's own error.
    Scan(ScanError),
    /// Ours.
    Build(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}

impl Failure {
    fn into_error(self, first_line: u32, document: usize, limits: &Limits) -> Error {
        match self {
            Self::Build(error) => error,
            Self::Scan(error) => {
                let at = position(*error.marker(), first_line);
                // The scanner counts open brackets in a byte, and looks ahead of what was built.
                let (kind, message) = match error.info() {
                    "recursion limit exceeded" => (ErrorKind::LimitExceeded, too_deep(limits)),
                    info => (ErrorKind::Malformed, info.to_owned()),
                };
                Error { kind, document, at, message }
            }
        }
    }
}

fn too_deep(limits: &Limits) -> String {
    format!("the document is nested deeper than {} levels", limits.depth)
}

struct Builder<'a> {
    document: usize,
    first_line: u32,
    limits: &'a Limits,
    lines: Lines<'a>,
    nodes: usize,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    root: Option<Node>,
}

/// A list or map that is not closed yet.
struct Frame {
    at: Position,
    /// Whether it stands in brackets, where indentation says nothing.
    flow: bool,
    anchor: usize,
    /// How many nodes there were when it began.
    nodes: usize,
    /// Levels below it so far.
    depth: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Position)>, lines: HashMap<String, u32> },
}

/// What an alias stands for, and what it costs.
struct Anchor {
    node: Node,
    nodes: usize,
    depth: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, first_line: u32, document: usize, limits: &'a Limits) -> Self {
        let (stack, anchors, lines) = (Vec::new(), HashMap::new(), Lines::new(text));
        Self { document, first_line, limits, lines, nodes: 0, stack, anchors, root: None }
    }

    fn read(mut self, text: &str) -> Result<Node, Failure> {
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(Failure::Scan)?;
            self.event(event, span.start)?;
        }
        Ok(self.root.unwrap_or(Node { value: Value::Null, at: Position { line: self.first_line, column: 1 } }))
    }

    fn event(&mut self, event: Event<'_>, start: Marker) -> Result<(), Error> {
        let at = position(start, self.first_line);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, at)?;
                self.check_indent(self.stack.is_empty() && self.lines.begins_with_tab(start), start)?;
                let value = self.scalar(&text, style, tag.as_deref(), at)?;
                let node = Node { value, at };
                self.remember(anchor, &node, 1, 0);
                self.take(node, 0)
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::SequenceStart(anchor, _) => self.open(start, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                self.open(start, anchor, Content::Map { entries: Vec::new(), key: None, lines: HashMap::new() })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.error(ErrorKind::Malformed, at, "content stands behind the end of the document".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, start: Marker, anchor: usize, content: Content) -> Result<(), Error> {
        let at = position(start, self.first_line);
        self.count(1, at)?;
        self.check_depth(self.stack.len() + 1, at)?;
        let flow = self.stack.last().is_some_and(|frame| frame.flow) || self.lines.opens_flow(start);
        self.check_indent(!flow && self.lines.indented_by_tab(start), start)?;
        self.stack.push(Frame { at, flow, anchor, nodes: self.nodes - 1, depth: 0, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(Frame { at, anchor, nodes, depth, content, flow: _ }) = self.stack.pop() else { return Ok(()) };
        let value = match content {
            Content::List(members) => Value::List(members),
            Content::Map { entries, .. } => Value::Map(entries),
        };
        let node = Node { value, at };
        self.remember(anchor, &node, self.nodes - nodes, depth + 1);
        self.take(node, depth + 1)
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Error> {
        let Some(Anchor { nodes, depth, .. }) = self.anchors.get(&anchor) else {
            return Err(self.error(ErrorKind::Malformed, at, "the alias stands inside what it names".to_owned()));
        };
        let (nodes, depth) = (*nodes, *depth);
        self.count(nodes, at)?;
        self.check_depth(self.stack.len() + depth, at)?;
        let node = self.anchors.get(&anchor).map(|it| Node { value: it.node.value.clone(), at });
        node.map_or(Ok(()), |node| self.take(node, depth))
    }

    /// Puts a finished node where it belongs.
    fn take(&mut self, node: Node, depth: usize) -> Result<(), Error> {
        let (document, at) = (self.document, node.at);
        let malformed = |message: String| Error { kind: ErrorKind::Malformed, document, at, message };
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.depth = frame.depth.max(depth);
        match &mut frame.content {
            Content::List(members) => members.push(node),
            Content::Map { entries, key: key @ Some(_), .. } => {
                if let Some((key, key_at)) = key.take() {
                    entries.push(Entry { key, key_at, value: node });
                }
            }
            Content::Map { entries, key, lines } => {
                let text = scalar::key(&node.value)
                    .ok_or_else(|| malformed("a map or list stands as a key; expected a scalar".to_owned()))?;
                if let Some(line) = earlier(entries, lines, &text) {
                    return Err(malformed(format!("the key `{text}` stands already at line {line}")));
                }
                *key = Some((text, at));
            }
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: &Node, nodes: usize, depth: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, Anchor { node: node.clone(), nodes, depth });
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Position) -> Result<Value, Error> {
        if style == ScalarStyle::Plain && text.starts_with(['|', '>']) {
            let message = "a plain scalar cannot begin with `|` or `>`".to_owned();
            return Err(self.error(ErrorKind::Malformed, at, message));
        }
        Ok(match tag {
            Some(tag) => scalar::resolve_tagged(text, &tag.handle, &tag.suffix),
            None if style == ScalarStyle::Plain => scalar::resolve_plain(text),
            None => Value::String(text.to_owned()),
        })
    }

    fn count(&mut self, nodes: usize, at: Position) -> Result<(), Error> {
        self.nodes += nodes;
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        let message = format!("the document has more than {} nodes, aliases counted in full", self.limits.nodes);
        Err(self.error(ErrorKind::LimitExceeded, at, message))
    }

    fn check_depth(&self, depth: usize, at: Position) -> Result<(), Error> {
        if depth <= self.limits.depth {
            return Ok(());
        }
        let message = too_deep(self.limits);
        Err(self.error(ErrorKind::LimitExceeded, at, message))
    }

    /// A list or map without brackets, or the whole document, may not be indented by a tab.
    fn check_indent(&self, is_wrong: bool, start: Marker) -> Result<(), Error> {
        if !is_wrong {
            return Ok(());
        }
        let at = position(start, self.first_line);
        Err(self.error(ErrorKind::Malformed, at, "a tab stands in the indentation; expected spaces".to_owned()))
    }

    fn error(&self, kind: ErrorKind, at: Position, message: String) -> Error {
        Error { kind, document: self.document, at, message }
    }
}

/// The line of an earlier member with this key.
fn earlier(entries: &[Entry], lines: &mut HashMap<String, u32>, key: &str) -> Option<u32> {
    if entries.len() < MANY {
        return entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_at.line);
    }
    for entry in entries.iter().skip(lines.len()) {
        lines.insert(entry.key.clone(), entry.key_at.line);
    }
    lines.get(key).copied()
}

/// A place in the file.
fn position(marker: Marker, first_line: u32) -> Position {
    let line = u32::try_from(marker.line()).unwrap_or(u32::MAX);
    Position {
        line: line.saturating_add(first_line).saturating_sub(1),
        column: u32::try_from(marker.col()).unwrap_or(u32::MAX).saturating_add(1),
    }
}
