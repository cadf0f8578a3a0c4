//! What GitHub tells of itself: webhooks (<https://docs.github.com/en/webhooks>).

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::Secret;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Commits came to a branch, or a branch came or went.
    Push {
        /// The repository.
        repository: RepositoryName,
        /// The branch's or tag's name, without `refs/heads/` or `refs/tags/`.
        reference: String,
    },
    /// A repository came, went, or is another now.
    Repository {
        /// The repository, by the name that it has now.
        repository: RepositoryName,
        /// The name that it had, where that was another.
        former: Option<String>,
    },
    /// Teams or members of an organisation are others now.
    Organisation {
        /// Its name.
        organisation: String,
    },
    /// Nothing that matters here.
    Other,
}

/// A repository by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryName {
    /// The organisation or person.
    pub owner: String,
    /// Its own name.
    pub name: String,
}

/// Why an event is not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is no JSON of this event.
    #[error("the payload of the event `{event}` cannot be read: {source}")]
    Malformed {
        /// The event's name.
        event: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// Whether one of these secrets signed a body: `x-hub-signature-256`, compared in constant time.
pub fn verify<'s>(secrets: impl IntoIterator<Item = &'s Secret>, body: &[u8], signature: &str) -> bool {
    let Some(signature) = signature.strip_prefix("sha256=").and_then(bytes_of) else { return false };
    let is_signed = |secret: &Secret| {
        // A key of any length is one.
        Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes())
            .is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok())
    };
    // All of them, so that the time does not tell which.
    secrets.into_iter().fold(false, |is_valid, secret| is_signed(secret) | is_valid)
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    (0..32).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()).collect()
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    r#ref: Option<String>,
    #[serde(default)]
    repository: Option<PayloadRepository>,
    #[serde(default)]
    organization: Option<Login>,
    #[serde(default)]
    changes: Option<Changes>,
}

#[derive(Deserialize)]
struct PayloadRepository {
    name: String,
    owner: Login,
}

/// `login`; in the payload of a push by a person it may be `name`.
#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Changes {
    #[serde(default)]
    repository: Option<ChangedRepository>,
}

#[derive(Deserialize)]
struct ChangedRepository {
    name: From,
}

#[derive(Deserialize)]
struct From {
    from: String,
}

// === impl Event ===

impl Event {
    /// Reads an event by its name, `x-github-event`. One that is not known is [`Event::Other`].
    ///
    /// # Errors
    /// Where the payload is no JSON, or lacks what GitHub says that it has.
    pub fn read(event: &str, body: &[u8]) -> Result<Self, WebhookError> {
        let malformed = |source| WebhookError::Malformed { event: event.to_owned(), source };
        let lacking = |member: &'static str| malformed(serde::de::Error::missing_field(member));
        let payload = || serde_json::from_slice::<Payload>(body).map_err(malformed);
        match event {
            "push" => {
                let Payload { r#ref: reference, repository, .. } = payload()?;
                let reference = reference.ok_or_else(|| lacking("ref"))?;
                let name = ["refs/heads/", "refs/tags/"].iter().find_map(|it| reference.strip_prefix(it));
                let reference = name.unwrap_or(&reference).to_owned();
                Ok(Self::Push { repository: named(repository).ok_or_else(|| lacking("repository"))?, reference })
            }
            "repository" => {
                let Payload { repository, changes, .. } = payload()?;
                let former = changes.and_then(|it| it.repository).map(|it| it.name.from);
                Ok(Self::Repository { repository: named(repository).ok_or_else(|| lacking("repository"))?, former })
            }
            "organization" | "team" | "membership" | "member" => {
                let Payload { organization, repository, .. } = payload()?;
                let owner = organization.and_then(Login::name).or_else(|| Some(named(repository)?.owner));
                Ok(Self::Organisation { organisation: owner.ok_or_else(|| lacking("organization"))? })
            }
            _ => serde_json::from_slice::<serde::de::IgnoredAny>(body).map(|_| Self::Other).map_err(malformed),
        }
    }
}

fn named(repository: Option<PayloadRepository>) -> Option<RepositoryName> {
    let PayloadRepository { name, owner } = repository?;
    Some(RepositoryName { owner: owner.name()?, name })
}

// === impl Login ===

impl Login {
    fn name(self) -> Option<String> {
        self.login.or(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_of_githubs_own_example_is_valid_and_no_other() {
        // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
        let secret = Secret::new("It's a Secret to Everybody".to_owned());
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let other = Secret::new("other".to_owned());
        assert!(verify([&secret], b"Hello, World!", signature));
        assert!(verify([&other, &secret], b"Hello, World!", signature));
        assert!(!verify([&secret], b"Hello, World", signature));
        assert!(!verify([&other], b"Hello, World!", signature));
        assert!(!verify([], b"Hello, World!", signature));
        for wrong in ["", "sha256=", "sha1=757107ea", &signature[..70], &signature.replace('7', "x"), "sha256=é"] {
            assert!(!verify([&secret], b"Hello, World!", wrong), "{wrong}");
        }
    }

    #[test]
    fn of_events_what_matters_is_read() {
        let name = RepositoryName { owner: "acme".to_owned(), name: "shop".to_owned() };
        let repository = r#""repository": {"name": "shop", "owner": {"login": "acme"}, "more": [1]}"#;
        let read = |event: &str, members: &str| Event::read(event, format!("{{{members}}}").as_bytes()).unwrap();
        let pushed = read("push", &format!(r#""ref": "refs/heads/feature/x", {repository}"#));
        assert_eq!(pushed, Event::Push { repository: name.clone(), reference: "feature/x".to_owned() });
        let renamed =
            format!(r#""action": "renamed", "changes": {{"repository": {{"name": {{"from": "old"}}}}}}, {repository}"#);
        let former = Some("old".to_owned());
        assert_eq!(read("repository", &renamed), Event::Repository { repository: name.clone(), former });
        assert_eq!(read("repository", repository), Event::Repository { repository: name, former: None });
        let organisation = Event::Organisation { organisation: "acme".to_owned() };
        assert_eq!(read("team", r#""action": "created", "organization": {"login": "acme"}"#), organisation);
        assert_eq!(read("member", repository), organisation);
        assert_eq!(read("star", repository), Event::Other);
        assert!(Event::read("push", b"{}").is_err_and(|error| error.to_string().contains("missing field `ref`")));
        assert!(Event::read("ping", b"no").is_err());
    }
}
