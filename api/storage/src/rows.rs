//! Statements over many rows.

use crate::Tx;

/// How many rows of so many columns one statement may hold.
pub fn chunk_size(tx: &Tx, columns: usize) -> usize {
    // A statement of a few hundred rows is as fast as one of thousands, and is prepared once.
    (tx.max_binds() / columns.max(1)).clamp(1, 500)
}

/// `$1, $2, … $n`, for `in ({})`.
pub fn placeholders(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// `($1, $2), ($3, $4), …`, for `values {}`.
pub fn rows(count: usize, columns: usize) -> String {
    let row = |row: usize| {
        let members = (1..=columns).map(|column| format!("${}", row * columns + column)).collect::<Vec<_>>();
        format!("({})", members.join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_from_one_over_all_rows() {
        assert_eq!(placeholders(3), "$1, $2, $3");
        assert_eq!(rows(2, 2), "($1, $2), ($3, $4)");
    }
}
