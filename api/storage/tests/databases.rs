//! Both databases keep the same things the same way.
//!
//! Needs `PLINTH_TEST_POSTGRES`, the URL of a Postgres where databases may be made.

#![expect(clippy::unwrap_used, reason = "a test fails where anything fails")]

use std::collections::BTreeMap;

use plinth_model::ContentHash;
use plinth_storage::{
    Config, Db, Error, Log, Packer, PostgresConfig, Tx, advance, chunk_size, data_id, execute, find_body,
    insert_bodies, on, placeholders, rows,
};
use sqlx::{AssertSqlSafe, Connection};

/// An empty database, and what it lies in.
struct Empty {
    config: Config,
    _folder: tempfile::TempDir,
}

async fn both() -> [Empty; 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Empty { config: Config::Sqlite { directory: folder.path().join("data") }, _folder: folder };
    let url = std::env::var("PLINTH_TEST_POSTGRES").expect("PLINTH_TEST_POSTGRES is the URL of a Postgres");
    let name = format!("s{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    let config = PostgresConfig { url: Some(url), database: Some(name), ..PostgresConfig::default() };
    [sqlite, Empty { config: Config::Postgres(Box::new(config)), _folder: tempfile::tempdir().unwrap() }]
}

async fn open(empty: &Empty) -> Db {
    Db::open(&empty.config).await.unwrap()
}

/// Table, column, type, whether it may be null, and the place in the primary key.
type Columns = BTreeMap<(String, String), (String, bool, i64)>;

async fn columns(db: &Db) -> Columns {
    const SQLITE: &str = "select t.name, c.name, c.type, c.\"notnull\" = 0 and c.pk = 0, c.pk from sqlite_master t, \
                          pragma_table_info(t.name) c where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\'";
    const POSTGRES: &str = "select c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES', \
                            coalesce(k.ordinal_position, 0)::bigint from information_schema.columns c \
                            left join information_schema.table_constraints p on p.table_schema = c.table_schema and \
                            p.table_name = c.table_name and p.constraint_type = 'PRIMARY KEY' \
                            left join information_schema.key_column_usage k on k.constraint_name = p.constraint_name \
                            and k.table_schema = c.table_schema and k.table_name = c.table_name and \
                            k.column_name = c.column_name \
                            where c.table_schema = 'plinth' and c.table_name not like '\\_sqlx%'";
    let sql = if matches!(db, Db::Sqlite(_)) { SQLITE } else { POSTGRES };
    let rows: Vec<(String, String, String, bool, i64)> = on!(db, |pool| sqlx::query_as(sql).fetch_all(pool)).unwrap();
    rows.into_iter().map(|(table, name, kind, nullable, key)| ((table, name), (kind, nullable, key))).collect()
}

/// Which type of SQLite holds what a type of Postgres holds.
fn as_in_sqlite(kind: &str) -> &str {
    match kind {
        "uuid" | "bytea" => "blob",
        "timestamp with time zone" => "text",
        other => other,
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_keys() {
    let [sqlite, postgres] = both().await;
    let (sqlite, mut postgres) = (columns(&open(&sqlite).await).await, columns(&open(&postgres).await).await);
    for (kind, ..) in postgres.values_mut() {
        *kind = as_in_sqlite(kind).to_owned();
    }
    let lower = |(key, (kind, nullable, place)): (_, (String, _, _))| (key, (kind.to_lowercase(), nullable, place));
    let sqlite: Columns = sqlite.into_iter().map(lower).collect();
    assert!(sqlite.len() > 30, "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn an_empty_database_starts_and_is_the_same_one_when_it_is_opened_again() {
    let mut ids = Vec::new();
    for empty in both().await {
        let db = open(&empty).await;
        let id = data_id(&db).await.unwrap();
        db.close().await;
        let db = open(&empty).await;
        assert_eq!(data_id(&db).await.unwrap(), id, "{db}");
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn what_a_newer_plinth_has_written_is_refused() {
    for empty in both().await {
        let db = open(&empty).await;
        let sql = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values \
                   (9999, 'of tomorrow', true, $1, 0)";
        let mut tx = db.begin().await.unwrap();
        execute!(&mut tx, |connection| sqlx::query(sql).bind(vec![1_u8]).execute(connection)).unwrap();
        tx.commit().await.unwrap();
        db.close().await;
        assert!(matches!(Db::open(&empty.config).await, Err(Error::Newer(9999))));
    }
}

#[tokio::test]
async fn a_body_is_found_again_stored_once_and_told_missing() {
    for empty in both().await {
        let db = open(&empty).await;
        let text = "北岸 \0 and more ".repeat(1000);
        let hash = ContentHash::of(text.as_bytes());
        for _ in 0..2 {
            let mut tx = db.begin().await.unwrap();
            insert_bodies(&mut tx, &[(hash, Packer::default().pack(&text).unwrap())]).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(find_body(&db, hash).await.unwrap(), text, "{db}");
        let count: (i64,) = on!(&db, |pool| sqlx::query_as("select count(*) from body").fetch_one(pool)).unwrap();
        assert_eq!(count.0, 1, "{db}");
        let other = ContentHash::of(b"another");
        assert!(matches!(find_body(&db, other).await, Err(Error::Body { hash, .. }) if hash == other), "{db}");
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_gives_its_number_back() {
    for empty in both().await {
        let db = open(&empty).await;
        let mut tx = db.begin().await.unwrap();
        assert_eq!(advance(&mut tx, Log::Catalog).await.unwrap(), 1, "{db}");
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        assert_eq!(advance(&mut tx, Log::Catalog).await.unwrap(), 1, "{db}");
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        assert_eq!(advance(&mut tx, Log::Catalog).await.unwrap(), 2, "{db}");
    }
}

#[tokio::test]
async fn writers_at_once_get_numbers_in_the_order_of_their_commits() {
    for empty in both().await {
        let db = open(&empty).await;
        let writers = (0..8).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for _ in 0..10 {
                    let mut tx = db.begin().await.unwrap();
                    let number = advance(&mut tx, Log::Catalog).await.unwrap();
                    tx.commit().await.unwrap();
                    numbers.push(number);
                }
                numbers
            })
        });
        let mut all = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            let numbers = writer.await.unwrap();
            assert!(numbers.is_sorted(), "{db}: {numbers:?}");
            all.extend(numbers);
        }
        all.sort_unstable();
        assert_eq!(all, (1..=80).collect::<Vec<i64>>(), "{db}");
    }
}

#[tokio::test]
async fn a_statement_takes_as_many_rows_as_a_chunk_holds() {
    for empty in both().await {
        let db = open(&empty).await;
        let mut tx = db.begin().await.unwrap();
        let expected = match tx {
            Tx::Sqlite(_) => ("?, ?, ?", "(?, ?), (?, ?)"),
            Tx::Postgres(_) => ("$1, $2, $3", "($1, $2), ($3, $4)"),
        };
        assert_eq!((&*placeholders(&tx, 3), &*rows(&tx, 2, 2)), expected);
        let count = chunk_size(&tx, 2);
        let sql = format!("insert into meta (key, value) values {}", rows(&tx, count, 2));
        let written = execute!(&mut tx, |connection| {
            let query = sqlx::query(AssertSqlSafe(sql));
            (0..count).fold(query, |query, key| query.bind(key.to_string()).bind("x")).execute(connection)
        });
        assert_eq!(written.unwrap(), count as u64, "{db}");
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_ends_in_postgres() {
    let [_, postgres] = both().await;
    let db = open(&postgres).await;
    let Db::Postgres(pool) = &db else { panic!("it is Postgres") };
    let running = "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
    let count = async || -> i64 { sqlx::query_scalar(running).fetch_one(pool).await.unwrap() };
    let asked = tokio::spawn({
        let db = db.clone();
        async move { on!(&db, |pool| sqlx::query_as::<_, (String,)>("select pg_sleep(25)::text").fetch_all(pool)) }
    });
    while count().await == 0 {}
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    let ended = async { while count().await > 0 {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), ended).await.expect("Postgres works on for nobody");
}
