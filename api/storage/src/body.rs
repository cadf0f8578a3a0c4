//! Bodies: contents named by their hash, compressed.

use bytes::{Bytes, BytesMut};
use plinth_model::ContentHash;
use sqlx::AssertSqlSafe;
use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::compress_bound,
};

use crate::{Db, Error, Result, Tx, execute, on, on_tx, rows};

/// How hard is packed: the default of zstd.
const LEVEL: i32 = 3;
/// Bytes of a piece of memory in which packed bodies lie.
const PIECE: usize = 1 << 20;

/// A body as it is stored. Those that one packer made lie side by side in large pieces of memory, each of which is given back as
/// a whole; one by one they would leave holes.
#[derive(Debug, Clone)]
pub struct Packed(Bytes);

/// Packs bodies, one after the other.
#[derive(Default)]
pub struct Packer {
    /// Its tables are larger than most bodies, so that there is one for many.
    compressor: Option<Compressor<'static>>,
    packed: Vec<u8>,
    piece: BytesMut,
}

// === impl Packer ===

impl Packer {
    /// Packs a body.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn pack(&mut self, body: &str) -> Result<Packed> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(Compressor::new(LEVEL).map_err(Error::Pack)?),
        };
        self.packed.clear();
        self.packed.reserve(compress_bound(body.len()));
        compressor.compress_to_buffer(body.as_bytes(), &mut self.packed).map_err(Error::Pack)?;
        if self.piece.capacity() < self.packed.len() {
            self.piece = BytesMut::with_capacity(PIECE.max(self.packed.len()));
        }
        self.piece.extend_from_slice(&self.packed);
        Ok(Packed(self.piece.split().freeze()))
    }
}

/// Unpacks bodies, one after the other.
#[derive(Default)]
pub struct Unpacker(Decompressor<'static>);

// === impl Unpacker ===

impl Unpacker {
    /// Unpacks what the database has as a body.
    ///
    /// # Errors
    /// Where it has none, or where that is damaged.
    pub fn unpack(&mut self, hash: ContentHash, packed: Option<&[u8]>) -> Result<String> {
        /// A definition is a string in a document of at most 8 MiB; anything larger is not ours.
        const LARGEST: usize = 16 << 20;
        let damaged = |reason: String| Error::Body { hash, reason };
        let packed = packed.ok_or_else(|| damaged("it is not in the database".to_owned()))?;
        let bytes = self.0.decompress(packed, LARGEST).map_err(|error| damaged(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))
    }
}

/// Stores bodies; those that are there already stay.
///
/// # Errors
/// Where the database fails.
pub async fn insert_bodies(tx: &mut Tx, bodies: &[(ContentHash, Packed)]) -> Result<()> {
    for chunk in bodies.chunks(rows::chunk_size(tx, 2)) {
        let sql = format!(
            "insert into body (hash, content) values {} on conflict (hash) do nothing",
            rows::rows(tx, chunk.len(), 2)
        );
        execute!(tx, |connection| {
            let query = sqlx::query(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, (hash, it)| query.bind(hash.as_bytes()).bind(&*it.0)).execute(connection)
        })?;
    }
    Ok(())
}

/// One body.
///
/// # Errors
/// Where the database fails, or where it has no such body.
pub async fn find_body(db: &Db, hash: ContentHash) -> Result<String> {
    const SQL: &str = "select content from body where hash = $1";
    let row: Option<(Vec<u8>,)> = on!(db, |pool| sqlx::query_as(SQL).bind(hash.as_bytes()).fetch_optional(pool))?;
    Unpacker::default().unpack(hash, row.as_ref().map(|(packed,)| &**packed))
}

/// Those of some bodies that are there, in no order.
///
/// # Errors
/// Where the database fails.
pub async fn find_bodies(db: &Db, hashes: &[ContentHash]) -> Result<Vec<(ContentHash, String)>> {
    let tx = &mut db.begin_snapshot().await?;
    let (mut found, mut unpacker) = (Vec::with_capacity(hashes.len()), Unpacker::default());
    for chunk in hashes.chunks(rows::chunk_size(tx, 1)) {
        let sql = format!("select hash, content from body where hash in ({})", rows::placeholders(tx, chunk.len()));
        let bodies: Vec<(Vec<u8>, Vec<u8>)> = on_tx!(tx, |connection| {
            let query = sqlx::query_as(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, it| query.bind(it.as_bytes())).fetch_all(connection)
        })?;
        for (hash, packed) in bodies {
            if let Some(hash) = ContentHash::from_bytes(&hash) {
                found.push((hash, unpacker.unpack(hash, Some(&packed))?));
            }
        }
    }
    Ok(found)
}

/// Removes the bodies that none of these columns (table, column) names. Whoever stores bodies waits meanwhile, for one that is
/// there already might be one that goes.
///
/// # Errors
/// Where the database fails.
pub async fn delete_bodies_but(tx: &mut Tx, used: &[(&str, &str)]) -> Result<u64> {
    let unused = |(table, column): &(&str, &str)| match tx {
        // Each plans the other's form as a loop in a loop.
        Tx::Sqlite(_) => format!("hash not in (select {column} from {table} where {column} is not null)"),
        Tx::Postgres(_) => format!("not exists (select from {table} where {table}.{column} = body.hash)"),
    };
    let unused = used.iter().map(unused).collect::<Vec<_>>().join(" and ");
    if let Tx::Postgres(tx) = tx {
        sqlx::query("lock table body in exclusive mode").execute(&mut **tx).await?;
    }
    let sql = format!("delete from body where {unused}");
    Ok(execute!(tx, |connection| sqlx::query(AssertSqlSafe(sql)).execute(connection))?)
}
