//! Leases: what only one of several servers may do at a time.
//!
//! A holder renews its lease long before it ends. When it is killed, the lease ends by itself, and another takes it. Times are
//! the database's, so that the clocks of servers do not matter.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Db, Result, Tx, clock, execute, on_tx};

/// How long a lease lasts without its holder.
pub const LEASE_TIME: Duration = Duration::from_secs(10);
/// How often its holder renews it.
pub const LEASE_RENEWAL: Duration = Duration::from_millis(2_500);

/// Longer than a server runs.
const LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);

/// The right to do something that one server does at a time.
#[derive(Debug, Clone)]
pub struct Lease {
    name: &'static str,
    holder: Uuid,
}

impl Lease {
    /// The lease of a name, as one server asks for it; it holds nothing yet.
    pub fn of(name: &'static str, holder: Uuid) -> Self {
        Self { name, holder }
    }

    /// Takes or renews it; says whether it is held now.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn take(&self, db: &Db) -> Result<bool> {
        const SQL: &str = "insert into lease (name, holder, expires_at) values ($1, $2, $3) on conflict (name) do update \
                           set holder = excluded.holder, expires_at = excluded.expires_at \
                           where lease.holder = excluded.holder or lease.expires_at <= $4";
        let mut tx = db.begin().await?;
        let now = moment(&mut tx).await?;
        let (name, holder) = (self.name, self.holder);
        let (over, until) = match tx {
            // One server has a SQLite directory, and it holds the lock: whoever held the lease is gone, and nobody takes it.
            Tx::Sqlite(_) => (now + 2 * LIFETIME, now + LIFETIME),
            Tx::Postgres(_) => (now, now + LEASE_TIME),
        };
        let taken = execute!(&mut tx, |connection| {
            sqlx::query(SQL).bind(name).bind(holder).bind(until).bind(over).execute(connection)
        })?;
        tx.commit().await?;
        Ok(taken > 0)
    }

    /// Gives it back.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn release(&self, db: &Db) -> Result<()> {
        const SQL: &str = "delete from lease where name = $1 and holder = $2";
        let mut tx = db.begin().await?;
        execute!(&mut tx, |connection| sqlx::query(SQL).bind(self.name).bind(self.holder).execute(connection))?;
        tx.commit().await
    }

    /// Whether it is held still: asked in the transaction that writes what only its holder may.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn is_held(&self, tx: &mut Tx) -> Result<bool> {
        const SQL: &str = "select cast(1 as bigint) from lease where name = $1 and holder = $2 and expires_at > $3";
        let now = moment(tx).await?;
        let row: Option<(i64,)> = on_tx!(tx, |connection| {
            sqlx::query_as(SQL).bind(self.name).bind(self.holder).bind(now).fetch_optional(connection)
        })?;
        Ok(row.is_some())
    }
}

/// The database's time, to which all servers agree.
async fn moment(tx: &mut Tx) -> Result<DateTime<Utc>> {
    match tx {
        Tx::Sqlite(_) => Ok(clock::now()),
        Tx::Postgres(tx) => {
            let (now,): (DateTime<Utc>,) = sqlx::query_as("select clock_timestamp()").fetch_one(&mut **tx).await?;
            Ok(now)
        }
    }
}
