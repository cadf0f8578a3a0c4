//! The handle of this room.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use plinth_model::{ContentHash, EntityRef, Ids};
use plinth_storage::{Db, Log, advance, last, within};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Caller, Config, Error, Grant, Rejected, Result, Scope, Secret, known::Known, name, store};

/// How often the database is asked whether its tokens changed: one row, read by its key.
const EVERY: Duration = Duration::from_millis(250);
/// How long it may take to answer that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tokens: makes and revokes those of the database, and knows them and those of the configuration. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Auth {
    db: Db,
    config: Arc<Config>,
    known: watch::Sender<Arc<Known>>,
}

/// Tells when tokens were made or revoked, so that who follows something for a caller asks again who that is.
#[derive(Debug, Clone)]
pub struct Changes(watch::Receiver<Arc<Known>>);

/// A token as the database keeps it, without its text, which nobody can tell any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its identity.
    pub id: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it gives to who shows it.
    pub grant: Grant,
}

/// A token to make.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// A name that no other token has.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// The User that it stands for; `None` for a service.
    pub holder: Option<EntityRef>,
    /// How long it lives; `None` for ever.
    pub expires_in: Option<Duration>,
}

impl Auth {
    /// Tokens over a database. None is known before [`Auth::load`].
    pub fn new(db: Db, config: Config) -> Self {
        Self { db, config: Arc::new(config), known: watch::Sender::default() }
    }

    /// All tokens of the database, by name.
    ///
    /// # Errors
    /// Where the caller may not, or where the database fails.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Token>> {
        caller.may(Scope::Write)?;
        Ok(store::find_tokens(&self.db).await?.into_iter().map(|(_, token)| token).collect())
    }

    /// Makes a token; its text is told this once.
    ///
    /// # Errors
    /// Where the caller may not, where name or holder cannot be taken, or where the database fails.
    pub async fn create(&self, caller: &Caller, token: NewToken, now: DateTime<Utc>) -> Result<Secret> {
        caller.may(Scope::Write)?;
        let NewToken { name, scope, holder, expires_in } = token;
        name::check(&name)?;
        if let Some(other) = holder.as_ref().filter(|holder| holder.kind() != "user") {
            return Err(Error::Holder(other.to_string()));
        }
        // What ends later than a date can say does not end.
        let expires_at = expires_in.and_then(|it| now.checked_add_signed(chrono::Duration::from_std(it).ok()?));
        let secret = Secret::random()?;
        let grant = Grant { name, scope, holder, expires_at };
        let token = Token { id: Ids.ordered(), created_at: now, grant };
        let mut tx = self.db.begin().await?;
        if !store::insert_token(&mut tx, &token, secret.hash()).await? {
            return Err(Error::NameTaken(token.grant.name));
        }
        advance(&mut tx, Log::Token).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Revokes the token of a name or an id; gives its name.
    ///
    /// # Errors
    /// Where the caller may not, where there is no such token, or where the database fails.
    pub async fn revoke(&self, caller: &Caller, name_or_id: &str) -> Result<String> {
        caller.may(Scope::Write)?;
        name::is_no_secret(name_or_id)?;
        let mut tx = self.db.begin().await?;
        let revoked = store::delete_token(&mut tx, name_or_id, Uuid::try_parse(name_or_id).ok()).await?;
        let name = revoked.ok_or_else(|| Error::NotFound(name_or_id.chars().take(100).collect()))?;
        advance(&mut tx, Log::Token).await?;
        tx.commit().await?;
        Ok(name)
    }

    /// What a token gives to who shows it now. Asks no database.
    ///
    /// # Errors
    /// Where it is none of ours, or has expired.
    pub fn find(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Grant>, Rejected> {
        self.known.borrow().find(token, now)
    }

    /// Follows the changes from here on.
    pub fn changes(&self) -> Changes {
        Changes(self.known.subscribe())
    }

    /// Learns the tokens as they are now; gives the number of their last change.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn load(&self) -> Result<i64> {
        // Before the tokens: what changes between the two is read again.
        let version = last(&self.db, Log::Token).await?;
        let stored = store::find_tokens(&self.db).await?.into_iter().map(|(hash, token)| (hash, token.grant));
        let known = Arc::new(self.configured().chain(stored).collect::<Known>());
        self.known.send_replace(known);
        Ok(version)
    }

    /// Follows the database until it is stopped: what a command or another server makes or revokes holds here, too.
    pub async fn follow(self, mut loaded: i64, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_lost = false;
        loop {
            tokio::select! {
                () = &mut stopped => return,
                _ = ticks.tick() => {}
            }
            match self.catch_up(loaded).await {
                Ok(version) => {
                    if std::mem::take(&mut is_lost) {
                        tracing::info!("the tokens can be read again");
                    }
                    loaded = version;
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_lost, true) {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(error, "the tokens cannot be read; those known before stay in effect");
                    }
                }
            }
        }
    }

    async fn catch_up(&self, loaded: i64) -> Result<i64> {
        let now = within(PATIENCE, last(&self.db, Log::Token)).await?;
        if now == loaded { Ok(loaded) } else { self.load().await }
    }

    fn configured(&self) -> impl Iterator<Item = (ContentHash, Grant)> {
        self.config.static_tokens.iter().map(|token| {
            let name = token.subject.clone();
            (token.hash, Grant { name, scope: Scope::Write, holder: None, expires_at: None })
        })
    }
}

// === impl Changes ===

impl Changes {
    /// Waits for the next change; for ever where nobody makes any.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_another_process_makes_and_revokes_is_told_and_holds() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&plinth_storage::Config::Sqlite { directory: folder.path().to_owned() }).await.unwrap();
        let (command, server) = (Auth::new(db.clone(), Config::default()), Auth::new(db, Config::default()));
        let now = DateTime::from_timestamp(1000, 0).unwrap();
        let mut changes = server.changes();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let follower = tokio::spawn(server.clone().follow(0, async { stopped.await.unwrap_or_default() }));

        let new = NewToken { name: "ci".to_owned(), scope: Scope::Read, holder: None, expires_in: None };
        let refused = command.create(&Caller::service("r", Scope::Read), new.clone(), now).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let secret = command.create(&Caller::system(), new.clone(), now).await.unwrap();
        changes.next().await;
        assert_eq!(server.find(secret.reveal(), now).unwrap().subject(), "service:ci");
        assert!(matches!(command.create(&Caller::system(), new, now).await, Err(Error::NameTaken(_))));

        command.revoke(&Caller::system(), "ci").await.unwrap();
        changes.next().await;
        assert_eq!(server.find(secret.reveal(), now), Err(Rejected::Unknown));
        let refused = command.revoke(&Caller::system(), secret.reveal()).await.unwrap_err().to_string();
        assert!(
            refused.starts_with("`plinth_…` cannot name a token") && !refused.contains(secret.reveal()),
            "{refused}"
        );
        stop.send(()).unwrap();
        follower.await.unwrap();
    }
}
