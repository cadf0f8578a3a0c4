//! What GitHub tells of itself: webhooks (<https://docs.github.com/en/webhooks>).

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::{Place, Secret};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Commits came to a branch, or a branch or tag came, moved or went.
    Push {
        /// The repository.
        repository: RepositoryName,
        /// The branch or tag.
        reference: Reference,
        /// The branch that is meant where none is named, where the event tells.
        default_branch: Option<String>,
    },
    /// A repository came, went, or is another now.
    Repository {
        /// The repository, by the names that it has now.
        repository: RepositoryName,
        /// The names that it had, where it was renamed or got another owner.
        former: Option<RepositoryName>,
    },
    /// Teams or members of an organisation are others now, or the organisation is.
    Organisation {
        /// Its name.
        organisation: String,
        /// The name that it had, where it was renamed.
        former: Option<String>,
    },
    /// Nothing that matters here.
    Other,
}

/// What a push moved: Git keeps branches and tags apart, and one of each may have the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `refs/heads/…`, without that.
    Branch(String),
    /// `refs/tags/…`, without that.
    Tag(String),
    /// Another one, in full.
    Other(String),
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
    #[serde(default)]
    default_branch: Option<String>,
}

/// `login`; in the payload of a push by a person it may be `name`.
#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

/// What was otherwise before.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Changes {
    /// Of a repository that is renamed.
    repository: Option<ChangedRepository>,
    /// Of one that has another owner.
    owner: Option<From<FormerOwner>>,
    /// Of an organisation that is renamed.
    login: Option<From<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangedRepository {
    name: Option<From<String>>,
}

#[derive(Deserialize)]
struct From<T> {
    from: T,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FormerOwner {
    organization: Option<Login>,
    user: Option<Login>,
}

// === impl Event ===

impl Event {
    /// Reads an event by its name, `x-github-event`: JSON, or a form with JSON in its field `payload`, as a webhook's content type
    /// may be. The signature is of the body as it came. One that is not known is [`Event::Other`].
    ///
    /// # Errors
    /// Where the payload is no JSON, or lacks what GitHub says that it has.
    pub fn read(event: &str, body: &[u8]) -> Result<Self, WebhookError> {
        let malformed = |source| WebhookError::Malformed { event: event.to_owned(), source };
        let lacking = |member: &'static str| malformed(serde::de::Error::missing_field(member));
        let body = &*unwrapped(body);
        let payload = || serde_json::from_slice::<Payload>(body).map_err(malformed);
        match event {
            "push" => {
                let Payload { r#ref: reference, repository, .. } = payload()?;
                let reference = Reference::of(&reference.ok_or_else(|| lacking("ref"))?);
                let default_branch = repository.as_ref().and_then(|it| it.default_branch.clone());
                let repository = named(repository).ok_or_else(|| lacking("repository"))?;
                Ok(Self::Push { repository, reference, default_branch })
            }
            "repository" => {
                let Payload { repository, changes, .. } = payload()?;
                let repository = named(repository).ok_or_else(|| lacking("repository"))?;
                let former = changes.and_then(|it| it.former_of(&repository));
                Ok(Self::Repository { repository, former })
            }
            "organization" | "team" | "membership" | "member" => {
                let Payload { organization, repository, changes, .. } = payload()?;
                let owner = organization.and_then(Login::name).or_else(|| Some(named(repository)?.owner));
                let former = changes.and_then(|it| it.login).map(|it| it.from);
                Ok(Self::Organisation { organisation: owner.ok_or_else(|| lacking("organization"))?, former })
            }
            _ => serde_json::from_slice::<serde::de::IgnoredAny>(body).map(|_| Self::Other).map_err(malformed),
        }
    }

    /// Whether it may have changed what is at a place. The host is not compared: an event does not tell it.
    pub fn is_about(&self, place: &Place) -> bool {
        let is_in = |it: &RepositoryName| {
            it.owner.eq_ignore_ascii_case(&place.owner) && it.name.eq_ignore_ascii_case(&place.repository)
        };
        match self {
            Self::Push { repository, reference, default_branch } => {
                let is_default = |name: &String| *reference == Reference::Branch(name.clone());
                let is_head = place.reference == "HEAD" && default_branch.as_ref().is_none_or(is_default);
                is_in(repository) && (is_head || reference.may_be_meant_by(&place.reference))
            }
            Self::Repository { repository, former } => is_in(repository) || former.as_ref().is_some_and(is_in),
            Self::Organisation { .. } | Self::Other => false,
        }
    }

    /// The organisations or persons that it is about, those of before among them.
    pub fn owners(&self) -> Vec<&str> {
        match self {
            Self::Push { repository, .. } => vec![&repository.owner],
            Self::Repository { repository, former } => {
                std::iter::once(repository).chain(former).map(|it| it.owner.as_str()).collect()
            }
            Self::Organisation { organisation, former } => {
                std::iter::once(organisation).chain(former).map(String::as_str).collect()
            }
            Self::Other => Vec::new(),
        }
    }
}

/// The JSON in a form; JSON itself begins otherwise.
fn unwrapped(body: &[u8]) -> Cow<'_, [u8]> {
    if !body.starts_with(b"payload=") {
        return Cow::Borrowed(body);
    }
    let mut fields = url::form_urlencoded::parse(body);
    let payload = fields.find(|(name, _)| name == "payload").map(|(_, value)| value.into_owned().into_bytes());
    Cow::Owned(payload.unwrap_or_default())
}

fn named(repository: Option<PayloadRepository>) -> Option<RepositoryName> {
    let PayloadRepository { name, owner, default_branch: _ } = repository?;
    Some(RepositoryName { owner: owner.name()?, name })
}

// === impl Changes ===

impl Changes {
    /// The names that a repository had.
    fn former_of(self, repository: &RepositoryName) -> Option<RepositoryName> {
        let Self { repository: renamed, owner, login: _ } = self;
        let name = renamed.and_then(|it| it.name).map(|it| it.from);
        let owner = owner.and_then(|it| it.from.organization.or(it.from.user)).and_then(Login::name);
        if name.is_none() && owner.is_none() {
            return None;
        }
        let now = repository.clone();
        Some(RepositoryName { owner: owner.unwrap_or(now.owner), name: name.unwrap_or(now.name) })
    }
}

// === impl Reference ===

impl Reference {
    /// Reads one in full: `refs/heads/main`.
    pub fn of(full: &str) -> Self {
        let (branch, tag) = (full.strip_prefix("refs/heads/"), full.strip_prefix("refs/tags/"));
        match (branch, tag) {
            (Some(name), _) => Self::Branch(name.to_owned()),
            (_, Some(name)) => Self::Tag(name.to_owned()),
            _ => Self::Other(full.to_owned()),
        }
    }

