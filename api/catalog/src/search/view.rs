//! The index at one moment, and how entities are found in it.
//!
//! What counts is where a word stands and how much of it was given, never how often it stands in other entities: a hit's
//! place depends on nothing but the search and the entity, so that a page's cursor holds while others come and go, and is
//! the same on each server.

use std::{cmp::Reverse, collections::HashSet, fmt, sync::Arc};

use tantivy::{
    Searcher, SegmentReader,
    columnar::ColumnValues,
    index::InvertedIndexReader,
    postings::TermInfo,
    query::FuzzyTermQuery,
    schema::{Field, IndexRecordOption},
};

use super::{
    found::{Found, Rank},
    index::{Fields, LENGTH, NUMBER, Table},
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
    table: Table,
    fields: Fields,
    /// Documents of all segments, those that left too.
    documents: usize,
}

/// Some of the documents.
struct Segment {
    reader: SegmentReader,
    /// How many stand in the segments before it.
    base: usize,
    numbers: Arc<dyn ColumnValues<u64>>,
    lengths: Arc<dyn ColumnValues<u64>>,
}

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
type Column = Vec<Marks>;

// === impl View ===

impl View {
    pub(super) fn of(
        snapshot: Arc<Snapshot>,
        searcher: &Searcher,
        table: Table,
        fields: Fields,
    ) -> tantivy::Result<Self> {
        let (mut segments, mut documents) = (Vec::new(), 0);
        for reader in searcher.segment_readers() {
            let numbers = reader.fast_fields().u64(NUMBER)?.first_or_default_col(0);
            let lengths = reader.fast_fields().u64(LENGTH)?.first_or_default_col(0);
            segments.push(Segment { reader: reader.clone(), base: documents, numbers, lengths });
            documents += reader.max_doc() as usize;
        }
        Ok(Self { snapshot, segments, table, fields, documents })
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
        let hits = if columns.is_empty() { Vec::new() } else { self.hits(snapshot, &columns, &self.whole(text)?) };
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
        let mut column = vec![0; self.documents];
        let mut counts = vec![0_usize; self.documents];
        for pair in pairs {
            let mut one = vec![0; self.documents];
            for way in self.ways() {
                self.mark_word(way.field, pair, way.exact, &mut one)?;
            }
            for ((whole, count), marks) in
                column.iter_mut().zip(&mut counts).zip(&one).filter(|(_, marks)| **marks != 0)
            {
                *whole = score::together(*whole, *marks);
                *count += 1;
            }
        }
        column.iter_mut().zip(&counts).filter(|(_, count)| **count < least).for_each(|(marks, _)| *marks = 0);
        Ok(column)
    }

    /// Marks what has a word, or a word that begins so.
    fn beginning(&self, word: &str, length: usize) -> tantivy::Result<Column> {
        let mut column = vec![0; self.documents];
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

    /// Marks what has a word like this one; descriptions too where nothing else was found.
    fn forgive(&self, word: &str, is_lenient: bool, column: &mut Column) -> tantivy::Result<()> {
        let errors = forgiven(word);
        self.mark_beginning(self.fields.joined, word, score::JOINED, column)?;
        self.mark_alike(self.fields.joined, word, errors, score::JOINED_TYPO, column)?;
        for way in self.ways() {
            let is_looked_at =
                way.field != self.fields.definition && (is_lenient || way.field != self.fields.description);
            if is_looked_at {
                self.mark_alike(way.field, word, errors, way.typo, column)?;
            }
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

    fn mark_alike(
        &self,
        field: Field,
        word: &str,
        errors: u8,
        mark: Marks,
        column: &mut Column,
    ) -> tantivy::Result<()> {
        let term = tantivy::Term::from_field_text(field, word);
        let mut automata = vec![FuzzyTermQuery::new(term.clone(), errors, true).automaton()?];
        if is_forgiven_at_once(word) {
            automata.push(FuzzyTermQuery::new_prefix(term, 1, true).automaton()?);
        }
        for automaton in automata {
            self.each(field, column, |index, mut documents| {
                let mut stream = index.terms().search(&automaton).without_keys().into_stream()?;
                while stream.advance() {
                    documents.mark(index, stream.value(), mark)?;
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
            look(&index, Documents(&mut column[segment.base..]))?;
        }
        Ok(())
    }

    /// Whether any entity has one of these marks.
    fn any(&self, column: &Column, marks: Marks) -> bool {
        self.segments.iter().any(|segment| {
            let marked = |document: &u32| column[segment.base + *document as usize] & marks != 0;
            (0..segment.reader.max_doc()).filter(marked).any(|document| segment.is_alive(document))
        })
    }

    /// Marks what a text is the name of, and what its first word begins.
    fn whole(&self, text: &SearchText) -> tantivy::Result<Column> {
        let mut column = vec![0; self.documents];
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

    fn hits(&self, snapshot: &Snapshot, columns: &[Column], whole: &Column) -> Vec<Rank> {
        let gone: HashSet<u32> =
            self.changed(snapshot).filter_map(|(number, now)| now.is_none().then_some(number)).collect();
        let mut hits = Vec::new();
        for segment in &self.segments {
            for document in 0..segment.reader.max_doc() {
                let place = segment.base + document as usize;
                if columns.iter().any(|column| column[place] == 0) || !segment.is_alive(document) {
                    continue;
                }
                let number = segment.numbers.get_val(document) as u32;
                if !gone.is_empty() && gone.contains(&number) {
                    continue;
                }
                let words: u32 = columns.iter().map(|column| score::sum(column[place])).sum();
                let score = words + score::sum(whole[place]);
                hits.push(Rank { score: Reverse(score), length: segment.lengths.get_val(document) as u32, number });
            }
        }
        hits
    }

    /// The entity of a number, as a snapshot has it.
    pub(super) fn entity<'s>(&'s self, snapshot: &'s Snapshot, number: u32) -> Option<&'s Arc<Entity>> {
        let entity = self.table.entities.get(number as usize)?.as_ref()?;
        if snapshot.revision() == self.snapshot.revision() { Some(entity) } else { snapshot.find(&entity.reference) }
    }

    /// What a snapshot has otherwise than the one that is indexed, by number.
    fn changed<'s>(&'s self, snapshot: &'s Snapshot) -> impl Iterator<Item = (u32, Option<&'s Arc<Entity>>)> {
        let other = (snapshot.revision() != self.snapshot.revision()).then(|| snapshot.changed_since(&self.snapshot));
        let changed = other.into_iter().flatten();
        changed.filter_map(|(reference, now)| Some((*self.table.numbers.get(reference)?, now)))
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("revision", &self.snapshot.revision()).finish_non_exhaustive()
    }
}

// === impl Segment ===

impl Segment {
    fn is_alive(&self, document: u32) -> bool {
        self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(document))
    }
}

/// The marks of a segment's documents.
struct Documents<'a>(&'a mut [Marks]);

impl Documents<'_> {
    /// Marks all that have a term.
    fn mark(&mut self, index: &InvertedIndexReader, info: &TermInfo, mark: Marks) -> tantivy::Result<()> {
        let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
        loop {
            let documents = postings.docs();
            if documents.is_empty() {
                return Ok(());
            }
            documents.iter().for_each(|document| self.0[*document as usize] |= mark);
            postings.advance();
        }
    }
}

/// The first text behind all that begin with a word: its last byte is never the largest there is.
fn after(word: &str) -> Vec<u8> {
    let mut bytes = word.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    bytes
}
