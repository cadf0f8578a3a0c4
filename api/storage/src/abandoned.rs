//! Statements that nobody waits for any more.
//!
//! Whoever asks something may be dropped before Postgres answers: its time was over, or the client went away. The driver alone
//! would give the connection back and let the statement run on; here the connection is closed, and Postgres, which looks at
//! its client meanwhile, ends the statement.

use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};

/// How often Postgres looks whether the client of a statement under way is still there.
/// (`client_connection_check_interval`, since Postgres 14, where its system can tell.)
const LOOK: &str = "500ms";

/// A connection for one statement; closed when it is dropped before [`Attended::done`].
#[derive(Debug)]
pub struct Attended {
    connection: PoolConnection<Postgres>,
    is_done: bool,
}

impl Attended {
    /// A connection of the pool.
    ///
    /// # Errors
    /// Where none can be had.
    pub async fn of(pool: &PgPool) -> sqlx::Result<Self> {
        Ok(Self { connection: pool.acquire().await?, is_done: false })
    }

    /// What runs the statement.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The statement has answered: the connection is good for the next one.
    pub fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.close_on_drop();
        }
    }
}

/// Lets Postgres look after the clients of its statements.
pub(crate) async fn watch_clients(connection: &mut PgConnection) -> sqlx::Result<()> {
    const SQL: &str =
        "select set_config(name, $1, false) from pg_settings where name = 'client_connection_check_interval'";
    if let Err(error) = sqlx::query(SQL).bind(LOOK).execute(connection).await {
        // The system that it runs on cannot tell: then `statement_timeout` is what ends a statement.
        tracing::debug!(%error, "Postgres does not notice when who asks goes away");
    }
    Ok(())
}
