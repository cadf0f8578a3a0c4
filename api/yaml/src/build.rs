//! From the parser's events to the tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::{Entry, Error, ErrorKind, Limits, Node, Position, Value, scalar, split::Slice};

/// From this many members on, a map's keys are found by hash.
const MANY: usize = 24;

/// Reads one document.
pub(crate) fn build(slice: &Slice<'_>, document: usize, limits: &Limits) -> Result<Node, Error> {
    let mut builder = Builder {
        document,
        first_line: slice.line,
        limits,
        nodes: 0,
        stack: Vec::new(),
        anchors: HashMap::new(),
        root: None,
    };
    let begin = Position { line: slice.line, column: 1 };
    if slice.whole.len() > limits.document_bytes {
        let message = format!("the document has {} bytes; the limit is {}", slice.whole.len(), limits.document_bytes);
        return Err(builder.error(ErrorKind::LimitExceeded, begin, message));
    }
    let mut parser = Parser::new_from_str(slice.whole);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let at = builder.position(error.marker().line(), error.marker().col());
            builder.error(ErrorKind::Malformed, at, error.info().to_owned())
        })?;
        builder.event(event, span)?;
    }
    Ok(builder.root.unwrap_or(Node { value: Value::Null, at: begin }))
}

struct Builder<'a> {
    document: usize,
    first_line: u32,
    limits: &'a Limits,
    nodes: usize,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    root: Option<Node>,
}

/// A list or map that is not closed yet.
struct Frame {
    at: Position,
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

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let at = self.position(span.start.line(), span.start.col());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, at)?;
                let value = self.scalar(&text, style, tag.as_deref(), at)?;
                let node = Node { value, at };
                self.remember(anchor, &node, 1, 0);
                self.take(node, 0)
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::SequenceStart(anchor, _) => self.open(at, anchor, Content::List(Vec::new())),
            Event::MappingStart(anchor, _) => {
                self.open(at, anchor, Content::Map { entries: Vec::new(), key: None, lines: HashMap::new() })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.error(ErrorKind::Malformed, at, "content stands behind the end of the document".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, at: Position, anchor: usize, content: Content) -> Result<(), Error> {
        self.count(1, at)?;
        self.check_depth(self.stack.len() + 1, at)?;
        self.stack.push(Frame { at, anchor, nodes: self.nodes - 1, depth: 0, content });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(Frame { at, anchor, nodes, depth, content }) = self.stack.pop() else { return Ok(()) };
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
        let plain =
            || if style == ScalarStyle::Plain { scalar::resolve_plain(text) } else { Value::String(text.to_owned()) };
        let Some(tag) = tag else { return Ok(plain()) };
        if tag.handle.is_empty() && tag.suffix == "!" {
            return Ok(Value::String(text.to_owned()));
        }
        if !tag.is_yaml_core_schema() {
            return Ok(Value::String(text.to_owned()));
        }
        let resolved = scalar::resolve_plain(text);
        match (tag.suffix.as_str(), &resolved) {
            ("int" | "float", Value::Number(_)) | ("bool", Value::Bool(_)) | ("null", Value::Null) => Ok(resolved),
            ("int" | "float" | "bool" | "null", _) => {
                let message = format!("`{text}` is tagged `!!{}` and is none", tag.suffix);
                Err(self.error(ErrorKind::Malformed, at, message))
            }
            _ => Ok(Value::String(text.to_owned())),
        }
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
        let message = format!("the document is nested deeper than {} levels", self.limits.depth);
        Err(self.error(ErrorKind::LimitExceeded, at, message))
    }

    fn position(&self, line: usize, column: usize) -> Position {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Position {
            line: line.saturating_add(self.first_line).saturating_sub(1),
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
        }
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
