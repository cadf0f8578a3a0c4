//! The index at one moment, and how entities are found in it.
//!
//! What counts is where a word stands and how much of it was given, never how often it stands in other entities: a hit's
//! place depends on nothing but the search and the entity, so that a page's cursor holds while others come and go, and is
//! the same on each server.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use roaring::RoaringBitmap;
use tantivy::{
    Searcher, SegmentReader,
    columnar::ColumnValues,
    index::{InvertedIndexReader, SegmentId},
    postings::TermInfo,
    query::{DfaWrapper, FuzzyTermQuery},
    schema::{Field, IndexRecordOption},
};

use super::{
    found::{Found, Rank},
    index::{Fields, LENGTH, NUMBER},
    score::{self, Marks},
    text::{SearchText, Term, forgiven, is_forgiven_at_once, needed},
};
use crate::{Entity, Snapshot};

/// Words of a search in which errors are forgiven, at most: each is compared with many.
const FORGIVEN: usize = 8;

/// The index of one snapshot.
pub(super) struct View {
    snapshot: Arc<Snapshot>,
    segments: Vec<Segment>,
    fields: Fields,
    /// Documents of all segments, those that left too.
    documents: usize,
}

/// Some of the documents.
struct Segment {
    reader: SegmentReader,
    /// How many stand in the segments before it.
    base: usize,
    documents: Arc<[Document]>,
}

/// What stands of a document beside its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    /// The entity's number in the snapshot that is indexed.
    number: u32,
    /// Bytes of its name.
    length: u32,
}

/// The documents of the segments of a view: a segment never changes, so the next view needs only those of new ones.
pub(super) type KnownSegments = HashMap<SegmentId, Arc<[Document]>>;

/// How a word may stand in a field: the mark that says so, where it may.
struct Way {
    field: Field,
    exact: Marks,
    prefix: Marks,
    typo: Marks,
    /// Characters from which on a word's beginning is looked for.
    least: usize,
}

/// For each document, how a word stands in it; nothing where it does not.
struct Column {
    marks: Vec<Marks>,
    /// Those with a mark, each once, so that nobody looks at all.
    places: Vec<usize>,
}

/// Recognises words like one, and how whole words do: with the marks beside the field's own.
type Alike = Vec<(DfaWrapper, Marks)>;

// === impl View ===

impl View {
    pub(super) fn of(
        snapshot: Arc<Snapshot>,
        searcher: &Searcher,
        fields: Fields,
        known: &mut KnownSegments,
    ) -> tantivy::Result<Self> {
        let (mut segments, mut base, mut before) = (Vec::new(), 0, std::mem::take(known));
        for reader in searcher.segment_readers() {
            let id = reader.segment_id();
            let documents = match before.remove(&id) {
                Some(documents) => documents,
                None => Document::all(reader)?,
            };
            known.insert(id, documents.clone());
            segments.push(Segment { reader: reader.clone(), base, documents });
            base += reader.max_doc() as usize;
        }
        Ok(Self { snapshot, segments, fields, documents: base })
    }

    pub(super) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// All entities of a snapshot that a text finds. Where nothing is found, errors in each word are forgiven.
    pub(super) fn find(self: &Arc<Self>, snapshot: &Arc<Snapshot>, text: &SearchText) -> tantivy::Result<Found> {
        let strict = self.search(snapshot, text, false)?;
        if strict.hits.is_empty() && !text.terms.is_empty() { self.search(snapshot, text, true) } else { Ok(strict) }
    }

    fn search(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        text: &SearchText,
        is_lenient: bool,
    ) -> tantivy::Result<Found> {
        let mut lenient = Vec::with_capacity(text.terms.len());
        let mut columns = Vec::with_capacity(text.terms.len());
        for term in &text.terms {
            let may_forgive = lenient.iter().filter(|forgives| **forgives).count() < FORGIVEN;
            let (column, forgives) = self.column(term, is_lenient, may_forgive)?;
            lenient.push(forgives);
            // All must be found, so that the first that is not is the last that is looked for.
            if !self.any(&column, Marks::MAX) {
                columns.clear();
                break;
            }
            columns.push(column);
        }
        let fewest = columns.iter().min_by_key(|column| column.places.len());
        let hits = match fewest {
            Some(fewest) => self.hits(snapshot, fewest, &columns, &self.whole(text)?),
            None => Vec::new(),
        };
        Ok(Found { view: self.clone(), snapshot: snapshot.clone(), text: text.clone(), lenient, hits })
    }

