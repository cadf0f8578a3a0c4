//! Bodies: contents named by their hash, compressed.

use plinth_model::ContentHash;
use sqlx::AssertSqlSafe;

use crate::{Db, Error, Result, Tx, execute, on, rows};

/// Stores bodies; those that are there already stay.
///
/// # Errors
/// Where the database fails.
pub async fn insert_bodies(tx: &mut Tx, bodies: &[(ContentHash, &str)]) -> Result<()> {
    for chunk in bodies.chunks(rows::chunk_size(tx, 2)) {
        let sql = format!(
            "insert into body (hash, content) values {} on conflict (hash) do nothing",
            rows::rows(chunk.len(), 2)
        );
        let mut packed = Vec::with_capacity(chunk.len());
        for (hash, content) in chunk {
            let content = zstd::bulk::compress(content.as_bytes(), 3)
                .map_err(|error| Error::Body { hash: *hash, reason: error.to_string() })?;
            packed.push((hash.as_bytes(), content));
        }
        execute!(tx, |connection| {
            let query = sqlx::query(AssertSqlSafe(sql));
            packed.into_iter().fold(query, |query, (hash, content)| query.bind(hash).bind(content)).execute(connection)
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
    /// A definition is a string in a document of at most 8 MiB; anything larger is not ours.
    const LARGEST: usize = 16 << 20;
    let row: Option<(Vec<u8>,)> = on!(db, |pool| sqlx::query_as(SQL).bind(hash.as_bytes()).fetch_optional(pool))?;
    let damaged = |reason: String| Error::Body { hash, reason };
    let (packed,) = row.ok_or_else(|| damaged("it is not in the database".to_owned()))?;
    let bytes = zstd::bulk::decompress(&packed, LARGEST).map_err(|error| damaged(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))
}
