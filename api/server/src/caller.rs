//! Who asks: the one place where a request's headers become a caller.

mod groups;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use chrono::{DateTime, Utc};
use plinth_auth::{Caller, Grant, Scope};
use plinth_catalog::{Entity, Who};
use plinth_model::EntityRef;
use plinth_storage::now;

use crate::http::{App, Refused};

/// The User to be, in development mode.
const ACT_AS: HeaderName = HeaderName::from_static("plinth-act-as");

/// Who sends these headers. Every transport asks here before it reads anything else. In development mode, who shows no token
/// is the local developer, or the User that the header `plinth-act-as` names; a token counts there as it does elsewhere.
pub(crate) fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    let act_as = headers.get(ACT_AS);
    let Some(token) = bearer(headers)? else {
        return match act_as {
            _ if !app.development => {
                Err(unauthenticated("Bearer", "a token is missing: send `Authorization: Bearer …`"))
            }
            None => Ok(Caller::local_developer()),
            Some(user) => acting(app, user.to_str().unwrap_or_default()),
        };
    };
    let grant = app.auth.find(token, now()).map_err(|rejected| invalid_token(rejected.to_string()))?;
    let caller = holder(app, &grant)?.until(grant.expires_at);
    match act_as {
        None => Ok(caller),
        Some(_) if app.development => {
            Err(Refused::bad_input("send either a token or `plinth-act-as`: a token says already who asks"))
        }
        Some(_) => {
            let message =
                "`plinth-act-as` is for development mode; make a token with `plinth token create --as` instead";
            Err(Refused::new(StatusCode::FORBIDDEN, "FORBIDDEN", message))
        }
    }
}

/// Who sends these headers by now, whenever it is asked: groups come and go while a stream is open.
pub(crate) fn who(app: &App, headers: &HeaderMap) -> Who {
    let (app, headers) = (app.clone(), headers.clone());
    Arc::new(move || caller(&app, &headers).ok())
}

/// Waits until these headers, which made a caller once, make none any more: the token was revoked or is over, or its holder left.
/// Asked whenever tokens change and when the token ends.
pub(crate) async fn until_refused(app: App, headers: HeaderMap, expires_at: Option<DateTime<Utc>>) -> Refused {
    let mut changes = app.auth.changes();
    loop {
        let left = expires_at.map(|end| (end - now()).to_std().unwrap_or_default());
        let over = async {
            match left {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        // First of all: it may have ended before this began to follow.
        if let Err(refused) = caller(&app, &headers) {
            return refused;
        }
        tokio::select! {
            () = changes.next() => {}
            () = over => {}
        }
    }
}

/// The token that the headers hold.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (given.next(), given.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return Err(invalid_token("there are several `Authorization` headers; send one")),
    };
    let token = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token.map(|(_, token)| token.trim()).filter(|token| !token.is_empty()) {
        Some(token) => Ok(Some(token)),
        None => Err(invalid_token("the `Authorization` header holds no token; expected `Bearer …`")),
    }
}

/// Who holds a token.
fn holder(app: &App, grant: &Grant) -> Result<Caller, Refused> {
    let Grant { name, scope, holder, .. } = grant;
    let Some(holder) = holder else { return Ok(Caller::service(name, *scope)) };
    if let Some(caller) = user(app, holder, *scope)? {
        return Ok(caller);
    }
    if !app.catalog.is_ready() {
        let message = "the catalog is being read, and the token's holder stands in it; try again later";
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message));
    }
    Err(invalid_token(format!("the token's holder `{holder}` is not in the catalog")))
}

/// The User that a developer wants to be.
fn acting(app: &App, name: &str) -> Result<Caller, Refused> {
    let refused = |reason: &str| Refused::bad_input(format!("`plinth-act-as`: {reason}"));
    let name: EntityRef = name.parse().map_err(|_| refused("expected a reference such as `user:default/NAME`"))?;
    if name.kind() != "user" {
        return Err(refused(&format!("`{name}` is no User; expected `user:default/NAME`")));
    }
    let caller = user(app, &name, Scope::Write)?;
    caller.ok_or_else(|| refused(&format!("`{name}` is not in the catalog")))
}

/// A User of the catalog, looked up by Plinth itself: who asks is not known before.
fn user(app: &App, user: &EntityRef, scope: Scope) -> Result<Option<Caller>, Refused> {
    let snapshot = app.catalog.snapshot(&Caller::system()).map_err(Refused::fault)?;
    let caller = |entity: &Arc<Entity>| Caller::user(user, entity.display_name(), groups::of(&snapshot, user), scope);
    Ok(snapshot.find(user).map(caller))
}

fn invalid_token(message: impl Into<String>) -> Refused {
    unauthenticated("Bearer error=\"invalid_token\"", message)
}

/// `challenge`: how to do better, by RFC 6750.
fn unauthenticated(challenge: &'static str, message: impl Into<String>) -> Refused {
    let refused = Refused::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message);
    refused.with(header::WWW_AUTHENTICATE, challenge)
}
