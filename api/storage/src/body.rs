//! Bodies: contents named by their hash, compressed.

use plinth_model::ContentHash;
use sqlx::AssertSqlSafe;

use crate::{Db, Error, Result, Tx, execute, on, on_tx, rows};

/// Stores bodies; those that are there already stay.
///
/// # Errors
/// Where the database fails.
pub async fn insert_bodies(tx: &mut Tx, bodies: &[(ContentHash, &str)]) -> Result<()> {
    for chunk in bodies.chunks(rows::chunk_size(tx, 2)) {
        let sql = format!(
            "insert into body (hash, content) values {} on conflict (hash) do nothing",
            rows::rows(tx, chunk.len(), 2)
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
    let row: Option<(Vec<u8>,)> = on!(db, |pool| sqlx::query_as(SQL).bind(hash.as_bytes()).fetch_optional(pool))?;
    let (packed,) = row.ok_or_else(|| Error::Body { hash, reason: "it is not in the database".to_owned() })?;
    unpacked(hash, &packed)
}

/// Those of some bodies that are there, in no order.
///
/// # Errors
/// Where the database fails.
pub async fn find_bodies(db: &Db, hashes: &[ContentHash]) -> Result<Vec<(ContentHash, String)>> {
    let tx = &mut db.begin_snapshot().await?;
    let mut found = Vec::with_capacity(hashes.len());
    for chunk in hashes.chunks(rows::chunk_size(tx, 1)) {
        let sql = format!("select hash, content from body where hash in ({})", rows::placeholders(tx, chunk.len()));
        let bodies: Vec<(Vec<u8>, Vec<u8>)> = on_tx!(tx, |connection| {
            let query = sqlx::query_as(AssertSqlSafe(sql));
            chunk.iter().fold(query, |query, it| query.bind(it.as_bytes())).fetch_all(connection)
        })?;
        for (hash, packed) in bodies {
            if let Some(hash) = ContentHash::from_bytes(&hash) {
                found.push((hash, unpacked(hash, &packed)?));
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

fn unpacked(hash: ContentHash, packed: &[u8]) -> Result<String> {
    /// A definition is a string in a document of at most 8 MiB; anything larger is not ours.
    const LARGEST: usize = 16 << 20;
    let damaged = |reason: String| Error::Body { hash, reason };
    let bytes = zstd::bulk::decompress(packed, LARGEST).map_err(|error| damaged(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))
}
