//! All SQL of tokens.

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef};
use plinth_storage::{Db, Tx, execute, on, on_tx};
use uuid::Uuid;

use crate::{Error, Grant, Result, Scope, Token};

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    name: String,
    hash: Vec<u8>,
    scope: String,
    holder: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

/// All tokens with their hashes, by name.
pub(crate) async fn find_tokens(db: &Db) -> Result<Vec<(ContentHash, Token)>> {
    const SQL: &str = "select id, name, hash, scope, holder, created_at, expires_at from token order by name";
    let rows: Vec<TokenRow> = on!(db, |pool| sqlx::query_as(SQL).fetch_all(pool))?;
    rows.into_iter().map(token).collect()
}

fn token(row: TokenRow) -> Result<(ContentHash, Token)> {
    let TokenRow { id, name, hash, scope, holder, created_at, expires_at } = row;
    let corrupt = |reason: &str| Error::Corrupt { name: name.clone(), reason: reason.to_owned() };
    let hash = ContentHash::from_bytes(&hash).ok_or_else(|| corrupt("its hash is damaged"))?;
    let scope = Scope::named(&scope).ok_or_else(|| corrupt("its scope is none that this version knows"))?;
    let holder: Option<EntityRef> =
        holder.map(|text| text.parse()).transpose().map_err(|_| corrupt("its holder is no reference"))?;
    Ok((hash, Token { id, created_at, grant: Grant { name, scope, holder, expires_at } }))
}

/// Adds a token; false where one of its name is there.
pub(crate) async fn insert_token(tx: &mut Tx, token: &Token, hash: ContentHash) -> Result<bool> {
    const SQL: &str = "insert into token (id, name, hash, scope, holder, created_at, expires_at) \
                       values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing";
    let Token { id, created_at, grant: Grant { name, scope, holder, expires_at } } = token;
    let written = execute!(tx, |connection| {
        let query = sqlx::query(SQL).bind(id).bind(name).bind(hash.as_bytes()).bind(scope.as_str());
        query.bind(holder.as_ref().map(EntityRef::as_str)).bind(created_at).bind(expires_at).execute(connection)
    })?;
    Ok(written == 1)
}

/// Removes the token of a name or, where it is given, of an id; its name, or `None` where there is no such token.
pub(crate) async fn delete_token(tx: &mut Tx, name: &str, id: Option<Uuid>) -> Result<Option<String>> {
    const SQL: &str = "delete from token where name = $1 or id = $2 returning name";
    let row: Option<(String,)> =
        on_tx!(tx, |connection| sqlx::query_as(SQL).bind(name).bind(id).fetch_optional(connection))?;
    Ok(row.map(|(name,)| name))
}
