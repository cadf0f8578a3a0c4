//! `backend.auth`: tokens that the configuration itself holds.

use plinth_auth::{Config as Auth, StaticToken};

use super::{Reader, notices::not_yet};
use crate::item::{Item, Value};

/// Shorter tokens are refused, as Backstage does.
const SHORTEST: usize = 8;
/// Longer ones are not asked for by any caller.
const LONGEST: usize = 1024;

/// `backend.auth.externalAccess`.
pub(super) fn auth(reader: &mut Reader<'_>) -> Auth {
    let mut static_tokens: Vec<StaticToken> = Vec::new();
    for item in reader.maps("backend.auth.externalAccess") {
        let Some(token) = static_token(reader, item) else { continue };
        if let Some(other) = static_tokens.iter().find(|other| other.is_same(&token)) {
            let message = format!("its token is that of `{}`; give each its own", other.subject());
            reader.refuse_at(item.place.clone(), message);
        }
        static_tokens.push(token);
    }
    Auth { static_tokens }
}

fn static_token(reader: &mut Reader<'_>, item: &Item) -> Option<StaticToken> {
    let kind = reader.needed(item, "type", "`static`")?;
    match &kind.value {
        Value::String(text) if text == "static" => {}
        // Theirs, and not ours yet: such callers are refused.
        Value::String(text) if text == "legacy" || text == "jwks" => {
            let message = format!("`type: {text}` is not implemented yet; Plinth refuses its tokens");
            reader.notice(&kind.place, message);
            return None;
        }
        _ => {
            reader.wrong(kind, "`static`");
            return None;
        }
    }
    if let Some(restrictions) = item.member("accessRestrictions") {
        let message =
            "`accessRestrictions` are not implemented yet; Plinth refuses this token rather than allow it more";
        reader.notice(&restrictions.place, message);
        return None;
    }
    for (key, member) in item.members().unwrap_or_default() {
        if !matches!(key.as_str(), "type" | "options") {
            not_yet(reader, member);
        }
    }
    let options = reader.needed(item, "options", "a map with `token` and `subject`")?;
    if options.members().is_none() {
        reader.wrong(options, "a map with `token` and `subject`");
        return None;
    }
    let token = reader.needed(options, "token", "a string of at least 8 characters");
    let subject = reader.needed(options, "subject", "the name of a service");
    let (token, subject) = (token?, subject?);
    let (text, subject) = (reader.text_of(token)?, name(reader, subject)?);
    if text.len() < SHORTEST || text.len() > LONGEST || !text.bytes().all(|it| it.is_ascii_graphic()) {
        reader.wrong(token, "8 to 1024 characters of ASCII without spaces, as `openssl rand -hex 32` makes them");
        return None;
    }
    Some(StaticToken::new(&text, &subject))
}

fn name(reader: &mut Reader<'_>, item: &Item) -> Option<String> {
    let text = reader.text_of(item)?;
    if text.len() > 200 || text.contains(|it: char| it.is_whitespace() || it.is_control()) {
        reader.wrong(item, "the name of a service, without spaces");
        return None;
    }
    Some(text)
}
