//! The index in memory: which words stand in which fields of which entity. Nothing but that is in it.

use std::sync::Arc;

use tantivy::{
    FutureResult, IndexReader, IndexWriter, ReloadPolicy, SegmentMeta, TantivyDocument, Term,
    indexer::{IndexWriterOptions, LogMergePolicy, MergeCandidate, MergePolicy, NoMergePolicy},
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{TextAnalyzer, TokenizerManager},
};

use super::{
    segment::KnownSegments,
    token::{Listed, NameTokens, Tokens},
    view::View,
    word::folded,
};
use crate::{Entity, Snapshot};

/// Threads that write a batch.
const THREADS: usize = 2;
/// Bytes that each may gather before it makes a segment of them: the least that there may be.
const GATHERED: usize = 15_000_000;
/// Of each segment, the part that may have left before it is written anew.
const GONE: f32 = 0.3;
/// The fast field that holds an entity's number.
pub(super) const NUMBER: &str = "number";
/// The fast field that holds how long its name is.
pub(super) const LENGTH: &str = "length";

/// The fields, each of which may hold a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The entity's number in the snapshot that is indexed.
    pub(super) number: Field,
    /// Bytes of the name.
    length: Field,
    /// Words of the name, the title and the profile's name.
    pub(super) name: Field,
    /// The first one and two characters of each of them, so that a short beginning is one look.
    pub(super) begin: Field,
    /// The first word of name and title each, with its first one and two characters.
    pub(super) first: Field,
    /// Name and title as they are.
    pub(super) whole: Field,
    /// Name and title as one word each.
    pub(super) joined: Field,
    /// Words of the tags and of the owner's name.
    pub(super) label: Field,
    /// Words of the description.
    pub(super) description: Field,
    /// Words of an API's definition.
    pub(super) definition: Field,
}

/// An entity to be indexed.
pub(super) struct Write {
    /// Its number in the snapshot that is indexed.
    pub(super) number: u32,
    pub(super) entity: Arc<Entity>,
    pub(super) definition: Option<String>,
}

/// The index as it is written.
pub(super) struct Index {
    writer: IndexWriter,
    reader: IndexReader,
    fields: Fields,
    is_dirty: bool,
    known: KnownSegments,
}

// === impl Fields ===

impl Fields {
    fn of(builder: &mut tantivy::schema::SchemaBuilder) -> Self {
        let mut text = |name: &str, tokens: &str| {
            let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::Basic);
            let indexing = indexing.set_fieldnorms(false).set_tokenizer(tokens);
            builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
        };
        let (name, begin, joined) = (text("name", "listed"), text("begin", "listed"), text("joined", "listed"));
        let (first, whole) = (text("first", "listed"), text("whole", "listed"));
        let (label, description) = (text("label", "words"), text("description", "words"));
        let definition = text("definition", "words");
        let number = builder.add_u64_field(NUMBER, INDEXED | FAST);
        let length = builder.add_u64_field(LENGTH, FAST);
        Self { number, length, name, begin, first, whole, joined, label, description, definition }
    }
}

// === impl Index ===

impl Index {
    /// An empty index.
    pub(super) fn new() -> tantivy::Result<Self> {
        let mut builder = Schema::builder();
        let fields = Fields::of(&mut builder);
        let tokenizers = TokenizerManager::default();
        tokenizers.register("words", TextAnalyzer::from(Tokens::Words));
        tokenizers.register("listed", TextAnalyzer::from(Tokens::Listed));
        let index = tantivy::Index::builder().schema(builder.build()).tokenizers(tokenizers).create_in_ram()?;
        let options = IndexWriterOptions::builder()
            .num_worker_threads(THREADS)
            .memory_budget_per_thread(GATHERED)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter = index.writer_with_options(options)?;
        // What somebody waits for is not put together anew while it is taken in: `merge` is called when it is searched.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { writer, reader, fields, is_dirty: false, known: KnownSegments::new() })
    }

    /// Takes an entity out, by the number that it was taken in under. All that leave must leave before others come: a number may
    /// be another one's by then.
    pub(super) fn remove(&mut self, number: u32) {
        self.writer.delete_term(Term::from_field_u64(self.fields.number, number.into()));
        self.is_dirty = true;
    }

    /// Takes an entity in; it is seen by views made after the next commit.
    pub(super) fn write(&mut self, write: &Write) -> tantivy::Result<()> {
        self.is_dirty = true;
        self.writer.add_document(self.document(write)).map(drop)
    }

    /// Makes what was taken in searchable: the index of this snapshot.
    pub(super) fn commit(&mut self, snapshot: Arc<Snapshot>) -> tantivy::Result<View> {
        self.settle()?;
        View::of(snapshot, &self.reader.searcher(), self.fields, &mut self.known)
    }

    /// Lets go what was taken in, so that a commit finds it done.
    pub(super) fn settle(&mut self) -> tantivy::Result<()> {
        if std::mem::take(&mut self.is_dirty) {
            self.writer.commit()?;
            self.reader.reload()?;
        }
        Ok(())
    }

    /// Begins to put segments together where there are many, for each word is looked up in each of them; nothing where there are
    /// few. What comes of it is seen by views made after [`Self::merged`].
    pub(super) fn merge(&mut self) -> tantivy::Result<Option<FutureResult<Option<SegmentMeta>>>> {
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(GONE);
        let segments = self.reader.searcher().index().searchable_segment_metas()?;
        let candidate = policy.compute_merge_candidates(&segments).into_iter().next();
        Ok(candidate.map(|MergeCandidate(segments)| self.writer.merge(&segments)))
    }

    /// Notes that segments have been put together.
    pub(super) fn merged(&mut self) {
        self.is_dirty = true;
    }

    fn document(&self, Write { number, entity, definition }: &Write) -> TantivyDocument {
        let fields = &self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.number, (*number).into());
        document.add_u64(fields.length, entity.name.len() as u64);
        let names = [Some(&entity.name), entity.title.as_ref(), entity.profile_name.as_ref()];
        let (mut tokens, mut whole) = (NameTokens::default(), Listed::default());
        for name in names.into_iter().flatten() {
            tokens.add(name);
            whole.push(&folded(name));
        }
        let NameTokens { words, beginnings, first, joined } = tokens;
        let begin = [(fields.name, words), (fields.begin, beginnings), (fields.first, first)];
        for (field, listed) in begin.into_iter().chain([(fields.whole, whole), (fields.joined, joined)]) {
            listed.text().into_iter().for_each(|it| document.add_text(field, it));
        }
        entity.tags.iter().for_each(|tag| document.add_text(fields.label, tag));
        entity.owner.iter().for_each(|owner| document.add_text(fields.label, owner.name()));
        entity.description.iter().for_each(|it| document.add_text(fields.description, it));
        definition.iter().for_each(|it| document.add_text(fields.definition, it));
        document
    }
}
