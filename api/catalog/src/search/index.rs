//! The index in memory: which words stand in which fields of which entity. Nothing but that is in it.

use std::sync::Arc;

use plinth_model::EntityRef;
use tantivy::{
    IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term,
    indexer::{IndexWriterOptions, LogMergePolicy},
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{TextAnalyzer, TokenizerManager},
};

use super::{
    token::Tokens,
    view::View,
    word::{folded, joined},
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
    /// Where the entity stands in the table.
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

/// What becomes of an entity.
pub(super) enum Change {
    /// It is new or has other words; with its definition.
    Write(Arc<Entity>, Option<String>),
    /// Its words are the same.
    Keep(Arc<Entity>),
    /// It left.
    Remove(EntityRef),
}

/// The entities by their numbers, and the numbers by reference.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) entities: imbl::Vector<Option<Arc<Entity>>>,
    pub(super) numbers: imbl::HashMap<EntityRef, u32>,
}

/// The index as it is written.
pub(super) struct Index {
    writer: IndexWriter,
    reader: IndexReader,
    fields: Fields,
    table: Table,
    free: Vec<u32>,
    is_dirty: bool,
}

// === impl Fields ===

impl Fields {
    fn of(builder: &mut tantivy::schema::SchemaBuilder) -> Self {
        let mut text = |name: &str, tokens: &str| {
            let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::Basic);
            let indexing = indexing.set_fieldnorms(false).set_tokenizer(tokens);
            builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
        };
        let (name, begin, joined) = (text("name", "words"), text("begin", "beginnings"), text("joined", "one"));
        let (first, whole) = (text("first", "first"), text("whole", "one"));
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
        tokenizers.register("beginnings", TextAnalyzer::from(Tokens::Beginnings));
        tokenizers.register("first", TextAnalyzer::from(Tokens::First));
        tokenizers.register("one", TextAnalyzer::from(Tokens::One));
        let index = tantivy::Index::builder().schema(builder.build()).tokenizers(tokenizers).create_in_ram()?;
        let options = IndexWriterOptions::builder()
            .num_worker_threads(THREADS)
            .memory_budget_per_thread(GATHERED)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter = index.writer_with_options(options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(GONE);
        writer.set_merge_policy(Box::new(policy));
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let (table, free) = Default::default();
        Ok(Self { writer, reader, fields, table, free, is_dirty: false })
    }

    /// Takes a change in; it is seen by views made after the next commit.
    pub(super) fn apply(&mut self, change: Change) -> tantivy::Result<()> {
        match change {
            Change::Write(entity, definition) => {
                let number = self.table.numbers.get(&entity.reference).copied();
                if let Some(number) = number {
                    self.writer.delete_term(self.term(number));
                }
                let number = number.unwrap_or_else(|| self.assign(&entity.reference));
                self.writer.add_document(self.document(&entity, definition.as_deref(), number))?;
                self.table.entities.set(number as usize, Some(entity));
                self.is_dirty = true;
            }
            Change::Keep(entity) => {
                if let Some(number) = self.table.numbers.get(&entity.reference) {
                    self.table.entities.set(*number as usize, Some(entity));
                }
            }
            Change::Remove(reference) => {
                if let Some(number) = self.table.numbers.remove(&reference) {
                    self.writer.delete_term(self.term(number));
                    self.table.entities.set(number as usize, None);
                    self.free.push(number);
                    self.is_dirty = true;
                }
            }
        }
        Ok(())
    }

    /// Makes what was taken in searchable: the index of this snapshot.
    pub(super) fn commit(&mut self, snapshot: Arc<Snapshot>) -> tantivy::Result<View> {
        if std::mem::take(&mut self.is_dirty) {
            self.writer.commit()?;
            self.reader.reload()?;
        }
        View::of(snapshot, &self.reader.searcher(), self.table.clone(), self.fields)
    }

    fn term(&self, number: u32) -> Term {
        Term::from_field_u64(self.fields.number, number.into())
    }

    /// A place in the table.
    fn assign(&mut self, reference: &EntityRef) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.table.entities.push_back(None);
            u32::try_from(self.table.entities.len() - 1).expect("memory holds no 4,294,967,296 entities")
        });
        self.table.numbers.insert(reference.clone(), number);
        number
    }

    fn document(&self, entity: &Entity, definition: Option<&str>, number: u32) -> TantivyDocument {
        let fields = &self.fields;
        let mut document = TantivyDocument::new();
        document.add_u64(fields.number, number.into());
        document.add_u64(fields.length, entity.name.len() as u64);
        let names = [Some(&entity.name), entity.title.as_ref(), entity.profile_name.as_ref()];
        for name in names.into_iter().flatten() {
            document.add_text(fields.name, name);
            document.add_text(fields.begin, name);
            document.add_text(fields.first, name);
            document.add_text(fields.whole, folded(name));
            joined(name).into_iter().for_each(|it| document.add_text(fields.joined, it));
        }
        entity.tags.iter().for_each(|tag| document.add_text(fields.label, tag));
        entity.owner.iter().for_each(|owner| document.add_text(fields.label, owner.name()));
        entity.description.iter().for_each(|it| document.add_text(fields.description, it));
        definition.iter().for_each(|it| document.add_text(fields.definition, it));
        document
    }
}
