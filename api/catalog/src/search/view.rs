//! The index at one moment, and how entities are found in it.
//!
//! What counts is where a word stands and how much of it was given, never how often it stands in other entities: a hit's
//! place depends on nothing but the search and the entity, so that a page's cursor holds while others come and go, and is
//! the same on each server.
//!
//! First the words are looked up, which says how many documents each may be in; then the documents of the rarest term are
//! read, and of the others no more than what is said of these.

use std::{cmp::Reverse, collections::HashSet, fmt, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{DocId, Searcher, schema::Field};

use super::{
    found::{Found, Rank},
    index::Fields,
    score::{self, Marks},
    segment::{Document, KnownSegments, Segment},
    sought::{Alike, Lists, Sought},
    text::{SearchText, Term, forgiven, needed},
};
use crate::{Entity, Snapshot};

/// Words of a search in which errors are forgiven, at most: each is compared with many.
const FORGIVEN: usize = 8;

/// The index of one snapshot.
pub(super) struct View {
    snapshot: Arc<Snapshot>,
    segments: Vec<Segment>,
    fields: Fields,
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

// === impl View ===

impl View {
    pub(super) fn of(
        snapshot: Arc<Snapshot>,
        searcher: &Searcher,
        fields: Fields,
        known: &mut KnownSegments,
    ) -> tantivy::Result<Self> {
        let mut before = std::mem::take(known);
        let readers = searcher.segment_readers().iter();
        let segments = readers.map(|reader| Segment::of(reader, before.remove(&reader.segment_id())));
        let segments = segments.collect::<tantivy::Result<Vec<_>>>()?;
        known.extend(segments.iter().map(|segment| (segment.id(), segment.known())));
        Ok(Self { snapshot, segments, fields })
    }

    pub(super) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// How many segments it has, in each of which each word is looked up.
    pub(super) fn segments(&self) -> usize {
        self.segments.len()
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
        let mut sought = Vec::with_capacity(text.terms.len());
        for term in &text.terms {
            let may_forgive = lenient.iter().filter(|forgives| **forgives).count() < FORGIVEN;
            let (one, forgives) = self.sought(term, is_lenient, may_forgive)?;
            lenient.push(forgives);
            // All must be found, so that the first that is not is the last that is looked for.
            if (0..self.segments.len()).all(|place| one.size(place) == 0) {
                sought.clear();
                break;
            }
            sought.push(one);
        }
        let hits = if sought.is_empty() { Vec::new() } else { self.hits(snapshot, &sought, &self.whole(text)?)? };
        Ok(Found { view: self.clone(), snapshot: snapshot.clone(), text: text.clone(), lenient, hits })
    }

    /// Where a term stands, and whether errors in it were forgiven.
    fn sought(&self, term: &Term, is_lenient: bool, may_forgive: bool) -> tantivy::Result<(Sought, bool)> {
        match term {
            Term::Word(word) => {
                let mut lists = self.beginning(word, word.chars().count())?;
                let may_forgive = may_forgive && forgiven(word) > 0;
                // What stands in definitions only is met by chance: there are many words in them.
                let forgives = may_forgive && (is_lenient || !lists.any(&self.segments, !score::IN_DEFINITION)?);
                if forgives {
                    self.forgive(word, is_lenient, &mut lists)?;
                }
                Ok((Sought::word(lists), forgives))
            }
            // A character of these scripts says as much as three letters.
            Term::Character(character) => Ok((Sought::word(self.beginning(character, 3)?), false)),
            Term::Pairs(pairs) => {
                let least = if is_lenient { needed(pairs.len()) } else { pairs.len() };
                let parts = pairs.iter().map(|pair| self.pair(pair)).collect::<tantivy::Result<_>>()?;
                Ok((Sought::pairs(parts, least), is_lenient))
            }
        }
    }

    fn pair(&self, pair: &str) -> tantivy::Result<Lists> {
        let mut lists = Lists::new(self.segments.len());
        for way in self.ways() {
            lists.add_word(&self.segments, way.field, pair, way.exact)?;
        }
        Ok(lists)
    }

    /// Who has a word, or a word that begins so.
    fn beginning(&self, word: &str, length: usize) -> tantivy::Result<Lists> {
        let (mut lists, segments) = (Lists::new(self.segments.len()), &self.segments);
        let is_short = word.chars().count() <= 2;
        if is_short {
            lists.add_word(segments, self.fields.begin, word, score::NAME_PREFIX)?;
        }
        for way in self.ways() {
            if length >= way.least && !(way.field == self.fields.name && is_short) {
                lists.add_beginning(segments, way.field, word, way.prefix, way.exact)?;
            } else {
                lists.add_word(segments, way.field, word, way.exact)?;
            }
        }
        Ok(lists)
    }

    /// Adds who has a word like this one; descriptions too where nothing else was found. Several words written as one are
    /// compared only where no word is like it: as many as there are names begin alike.
    fn forgive(&self, word: &str, is_lenient: bool, lists: &mut Lists) -> tantivy::Result<()> {
        let (alike, segments) = (Alike::to(word)?, &self.segments);
        lists.add_beginning(segments, self.fields.joined, word, score::JOINED, 0)?;
        for way in self.ways() {
            let is_looked_at =
                way.field != self.fields.definition && (is_lenient || way.field != self.fields.description);
            if is_looked_at {
                lists.add_alike(segments, way.field, &alike, way.typo)?;
            }
        }
        if !lists.any(segments, score::IN_NAME_OR_LABEL)? {
            lists.add_alike(segments, self.fields.joined, &alike, score::JOINED_TYPO)?;
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

    /// What a text is the name of, and what its first word begins.
    fn whole(&self, text: &SearchText) -> tantivy::Result<Lists> {
        let (mut lists, segments) = (Lists::new(self.segments.len()), &self.segments);
        lists.add_word(segments, self.fields.whole, &text.whole, score::SAME)?;
        let first = match text.terms.first() {
            Some(Term::Word(word) | Term::Character(word)) => Some(word),
            Some(Term::Pairs(pairs)) => pairs.first(),
            None => None,
        };
        match first {
            Some(word) if word.chars().count() > 2 => {
                lists.add_beginning(segments, self.fields.first, word, score::FIRST, 0)?;
            }
            Some(word) => lists.add_word(segments, self.fields.first, word, score::FIRST)?,
            None => {}
        }
        Ok(lists)
    }

    /// What has all that is sought.
    fn hits(&self, snapshot: &Snapshot, sought: &[Sought], whole: &Lists) -> tantivy::Result<Vec<Rank>> {
        let gone: HashSet<u32> =
            self.changed(snapshot).filter_map(|(number, now)| now.is_none().then_some(number)).collect();
        let mut hits = Vec::new();
        for (place, segment) in self.segments.iter().enumerate() {
            for (document, score) in found(place, segment, sought, whole)? {
                let Some(Document { number, length }) = segment.document(document) else { continue };
                if gone.is_empty() || !gone.contains(&number) {
                    hits.push(Rank { score: Reverse(score), length, number });
                }
            }
        }
        Ok(hits)
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
        f.debug_struct("View")
            .field("revision", &self.snapshot.revision())
            .field("segments", &self.segments())
            .finish_non_exhaustive()
    }
}

/// The documents of a segment that have all that is sought, in order, and how much that says.
fn found(place: usize, segment: &Segment, sought: &[Sought], whole: &Lists) -> tantivy::Result<Vec<(DocId, u32)>> {
    let mut sought: Vec<&Sought> = sought.iter().collect();
    sought.sort_by_key(|it| it.size(place));
    let Some((rarest, others)) = sought.split_first() else { return Ok(Vec::new()) };
    let found = rarest.documents(place, segment)?.into_iter().map(|(document, marks)| (document, score::sum(marks)));
    let (mut documents, mut scores): (Vec<_>, Vec<_>) = found.unzip();
    for other in others {
        let marks = other.marks(place, segment, &documents)?;
        let all = documents.into_iter().zip(scores).zip(marks).filter(|(_, marks)| *marks != 0);
        (documents, scores) = all.map(|((document, score), marks)| (document, score + score::sum(marks))).unzip();
    }
    let marks = segment.marks(whole.of(place), &documents)?;
    let scores = scores.into_iter().zip(marks).map(|(score, marks)| score + score::sum(marks));
    Ok(documents.into_iter().zip(scores).collect())
}
