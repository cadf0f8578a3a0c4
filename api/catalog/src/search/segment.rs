//! Some of the index's documents, and how the lists of words in it are read.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    DocId, DocSet, SegmentReader,
    columnar::ColumnValues,
    index::{InvertedIndexReader, SegmentId},
    postings::TermInfo,
    schema::{Field, IndexRecordOption},
};

use super::{
    index::{LENGTH, NUMBER},
    score::Marks,
};

/// Of a list that is so many times longer than the documents that are asked for, most is skipped.
const SKIPPED: usize = 8;
/// Lists that are put together one after the other.
const MERGED: usize = 4;
/// The part of all documents up to which those of several lists are sorted; of more a table is made.
const SORTED: usize = 8;

/// Some of the documents.
pub(super) struct Segment {
    reader: SegmentReader,
    documents: Arc<[Document]>,
}

/// What stands of a document beside its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    /// The entity's number in the snapshot that is indexed.
    pub(super) number: u32,
    /// Bytes of its name.
    pub(super) length: u32,
}

/// The documents of the segments of a view: a segment never changes, so the next view needs only those of new ones.
pub(super) type KnownSegments = HashMap<SegmentId, Arc<[Document]>>;

/// The documents in which a word stands in one field, and what that says of them.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) field: Field,
    pub(super) info: TermInfo,
    pub(super) marks: Marks,
}

// === impl Segment ===

impl Segment {
    /// A segment; its documents are read where they are not known.
    pub(super) fn of(reader: &SegmentReader, known: Option<Arc<[Document]>>) -> tantivy::Result<Self> {
        let documents = match known {
            Some(documents) => documents,
            None => Document::all(reader)?,
        };
        Ok(Self { reader: reader.clone(), documents })
    }

    pub(super) fn id(&self) -> SegmentId {
        self.reader.segment_id()
    }

    pub(super) fn known(&self) -> Arc<[Document]> {
        self.documents.clone()
    }

    pub(super) fn index(&self, field: Field) -> tantivy::Result<Arc<InvertedIndexReader>> {
        self.reader.inverted_index(field)
    }

    /// A document that has not left.
    pub(super) fn document(&self, document: DocId) -> Option<Document> {
        let is_alive = self.reader.alive_bitset().is_none_or(|alive| alive.is_alive(document));
        if is_alive { self.documents.get(document as usize).copied() } else { None }
    }

    /// Whether any document is in one of these lists that has not left.
    pub(super) fn any<'l>(&self, lists: impl Iterator<Item = &'l List>) -> tantivy::Result<bool> {
        for list in lists {
            let mut postings =
                self.index(list.field)?.read_postings_from_terminfo(&list.info, IndexRecordOption::Basic)?;
            while postings.doc() != tantivy::TERMINATED {
                if self.document(postings.doc()).is_some() {
                    return Ok(true);
                }
                postings.advance();
            }
        }
        Ok(false)
    }

    /// All documents of some lists, in order.
    pub(super) fn documents(&self, lists: &[List]) -> tantivy::Result<Vec<(DocId, Marks)>> {
        let total: usize = lists.iter().map(|list| list.info.doc_freq as usize).sum();
        if lists.len() > MERGED {
            return if total > self.documents.len() / SORTED { self.tabled(lists) } else { self.sorted(lists, total) };
        }
        let (mut found, mut before) = (Vec::with_capacity(total), Vec::with_capacity(total));
        for list in lists {
            std::mem::swap(&mut found, &mut before);
            found.clear();
            let mut known = before.iter().copied().peekable();
            self.read(list, |documents| {
                for document in documents {
                    while let Some(one) = known.next_if(|(known, _)| known < document) {
                        found.push(one);
                    }
                    let marks = known.next_if(|(known, _)| known == document).map_or(0, |(_, marks)| marks);
                    found.push((*document, marks | list.marks));
                }
            })?;
            found.extend(known);
        }
        Ok(found)
    }

    /// The same by putting them in order.
    fn sorted(&self, lists: &[List], total: usize) -> tantivy::Result<Vec<(DocId, Marks)>> {
        let mut found = Vec::with_capacity(total);
        for list in lists {
            self.read(list, |documents| found.extend(documents.iter().map(|document| (*document, list.marks))))?;
        }
        found.sort_unstable();
        found.dedup_by(|(document, marks), (known, all)| {
            let is_same = document == known;
            *all |= if is_same { *marks } else { 0 };
            is_same
        });
        Ok(found)
    }

    /// The same by a table of all documents.
    fn tabled(&self, lists: &[List]) -> tantivy::Result<Vec<(DocId, Marks)>> {
        let mut table: Vec<Marks> = vec![0; self.documents.len()];
        for list in lists {
            self.read(list, |documents| {
                for document in documents {
                    if let Some(marks) = table.get_mut(*document as usize) {
                        *marks |= list.marks;
                    }
                }
            })?;
        }
        Ok((0..).zip(table).filter(|(_, marks)| *marks != 0).collect())
    }

    /// For each of these documents, which are in order, what some lists say of it.
    pub(super) fn marks(&self, lists: &[List], documents: &[DocId]) -> tantivy::Result<Vec<Marks>> {
        let mut found: Vec<Marks> = vec![0; documents.len()];
        for list in lists {
            let mut wanted = documents.iter().zip(&mut found).peekable();
            if list.info.doc_freq as usize / SKIPPED < documents.len() {
                self.read(list, |block| {
                    for document in block {
                        while wanted.next_if(|(wanted, _)| *wanted < document).is_some() {}
                        if let Some((_, marks)) = wanted.next_if(|(wanted, _)| *wanted == document) {
                            *marks |= list.marks;
                        }
                    }
                })?;
                continue;
            }
            let mut postings =
                self.index(list.field)?.read_postings_from_terminfo(&list.info, IndexRecordOption::Basic)?;
            for (document, marks) in wanted {
                if postings.doc() < *document {
                    postings.seek(*document);
                }
                *marks |= if postings.doc() == *document { list.marks } else { 0 };
            }
        }
        Ok(found)
    }

    fn read(&self, list: &List, mut each: impl FnMut(&[DocId])) -> tantivy::Result<()> {
        let index = self.index(list.field)?;
        let mut postings = index.read_block_postings_from_terminfo(&list.info, IndexRecordOption::Basic)?;
        while !postings.docs().is_empty() {
            each(postings.docs());
            postings.advance();
        }
        Ok(())
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
