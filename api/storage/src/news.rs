//! Learning that another server has written.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tracing::warn;

use crate::{Db, Log, Result, Tx};

/// The channel that each change is told on; its payload is the log's name.
const CHANNEL: &str = "plinth";

/// How often the database is asked all the same: a notification may be lost with its connection.
const POLL: Duration = Duration::from_millis(500);

/// Tells when some logs may have grown by another server's hand.
#[derive(Debug)]
pub struct News {
    listener: PgListener,
    logs: &'static [Log],
}

impl News {
    /// Begins to listen for news of some logs. None on SQLite: there one server writes, and it is this one.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn of(db: &Db, logs: &'static [Log]) -> Result<Option<Self>> {
        let Db::Postgres(pool) = db else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Self { listener, logs }))
    }

    /// Waits until one of them may have grown: it was told so, or it is time to look.
    pub async fn next(&mut self) {
        let told = async {
            loop {
                match self.listener.recv().await {
                    Ok(news) if self.logs.iter().any(|log| log.as_str() == news.payload()) => return,
                    Ok(_) => {}
                    Err(error) => {
                        warn!(%error, "the database cannot be listened to; it is asked at intervals");
                        std::future::pending::<()>().await;
                    }
                }
            }
        };
        // Late or told, it is looked at.
        let _ = tokio::time::timeout(POLL, told).await;
    }
}

/// Tells other servers, with the commit, that a log grew.
pub(crate) async fn tell(tx: &mut Tx, log: Log) -> Result<()> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(log.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}
