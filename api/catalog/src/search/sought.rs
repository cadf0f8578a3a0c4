//! Where a term stands: the lists of all words that count as it, of which no more is read than a search needs.

use tantivy::{
    DocId,
    query::{DfaWrapper, FuzzyTermQuery},
    schema::Field,
};
use tantivy_fst::Automaton;

use super::{
    score::{self, Marks},
    segment::{List, Segment},
    text::{forgiven, is_forgiven_at_once},
};

/// A term, as the segments of a view have it.
pub(super) struct Sought {
    /// Of a word one; of several characters one of each pair.
    parts: Vec<Lists>,
    /// How many of the parts a document must have.
    least: usize,
}

/// The lists in each segment.
#[derive(Debug)]
pub(super) struct Lists(Vec<Vec<List>>);

/// Recognises words like one: all that do, and those of them that are like it as whole words.
pub(super) struct Alike(Vec<(DfaWrapper, Whole)>);

/// Which of the words that an automaton finds are like it as whole words.
enum Whole {
    All,
    None,
    These(DfaWrapper),
}

// === impl Sought ===

impl Sought {
    /// A word.
    pub(super) fn word(lists: Lists) -> Self {
        Self { parts: vec![lists], least: 1 }
    }

    /// Characters, of whose pairs so many must be there.
    pub(super) fn pairs(parts: Vec<Lists>, least: usize) -> Self {
        Self { parts, least }
    }

    /// How many documents of a segment must be looked at to find all that have it, at most.
    pub(super) fn size(&self, segment: usize) -> u64 {
        let sizes = self.parts.iter().map(|lists| lists.size(segment));
        if self.least == self.parts.len() { sizes.min().unwrap_or_default() } else { sizes.sum() }
    }

    /// All documents of a segment that have it, in order.
    pub(super) fn documents(&self, place: usize, segment: &Segment) -> tantivy::Result<Vec<(DocId, Marks)>> {
        let read = |lists: &Lists| segment.documents(lists.of(place));
        if let [only] = self.parts.as_slice() {
            return read(only);
        }
        let mut documents = Vec::new();
        if self.least == self.parts.len() {
            let rarest = self.parts.iter().min_by_key(|lists| lists.size(place));
            documents.extend(rarest.map(read).transpose()?.into_iter().flatten().map(|(document, _)| document));
        } else {
            for lists in &self.parts {
                documents.extend(read(lists)?.into_iter().map(|(document, _)| document));
            }
            documents.sort_unstable();
            documents.dedup();
        }
        let marks = self.marks(place, segment, &documents)?;
        Ok(documents.into_iter().zip(marks).filter(|(_, marks)| *marks != 0).collect())
    }

    /// How it stands in each of these documents, which are in order; nothing where it does not.
    pub(super) fn marks(&self, place: usize, segment: &Segment, documents: &[DocId]) -> tantivy::Result<Vec<Marks>> {
        if let [only] = self.parts.as_slice() {
            return segment.marks(only.of(place), documents);
        }
        let mut found: Vec<(Marks, usize)> = vec![(0, 0); documents.len()];
        for lists in &self.parts {
            for ((all, count), one) in found.iter_mut().zip(segment.marks(lists.of(place), documents)?) {
                if one != 0 {
                    *all = score::together(*all, one);
                    *count += 1;
                }
            }
        }
        Ok(found.into_iter().map(|(marks, count)| if count >= self.least { marks } else { 0 }).collect())
    }
}

// === impl Lists ===

impl Lists {
    /// None yet, for so many segments.
    pub(super) fn new(segments: usize) -> Self {
        Self(vec![Vec::new(); segments])
    }

    pub(super) fn of(&self, segment: usize) -> &[List] {
        self.0.get(segment).map_or(&[], Vec::as_slice)
    }

    fn size(&self, segment: usize) -> u64 {
        self.of(segment).iter().map(|list| u64::from(list.info.doc_freq)).sum()
    }

    /// Whether any document has one of these marks.
    pub(super) fn any(&self, segments: &[Segment], marks: Marks) -> tantivy::Result<bool> {
        for (segment, lists) in segments.iter().zip(&self.0) {
            if segment.any(lists.iter().filter(|list| list.marks & marks != 0))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds those who have a word.
    pub(super) fn add_word(
        &mut self,
        segments: &[Segment],
        field: Field,
        word: &str,
        marks: Marks,
    ) -> tantivy::Result<()> {
        for (segment, lists) in segments.iter().zip(&mut self.0) {
            let info = segment.index(field)?.terms().get(word)?;
            lists.extend(info.map(|info| List { field, info, marks }));
        }
        Ok(())
    }

    /// Adds those who have a word that begins so; who has it as it is has further marks.
    pub(super) fn add_beginning(
        &mut self,
        segments: &[Segment],
        field: Field,
        word: &str,
        marks: Marks,
        exact: Marks,
    ) -> tantivy::Result<()> {
        for (segment, lists) in segments.iter().zip(&mut self.0) {
            let index = segment.index(field)?;
            let mut stream = index.terms().range().ge(word).lt(after(word)).into_stream()?;
            while stream.advance() {
                let more = if stream.key() == word.as_bytes() { exact } else { 0 };
                lists.push(List { field, info: stream.value().clone(), marks: marks | more });
            }
        }
        Ok(())
    }

    /// Adds those who have a word like one.
    pub(super) fn add_alike(
        &mut self,
        segments: &[Segment],
        field: Field,
        alike: &Alike,
        marks: Marks,
    ) -> tantivy::Result<()> {
        for (segment, lists) in segments.iter().zip(&mut self.0) {
            let index = segment.index(field)?;
            for (automaton, whole) in &alike.0 {
                let mut stream = index.terms().search(automaton).into_stream()?;
                while stream.advance() {
                    let more = if whole.has(stream.key()) { score::WHOLE_TYPO } else { 0 };
                    lists.push(List { field, info: stream.value().clone(), marks: marks | more });
                }
            }
        }
        Ok(())
    }
}

// === impl Alike ===

impl Alike {
    /// What recognises words with an error or two and, where a word is long, those that begin with it but for an error.
    pub(super) fn to(word: &str) -> tantivy::Result<Self> {
        // The automaton knows nothing of the field.
        let term = tantivy::Term::from_field_text(Field::from_field_id(0), word);
        let errors = forgiven(word);
        let whole = FuzzyTermQuery::new(term.clone(), errors, true).automaton()?;
        if !is_forgiven_at_once(word) {
            return Ok(Self(vec![(whole, Whole::All)]));
        }
        let beginning = FuzzyTermQuery::new_prefix(term, 1, true).automaton()?;
        Ok(Self(match errors {
            // What is like it as a whole begins like it, too: one walk finds both.
            1 => vec![(beginning, Whole::These(whole))],
            _ => vec![(whole, Whole::All), (beginning, Whole::None)],
        }))
    }
}

impl Whole {
    fn has(&self, word: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::These(automaton) => {
                let end = word.iter().fold(automaton.start(), |state, byte| automaton.accept(&state, *byte));
                automaton.is_match(&end)
            }
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
