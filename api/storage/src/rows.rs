//! Statements over many rows.

use crate::Tx;

/// How many rows of so many columns one statement may hold.
pub fn chunk_size(tx: &Tx, columns: usize) -> usize {
    // A statement of a few hundred rows is as fast as one of thousands, and is prepared once.
    (tx.max_binds() / columns.max(1)).clamp(1, 500)
}

/// `$1, $2, … $n`, for `in ({})`; for SQLite `?, ?, … ?`: it looks for each named one among all.
pub fn placeholders(tx: &Tx, count: usize) -> String {
    listed(tx, 1, count)
}

/// `($1, $2), ($3, $4), …`, for `values {}`; for SQLite `(?, ?), (?, ?), …`.
pub fn rows(tx: &Tx, count: usize, columns: usize) -> String {
    let rows: Vec<_> = (0..count).map(|row| format!("({})", listed(tx, row * columns + 1, columns))).collect();
    rows.join(", ")
}

fn listed(tx: &Tx, first: usize, count: usize) -> String {
    let one = |number: usize| match tx {
        Tx::Sqlite(_) => "?".to_owned(),
        Tx::Postgres(_) => format!("${number}"),
    };
    (first..first + count).map(one).collect::<Vec<_>>().join(", ")
}
