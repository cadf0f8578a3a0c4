//! SQLite and Postgres behind one [`Db`]: transactions, migrations, logs, bodies.
//!
//! One SQL text serves both. [`on!`] runs a query on whichever database it is, [`on_tx!`] inside a transaction:
//!
//! ```text
//! let row: Option<Row> = on!(&db, |pool| sqlx::query_as(SQL).bind(id).fetch_optional(pool))?;
//! ```

mod abandoned;
mod body;
mod clock;
mod config;
mod db;
mod error;
mod lease;
mod lock;
mod log;
mod migrate;
mod news;
mod rows;

pub use abandoned::Attended;
pub use body::{Packed, Packer, Unpacker, delete_bodies_but, find_bodies, find_body, insert_bodies};
pub use clock::now;
pub use config::{Config, PostgresConfig};
pub use db::{Db, Tx, within};
pub use error::Error;
pub use lease::{LEASE_RENEWAL, LEASE_TIME, Lease};
pub use lock::DataLock;
pub use log::{Log, advance, advance_by, first, forget_until, last};
pub use migrate::{data_id, is_noted, note};
pub use news::News;
pub use rows::{chunk_size, placeholders, rows};

/// What storage's verbs answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;
