//! With whose rights something is asked.

use std::fmt;

/// With whose rights something is asked of a host. Limits and kept answers belong to it; it stays when a token is renewed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Whom {
    /// With those of everybody.
    Nobody,
    /// With those of `token`.
    Token,
    /// With those of an App itself, by its `appId`.
    App(u64),
    /// With those that an owner gave to an App.
    Installation {
        /// `appId`.
        app: u64,
        /// GitHub's number of the installation.
        id: u64,
        /// The organisation or person.
        owner: String,
    },
}

// === impl Whom ===

impl Whom {
    /// The subject of a sentence.
    pub(crate) fn named(&self, host: &str) -> String {
        match self {
            Self::Nobody => format!("who asks `{host}` without a token of `integrations.github`"),
            Self::Token => format!("the token of `integrations.github` for `{host}`"),
            Self::App(app) => format!("the App {app} of `integrations.github` for `{host}`"),
            Self::Installation { app, owner, .. } => {
                format!("the App {app} of `integrations.github` for `{host}`, installed at `{owner}`,")
            }
        }
    }

    /// What helps where a host does not know it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Nobody | Self::Token => "give it another one",
            Self::App(_) => "`appId` and `privateKey` must be of one App, and the clock right to a minute",
            Self::Installation { .. } => "it may have been uninstalled; it is looked for again",
        }
    }
}

/// A short name without the host, for metrics: `token`, `app-12/acme`.
impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Token => f.write_str("token"),
            Self::App(app) => write!(f, "app-{app}"),
            Self::Installation { app, owner, .. } => write!(f, "app-{app}/{owner}"),
        }
    }
}
