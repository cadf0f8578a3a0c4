//! All that is stored, as a server reads it at its start.
//!
//! ```text
//! rows ─ entities ─┬─ indexes
//!                  ├─ relations
//!                  └─ words
//! ```
//!
//! Each of them is a thread's work while the next rows are read, so that a start keeps all cores busy to its end.

use std::sync::{
    Arc,
    mpsc::{Receiver, sync_channel},
};

use futures_util::{TryStreamExt, stream::TryChunksError};
use plinth_model::ContentHash;
use plinth_storage::{Db, Unpacker, on};
use sqlx::{AssertSqlSafe, FromRow, Row};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    find_locations, find_revision,
    read::{COLUMNS, EntityRow, entity},
};
use crate::{
    Error, Result, Snapshot,
    content::Interner,
    index::number,
    search::First,
    snapshot::{Changes, Chunk, ended, gather},
};

/// Rows that are handed over at a time, and how often that may be ahead.
const CHUNK: usize = 200;
const AHEAD: usize = 8;

/// An entity, and the body of its definition.
struct StoredRow(EntityRow, Option<Vec<u8>>);

/// A chunk of entities for the search's first index.
struct Words {
    /// The number of the first.
    first: usize,
    entities: Chunk,
    /// By place in the chunk, what bodies there are.
    definitions: Vec<(usize, Vec<u8>)>,
}

/// The catalog as it is stored, and the search's first index of it; where there is none, the catalog is there all the same.
pub(crate) async fn load(db: &Db) -> Result<(Snapshot, Result<First>)> {
    let revision = find_revision(db).await?;
    // Some at a time: all rows would take as much memory as the catalog.
    let (rows, taken) = mpsc::channel::<Vec<StoredRow>>(AHEAD);
    let builder = spawn_blocking(move || build(taken));
    let hand_over = async |chunk| {
        // They are taken no more where one was damaged, which the builder tells.
        let _ = rows.send(chunk).await;
        Ok(())
    };
    let sql = format!("select {COLUMNS}, body.content from entity left join body on body.hash = entity.definition");
    on!(db, |pool| {
        let rows = sqlx::query_as(AssertSqlSafe(sql)).fetch(pool);
        rows.try_chunks(CHUNK).map_err(|TryChunksError(_, error)| error).try_for_each(hand_over)
    })?;
    drop(rows);
    let (snapshot, first) = builder.await.map_err(Error::Stopped)??;
    let locations = find_locations(db).await?.into_iter().map(Arc::new).collect();
    Ok((snapshot.apply(Changes { revision, locations, ..Changes::default() }), first))
}

/// Makes a snapshot of rows as they come; blocks.
fn build(mut rows: mpsc::Receiver<Vec<StoredRow>>) -> Result<(Snapshot, Result<First>)> {
    std::thread::scope(|scope| {
        let (to_words, words) = sync_channel::<Words>(AHEAD);
        let words = scope.spawn(move || write(words));
        let (mut texts, mut count) = (Interner::default(), 0);
        let chunks = std::iter::from_fn(|| rows.blocking_recv()).map(|rows| {
            let (mut entities, mut definitions) = (Vec::with_capacity(rows.len()), Vec::new());
            for StoredRow(row, definition) in rows {
                definitions.extend(definition.map(|it| (entities.len(), it)));
                entities.push(Arc::new(entity(row, &mut texts)?));
            }
            let entities: Chunk = entities.into();
            // It ends before its time only with an error, which is passed on.
            let _ = to_words.send(Words { first: count, entities: entities.clone(), definitions });
            count += entities.len();
            Ok::<_, Error>(entities)
        });
        let snapshot = gather(chunks);
        drop(to_words);
        let first = ended(words);
        Ok((snapshot?, first))
    })
}

/// Writes the search's first index; blocks.
fn write(chunks: Receiver<Words>) -> Result<First> {
    let (mut index, mut unpacker) = (First::new()?, Unpacker::default());
    for Words { first, entities, definitions } in chunks {
        let mut definitions = definitions.into_iter().peekable();
        for (place, entity) in entities.iter().enumerate() {
            let packed = definitions.next_if(|(of, _)| *of == place).map(|(_, packed)| packed);
            let text = entity.definition.map(|hash| unpacked(&mut unpacker, hash, packed.as_deref()));
            index.add(number(first + place), entity.clone(), text)?;
        }
    }
    index.settle()?;
    Ok(index)
}

fn unpacked(unpacker: &mut Unpacker, hash: ContentHash, packed: Option<&[u8]>) -> Result<String> {
    Ok(unpacker.unpack(hash, packed)?)
}

// === impl StoredRow ===

impl<'r, R: Row> FromRow<'r, R> for StoredRow
where
    EntityRow: FromRow<'r, R>,
    usize: sqlx::ColumnIndex<R>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self(EntityRow::from_row(row)?, row.try_get(row.len() - 1)?))
    }
}