    /// How a term stands in each document, and whether errors in it were forgiven.
    fn column(&self, term: &Term, is_lenient: bool, may_forgive: bool) -> tantivy::Result<(Column, bool)> {
        match term {
            Term::Word(word) => {
                let mut column = self.beginning(word, word.chars().count())?;
                // What stands in definitions only is met by chance: there are many words in them.
                let is_known = self.any(&column, !score::IN_DEFINITION);
                let forgives = may_forgive && forgiven(word) > 0 && (is_lenient || !is_known);
                if forgives {
                    self.forgive(word, is_lenient, &mut column)?;
                }
                Ok((column, forgives))
            }
            // A character of these scripts says as much as three letters.
            Term::Character(character) => Ok((self.beginning(character, 3)?, false)),
            Term::Pairs(pairs) => Ok((self.pairs(pairs, is_lenient)?, is_lenient)),
        }
    }

    /// Marks what has all pairs or, where errors are forgiven, most of them.
    fn pairs(&self, pairs: &[String], is_lenient: bool) -> tantivy::Result<Column> {
        let least = if is_lenient { needed(pairs.len()) } else { pairs.len() };
        let mut column = Column::of(self.documents);
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for pair in pairs {
            let mut one = Column::of(self.documents);
            for way in self.ways() {
                self.mark_word(way.field, pair, way.exact, &mut one)?;
            }
            for place in one.places {
                let marks = score::together(column.marks[place], one.marks[place]);
                column.set(place, marks);
                *counts.entry(place).or_default() += 1;
            }
        }
        column.retain(|place| counts.get(&place).is_some_and(|count| *count >= least));
        Ok(column)
    }

    /// Marks what has a word, or a word that begins so.
    fn beginning(&self, word: &str, length: usize) -> tantivy::Result<Column> {
        let mut column = Column::of(self.documents);
        if word.chars().count() <= 2 {
            self.mark_word(self.fields.begin, word, score::NAME_PREFIX, &mut column)?;
        }
        for way in self.ways() {
            self.mark_word(way.field, word, way.exact, &mut column)?;
            if length >= way.least && !(way.field == self.fields.name && word.chars().count() <= 2) {
                self.mark_beginning(way.field, word, way.prefix, &mut column)?;
            }
        }
        Ok(column)
    }

    /// Marks what has a word like this one; descriptions too where nothing else was found. Several words written as one are
    /// compared only where no word is like it: as many as there are names begin alike.
    fn forgive(&self, word: &str, is_lenient: bool, column: &mut Column) -> tantivy::Result<()> {
        let alike = alike(word)?;
        self.mark_beginning(self.fields.joined, word, score::JOINED, column)?;
        for way in self.ways() {
            let is_looked_at =
                way.field != self.fields.definition && (is_lenient || way.field != self.fields.description);
            if is_looked_at {
                self.mark_alike(way.field, &alike, way.typo, column)?;
            }
        }
        if !self.any(column, score::IN_NAME_OR_LABEL) {
            self.mark_alike(self.fields.joined, &alike, score::JOINED_TYPO, column)?;
        }
        Ok(())
    }

    fn ways(&self) -> [Way; 4] {
        let Fields { name, label, description, definition, .. } = self.fields;
        let way = |field, [exact, prefix, typo]: [Marks; 3], least| Way { field, exact, prefix, typo, least };
        [
            way(name, [score::NAME, score::NAME_PREFIX, score::NAME_TYPO], 1),
            way(label, [score::LABEL, score::LABEL_PREFIX, score::LABEL_TYPO], 1),
            way(description, [score::DESCRIPTION, score::DESCRIPTION_PREFIX, score::DESCRIPTION_TYPO], 3),
            way(definition, [score::DEFINITION, score::DEFINITION_PREFIX, 0], 3),
        ]
    }