    /// Whether it may be what a URL means: in full it is that one, in short a branch or a tag of that name.
    pub fn may_be_meant_by(&self, written: &str) -> bool {
        match self {
            Self::Branch(name) => written == name || written.strip_prefix("refs/heads/") == Some(name),
            Self::Tag(name) => written == name || written.strip_prefix("refs/tags/") == Some(name),
            Self::Other(full) => written == full,
        }
    }
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

    fn read(event: &str, members: &str) -> Event {
        Event::read(event, format!("{{{members}}}").as_bytes()).unwrap()
    }

    fn name(owner: &str, name: &str) -> RepositoryName {
        RepositoryName { owner: owner.to_owned(), name: name.to_owned() }
    }

    fn place(owner: &str, repository: &str, reference: &str) -> Place {
        Place {
            host: "github.com".to_owned(),
            owner: owner.to_owned(),
            repository: repository.to_owned(),
            reference: reference.to_owned(),
            path: "a.yaml".to_owned(),
        }
    }

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
        let repository = r#""repository": {"name": "shop", "owner": {"login": "acme"}, "more": [1]}"#;
        let pushed = read("push", &format!(r#""ref": "refs/heads/feature/x", {repository}"#));
        let reference = Reference::Branch("feature/x".to_owned());
        assert_eq!(pushed, Event::Push { repository: name("acme", "shop"), reference, default_branch: None });
        let organisation = Event::Organisation { organisation: "acme".to_owned(), former: None };
        for event in ["team", "membership", "organization"] {
            assert_eq!(
                read(event, r#""action": "added", "organization": {"login": "acme"}, "team": {}"#),
                organisation
            );
        }
        assert_eq!(read("member", repository), organisation);
        let renamed =
            r#""action": "renamed", "organization": {"login": "acme"}, "changes": {"login": {"from": "old"}}"#;
        let renamed = read("organization", renamed);
        assert_eq!(renamed.owners(), ["acme", "old"]);
        assert_eq!(read("star", repository), Event::Other);
        assert!(Event::read("push", b"{}").is_err_and(|error| error.to_string().contains("missing field `ref`")));
        for body in ["no", "payload", "payload=", "payload=no", "payload=%7B"] {
            assert!(Event::read("ping", body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_repository_is_told_by_the_names_that_it_has_and_those_that_it_had() {
        let repository = r#""repository": {"name": "shop", "owner": {"login": "acme"}}"#;
        for (changes, former) in [
            (r#"{"repository": {"name": {"from": "old"}}}"#, Some(name("acme", "old"))),
            (r#"{"owner": {"from": {"organization": {"login": "before", "id": 1}}}}"#, Some(name("before", "shop"))),
            (r#"{"owner": {"from": {"user": {"login": "ann"}, "organization": null}}}"#, Some(name("ann", "shop"))),
            (r#"{"description": {"from": "x"}}"#, None),
            ("null", None),
        ] {
            let event = read("repository", &format!(r#""action": "edited", "changes": {changes}, {repository}"#));
            assert_eq!(event, Event::Repository { repository: name("acme", "shop"), former: former.clone() });
            let owners: Vec<&str> = ["acme"].into_iter().chain(former.as_ref().map(|it| it.owner.as_str())).collect();
            assert_eq!(event.owners(), owners);
            assert!(event.is_about(&place("acme", "SHOP", "main")) && !event.is_about(&place("acme", "other", "main")));
            assert!(former.is_none_or(|it| event.is_about(&place(&it.owner, &it.name, "main"))));
        }
    }

    #[test]
    fn a_tag_is_no_branch_of_the_same_name() {
        let push = |reference: &str| {
            let repository = r#"{"name": "shop", "owner": {"name": "acme"}, "default_branch": "main"}"#;
            read("push", &format!(r#""ref": "{reference}", "repository": {repository}"#))
        };
        for (reference, is_named, is_not_named) in [
            ("refs/heads/main", &["main", "refs/heads/main", "HEAD"][..], &["refs/tags/main", "other"][..]),
            ("refs/heads/v1", &["v1", "refs/heads/v1"], &["refs/tags/v1", "HEAD"]),
            ("refs/tags/v1", &["v1", "refs/tags/v1"], &["refs/heads/v1", "HEAD", "main"]),
            ("refs/tags/main", &["main", "refs/tags/main"], &["refs/heads/main", "HEAD"]),
            ("refs/pull/1/head", &[], &["main", "head"]),
        ] {
            let event = push(reference);
            let is_about = |written: &&str| event.is_about(&place("Acme", "shop", written));
            assert!(is_named.iter().all(is_about) && !is_not_named.iter().any(is_about), "{reference}");
        }
        assert_eq!(Reference::of("refs/tags/main"), Reference::Tag("main".to_owned()));
        assert_ne!(Reference::of("refs/tags/main"), Reference::of("refs/heads/main"));
    }

    #[test]
    fn a_form_is_read_as_json_is_under_the_signature_of_the_body_as_it_came() {
        let json = r#"{"ref": "refs/heads/main", "repository": {"name": "a&b+c é", "owner": {"login": "acme"}}}"#;
        let encoded: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", json).finish();
        let event = Event::read("push", encoded.as_bytes()).unwrap();
        assert_eq!(event, Event::read("push", json.as_bytes()).unwrap());
        assert!(event.is_about(&place("acme", "a&b+c é", "main")));
        let secret = Secret::new("s".to_owned());
        let mac = Hmac::<Sha256>::new_from_slice(b"s").unwrap().chain_update(&encoded).finalize();
        let digits: String = mac.into_bytes().iter().map(|it| format!("{it:02x}")).collect();
        assert!(verify([&secret], encoded.as_bytes(), &format!("sha256={digits}")));
        assert!(!verify([&secret], json.as_bytes(), &format!("sha256={digits}")));
    }
}
