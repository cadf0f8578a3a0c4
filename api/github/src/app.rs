//! GitHub Apps: where they are installed, and the tokens of their installations
//! (<https://docs.github.com/en/rest/apps/apps>).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use plinth_egress::{Method, Request};
use serde::Deserialize;
use tokio::{sync::Mutex as Turn, time::Instant};

use crate::{
    App, Error, Result, Secret, Whom,
    host::{Asker, Host, JSON, headers},
    limit::answered_at,
};

/// So long before its end a token is not used any more: a long answer may still be under way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// What is known of one App.
#[derive(Debug, Default)]
pub(crate) struct AppState {
    installations: Turn<Remembered<Vec<Installation>>>,
    tokens: Mutex<HashMap<u64, Arc<Turn<Remembered<Token>>>>>,
}

/// Something that is asked for once for all who want it.
#[derive(Debug)]
struct Remembered<T> {
    value: Option<(T, Instant)>,
    failed: Option<(String, Instant)>,
}

/// Where an App is installed.
#[derive(Debug, Clone, Deserialize)]
struct Installation {
    id: u64,
    #[serde(default)]
    account: Option<Account>,
    #[serde(default)]
    suspended_at: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Account {
    #[serde(default)]
    login: Option<String>,
}

#[derive(Debug, Clone)]
struct Token {
    secret: Secret,
    until: Instant,
}

/// What GitHub gives out.
#[derive(Deserialize)]
struct Given {
    token: String,
    expires_at: DateTime<Utc>,
}

// === impl Remembered ===

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { value: None, failed: None }
    }
}

impl<T> Remembered<T> {
    /// Why it failed a moment ago.
    fn failed_within(&self, time: Duration) -> Option<String> {
        self.failed.as_ref().filter(|(_, at)| at.elapsed() < time).map(|(reason, _)| reason.clone())
    }
}

// === impl Installation ===

impl Installation {
    /// The owner, where it can be used.
    fn owner(&self) -> Option<&str> {
        self.account.as_ref()?.login.as_deref().filter(|_| self.suspended_at.is_none())
    }
}

// === impl Host ===