    fn mark_word(&self, field: Field, word: &str, mark: Marks, column: &mut Column) -> tantivy::Result<()> {
        self.each(field, column, |index, mut documents| {
            if let Some(info) = index.terms().get(word)? {
                documents.mark(index, &info, mark)?;
            }
            Ok(())
        })
    }

    fn mark_beginning(&self, field: Field, word: &str, mark: Marks, column: &mut Column) -> tantivy::Result<()> {
        self.each(field, column, |index, mut documents| {
            let mut stream = index.terms().range().ge(word).lt(after(word)).without_keys().into_stream()?;
            while stream.advance() {
                documents.mark(index, stream.value(), mark)?;
            }
            Ok(())
        })
    }

    fn mark_alike(&self, field: Field, alike: &Alike, mark: Marks, column: &mut Column) -> tantivy::Result<()> {
        for (automaton, more) in alike {
            self.each(field, column, |index, mut documents| {
                let mut stream = index.terms().search(automaton).without_keys().into_stream()?;
                while stream.advance() {
                    documents.mark(index, stream.value(), mark | more)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The same in each segment.
    fn each(
        &self,
        field: Field,
        column: &mut Column,
        look: impl Fn(&InvertedIndexReader, Documents<'_>) -> tantivy::Result<()>,
    ) -> tantivy::Result<()> {
        for segment in &self.segments {
            let index = segment.reader.inverted_index(field)?;
            look(&index, Documents { base: segment.base, column: &mut *column })?;
        }
        Ok(())
    }

    /// Whether any entity has one of these marks.
    fn any(&self, column: &Column, marks: Marks) -> bool {
        let marked = |place: &&usize| column.marks[**place] & marks != 0;
        column.places.iter().filter(marked).any(|place| self.document(*place).is_some())
    }

    /// A document that has not left.
    fn document(&self, place: usize) -> Option<&Document> {
        let segment = self.segments.get(self.segments.partition_point(|it| it.base <= place).checked_sub(1)?)?;
        let document = place - segment.base;
        if segment.is_alive(u32::try_from(document).ok()?) { segment.documents.get(document) } else { None }
    }

    /// Marks what a text is the name of, and what its first word begins.
    fn whole(&self, text: &SearchText) -> tantivy::Result<Column> {
        let mut column = Column::of(self.documents);
        self.mark_word(self.fields.whole, &text.whole, score::SAME, &mut column)?;
        let first = match text.terms.first() {
            Some(Term::Word(word) | Term::Character(word)) => Some(word),
            Some(Term::Pairs(pairs)) => pairs.first(),
            None => None,
        };
        match first {
            Some(word) if word.chars().count() > 2 => {
                self.mark_beginning(self.fields.first, word, score::FIRST, &mut column)?;
            }
            Some(word) => self.mark_word(self.fields.first, word, score::FIRST, &mut column)?,
            None => {}
        }
        Ok(column)
    }

    /// What all columns have, looked for among what the one with the fewest has.
    fn hits(&self, snapshot: &Snapshot, fewest: &Column, columns: &[Column], whole: &Column) -> Vec<Rank> {
        let gone: HashSet<u32> =
            self.changed(snapshot).filter_map(|(number, now)| now.is_none().then_some(number)).collect();
        let mut hits = Vec::new();
        for place in fewest.places.iter().copied() {
            if columns.iter().any(|column| column.marks[place] == 0) {
                continue;
            }
            let Some(Document { number, length }) = self.document(place).copied() else { continue };
            if !gone.is_empty() && gone.contains(&number) {
                continue;
            }
            let words: u32 = columns.iter().map(|column| score::sum(column.marks[place])).sum();
            let score = words + score::sum(whole.marks[place]);
            hits.push(Rank { score: Reverse(score), length, number });
        }
        hits
    }

    /// The entities of hits, by their numbers in a snapshot.
    pub(super) fn numbers(&self, snapshot: &Snapshot, hits: &[Rank]) -> RoaringBitmap {
        let hits = hits.iter().map(|rank| rank.number);
        if snapshot.revision() == self.snapshot.revision() {
            return hits.collect();
        }
        hits.filter_map(|number| snapshot.number(&self.snapshot.index().entity(number)?.reference)).collect()
    }

    /// The entity of a number, as a snapshot has it.
    pub(super) fn entity<'s>(&'s self, snapshot: &'s Snapshot, number: u32) -> Option<&'s Arc<Entity>> {
        let entity = self.snapshot.index().entity(number)?;
        if snapshot.revision() == self.snapshot.revision() { Some(entity) } else { snapshot.find(&entity.reference) }
    }

    /// What a snapshot has otherwise than the one that is indexed, by number.
    fn changed<'s>(&'s self, snapshot: &'s Snapshot) -> impl Iterator<Item = (u32, Option<&'s Arc<Entity>>)> {
        let other = (snapshot.revision() != self.snapshot.revision()).then(|| snapshot.changed_since(&self.snapshot));
        let changed = other.into_iter().flatten();
        changed.filter_map(|(reference, now)| Some((self.snapshot.number(reference)?, now)))
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("revision", &self.snapshot.revision()).finish_non_exhaustive()
    }
}

// === impl Document ===

impl Document {
    /// The documents of a segment, in its order.
    fn all(reader: &SegmentReader) -> tantivy::Result<Arc<[Self]>> {
        let numbers = reader.fast_fields().u64(NUMBER)?.first_or_default_col(0);
        let lengths = reader.fast_fields().u64(LENGTH)?.first_or_default_col(0);
        // A number was 32 bits wide when it was written, and a name is shorter than that.
        let read =
            |column: &Arc<dyn ColumnValues<u64>>, document| u32::try_from(column.get_val(document)).unwrap_or(u32::MAX);
        let document = |it| Self { number: read(&numbers, it), length: read(&lengths, it) };
        Ok((0..reader.max_doc()).map(document).collect())
    }
}

// === impl Segment ===

impl Segment {
    fn is_alive(&self, document: u32) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(document))
    }
}

// === impl Column ===

impl Column {
    fn of(documents: usize) -> Self {
        Self { marks: vec![0; documents], places: Vec::new() }
    }

    fn add(&mut self, place: usize, mark: Marks) {
        self.set(place, self.marks[place] | mark);
    }

    fn set(&mut self, place: usize, marks: Marks) {
        if std::mem::replace(&mut self.marks[place], marks) == 0 {
            self.places.push(place);
        }
    }

    fn retain(&mut self, holds: impl Fn(usize) -> bool) {
        let marks = &mut self.marks;
        self.places.retain(|place| {
            let stays = holds(*place);
            if !stays {
                marks[*place] = 0;
            }
            stays
        });
    }
}

/// The marks of a segment's documents.
struct Documents<'a> {
    base: usize,
    column: &'a mut Column,
}

impl Documents<'_> {
    /// Marks all that have a term.
    fn mark(&mut self, index: &InvertedIndexReader, info: &TermInfo, mark: Marks) -> tantivy::Result<()> {
        let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        loop {
            let documents = postings.docs();
            if documents.is_empty() {
                return Ok(());
            }
            documents.iter().for_each(|document| self.column.add(self.base + *document as usize, mark));
            postings.advance();
        }
    }
}

/// What recognises words like one: with an error or two, and where it is long, with an error in the beginning.
fn alike(word: &str) -> tantivy::Result<Alike> {
    // The automaton knows nothing of the field.
    let term = tantivy::Term::from_field_text(Field::from_field_id(0), word);
    let mut alike = vec![(FuzzyTermQuery::new(term.clone(), forgiven(word), true).automaton()?, score::WHOLE_TYPO)];
    if is_forgiven_at_once(word) {
        alike.push((FuzzyTermQuery::new_prefix(term, 1, true).automaton()?, 0));
    }
    Ok(alike)
}

/// The first text behind all that begin with a word: its last byte is never the largest there is.
fn after(word: &str) -> Vec<u8> {
    let mut bytes = word.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    bytes
}