impl Host {
    /// With whose rights something of an owner is asked for: those of the first App that is installed there; else those of the
    /// token; else, to read what is public, those of an App that may; else nobody's.
    ///
    /// # Errors
    /// Where none of the Apps is known to be installed there, and one does not answer: to ask with less would look as if there
    /// were less.
    pub(crate) async fn whom(self: &Arc<Self>, owner: &str) -> Result<Whom> {
        let apps = || self.integration.apps.iter().zip(&self.apps);
        let mut failed = None;
        for (app, state) in apps().filter(|(app, _)| app.may_be_at(owner)) {
            match self.installation(app, state, |it| it.eq_ignore_ascii_case(owner)).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if self.integration.token.is_some() {
            return Ok(Whom::Token);
        }
        for (app, state) in apps().filter(|(app, _)| app.has_public_access) {
            if let Some(found) = self.installation(app, state, |it| app.may_be_at(it)).await? {
                return Ok(found);
            }
        }
        Ok(Whom::Nobody)
    }

    /// The installation of an App at an owner that is wanted.
    async fn installation(
        self: &Arc<Self>,
        app: &App,
        state: &AppState,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Whom>> {
        let find = |all: &[Installation]| {
            all.iter().find_map(|it| {
                let owner = it.owner().filter(|owner| is_wanted(owner))?;
                Some(Whom::Installation { app: app.id, id: it.id, owner: owner.to_owned() })
            })
        };
        let mut remembered = state.installations.lock().await;
        let old = remembered.value.as_ref().map(|(all, at)| (find(all), at.elapsed()));
        let good_for = |found: &Option<Whom>| match found {
            Some(_) => self.times.installed,
            None => self.times.not_installed,
        };
        if let Some((found, _)) = old.as_ref().filter(|(found, age)| *age < good_for(found)) {
            return Ok(found.clone());
        }
        // One of a while ago is better than none, where the owner is in it.
        let or_old = |error| old.and_then(|(found, _)| found).map(Some).ok_or(error);
        if let Some(reason) = remembered.failed_within(self.times.failed) {
            return or_old(self.without_token(app.id, reason));
        }
        match self.installations(app.id).await {
            Ok(all) => {
                let found = find(&all);
                *remembered = Remembered { value: Some((all, Instant::now())), failed: None };
                Ok(found)
            }
            Err(error) => {
                remembered.failed = Some((error.to_string(), Instant::now()));
                or_old(self.of_app(app.id, error))
            }
        }
    }

    async fn installations(self: &Arc<Self>, app: u64) -> Result<Vec<Installation>> {
        let asker = Asker { host: self.clone(), whom: Whom::App(app) };
        asker.all(self.api(["app", "installations"])).await
    }

    fn app(&self, id: u64) -> Option<(&App, &AppState)> {
        self.integration.apps.iter().zip(&self.apps).find(|(app, _)| app.id == id)
    }

    /// The token of an installation. One asks for it, and the others wait.
    async fn installation_token(&self, app: u64, id: u64) -> Result<Secret> {
        let Some((app, state)) = self.app(app) else {
            return Err(self.without_token(app, "it is not in the configuration".to_owned()));
        };
        let slot = state.slot(id);
        let mut remembered = slot.lock().await;
        if let Some((token, _)) = remembered.value.as_ref().filter(|(it, _)| it.until > Instant::now()) {
            return Ok(token.secret.clone());
        }
        if let Some(reason) = remembered.failed_within(self.times.failed) {
            return Err(self.without_token(app.id, reason));
        }
        match self.new_token(app, id).await {
            Ok(token) => {
                let secret = token.secret.clone();
                *remembered = Remembered { value: Some((token, Instant::now())), failed: None };
                Ok(secret)
            }
            Err(error) => {
                if error.is_missing() {
                    // It is not installed there any more.
                    state.installations.lock().await.value = None;
                }
                remembered.failed = Some((error.to_string(), Instant::now()));
                Err(self.of_app(app.id, error))
            }
        }
    }

    async fn new_token(&self, app: &App, id: u64) -> Result<Token> {
        let url = self.api(["app", "installations", &id.to_string(), "access_tokens"]);
        let what = url.path().to_owned();
        let signed = app.key.sign(app.id, now())?;
        let request = Request { method: Method::POST, url, headers: headers(JSON, Some(&signed)), body: None };
        let asked = Instant::now();
        let answer = self.send(&Whom::App(app.id), request).await?;
        let Given { token, expires_at } = self.read(&what, &answer.bytes)?;
        // From the answer's own time, for clocks differ.
        let given_at = answered_at(&answer.headers).unwrap_or_else(|| now().as_secs());
        let good_for = u64::try_from(expires_at.timestamp()).unwrap_or_default().saturating_sub(given_at);
        let until = asked + Duration::from_secs(good_for).saturating_sub(MARGIN);
        Ok(Token { secret: Secret::new(token), until })
    }

    /// A limit stays one; all else says whose failure it is.
    fn of_app(&self, app: u64, error: Error) -> Error {
        match error {
            Error::RateLimited { .. } => error,
            error => self.without_token(app, error.to_string()),
        }
    }

    fn without_token(&self, app: u64, reason: String) -> Error {
        Error::App { app, host: self.integration.host.clone(), reason }
    }
}

/// The clock of the wall, since 1970: what a signature says of time is compared with GitHub's own.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

// === impl AppState ===

impl AppState {
    fn slot(&self, installation: u64) -> Arc<Turn<Remembered<Token>>> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.entry(installation).or_default().clone()
    }
}

// === impl Asker ===

impl Asker {
    /// The token to ask with now.
    pub(crate) async fn token(&self) -> Result<Option<Secret>> {
        let Self { host, whom } = self;
        match whom {
            Whom::Nobody => Ok(None),
            Whom::Token => Ok(host.integration.token.clone()),
            Whom::App(id) => match host.app(*id) {
                Some((app, _)) => app.key.sign(app.id, now()).map(Some),
                None => Ok(None),
            },
            Whom::Installation { app, id, .. } => host.installation_token(*app, *id).await.map(Some),
        }
    }

    /// Forgets a token of an installation that was not accepted, and not one that came after it; says whether another one may
    /// be had.
    pub(crate) async fn forget(&self, refused: &Secret) -> bool {
        let Whom::Installation { app, id, .. } = &self.whom else { return false };
        let Some((_, state)) = self.host.app(*app) else { return false };
        let slot = state.slot(*id);
        let mut remembered = slot.lock().await;
        if remembered.value.as_ref().is_some_and(|(it, _)| it.secret == *refused) {
            remembered.value = None;
        }
        true
    }
}
