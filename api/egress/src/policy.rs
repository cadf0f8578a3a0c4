//! What may be read: `backend.reading.allow`.

use std::net::IpAddr;

use url::{Host, Url};

use crate::{Error, Result, address::Place};

/// What may be read. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who may be read from.
    pub allow: Vec<Allowed>,
}

/// A member of `backend.reading.allow[]`, as Backstage reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// `example.com`, `example.com:8080`, `*.example.com`, `127.0.0.1:8080`; without a port the scheme's own.
    pub host: String,
    /// Beginnings of paths; empty means all.
    pub paths: Vec<String>,
}

impl Allowed {
    /// The host behind `*.`.
    fn wildcard(&self) -> Option<&str> {
        self.host.strip_prefix('*').filter(|rest| rest.starts_with('.'))
    }

    fn has_host(&self, host: &str) -> bool {
        match self.wildcard() {
            // Not the domain itself, as with Backstage.
            Some(suffix) => host.len() > suffix.len() && host.ends_with(&suffix.to_lowercase()),
            None => host == self.host.to_lowercase(),
        }
    }

    fn allows(&self, url: &Url) -> bool {
        let path = url.path();
        self.has_host(&host_and_port(url))
            && (self.paths.is_empty() || self.paths.iter().any(|it| path.starts_with(it)))
    }
}

impl Policy {
    /// Whether a URL may be read, as far as the URL tells.
    pub(crate) fn check(&self, url: &Url) -> Result<()> {
        let refused = |reason: &str| Err(Error::NotAllowed { url: shown(url), reason: reason.to_owned() });
        if !matches!(url.scheme(), "http" | "https") {
            return refused("only `http` and `https` are read");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("a URL with a user or a password is not read");
        }
        if !self.allow.iter().any(|it| it.allows(url)) {
            let host = host_and_port(url);
            return refused(&format!(
                "allow it with `backend.reading.allow: [{{host: '{host}'}}]` in the configuration"
            ));
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(&host_of(url), IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => self.check_address(&host_of(url), IpAddr::V6(address)),
            _ => Ok(()),
        }
    }

    /// Whether a host may lie at an address. A name that the configuration gives in full may lie in a private network, one
    /// that a wildcard matches may not; this machine must be named as `localhost` or by its address.
    pub(crate) fn check_address(&self, host: &str, address: IpAddr) -> Result<()> {
        let is_literal = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        // The port was checked with the URL; a resolver knows none.
        let is_named =
            || self.allow.iter().any(|it| it.wildcard().is_none() && without_port(&it.host).eq_ignore_ascii_case(host));
        let allowed = match crate::address::place(address) {
            Place::Global => true,
            Place::Private => is_named(),
            Place::Loopback => is_literal && is_named(),
            Place::Never => false,
        };
        if allowed { Ok(()) } else { Err(Error::Address { host: host.to_owned(), address }) }
    }
}

/// A URL as errors show it: without what may be secret.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // It fails where there can be no user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// The host of a URL, with its port where that is not the scheme's own.
pub fn host_and_port(url: &Url) -> String {
    let host = host_of(url);
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|it| it.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(hosts: &[(&str, &[&str])]) -> Policy {
        let allowed = |(host, paths): &(&str, &[&str])| Allowed {
            host: (*host).to_owned(),
            paths: paths.iter().map(|it| (*it).to_owned()).collect(),
        };
        Policy { allow: hosts.iter().map(allowed).collect() }
    }

    fn allows(policy: &Policy, url: &str) -> bool {
        policy.check(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn hosts_ports_and_paths_are_those_of_the_configuration() {
        let policy = policy(&[("Example.com", &[]), ("*.wild.org", &[]), ("a.org:8080", &["/x/"]), ("[::1]:81", &[])]);
        for url in [
            "https://example.com/a",
            "http://EXAMPLE.com/",
            "https://example.com:443/",
            "https://b.c.wild.org/",
            "http://a.org:8080/x/y",
            "http://[::1]:81/",
            "http://[0:0:0:0:0:0:0:1]:81/",
        ] {
            assert!(allows(&policy, url), "{url}");
        }
        for url in [
            "https://example.com:8443/",
            "https://notexample.com/",
            "https://wild.org/",
            "https://xwild.org/",
            "http://a.org/x/",
            "http://a.org:8080/xy",
            "http://a.org:8080/x/../y",
            "ftp://example.com/",
            "https://user@example.com/",
            "http://[::1]/",
        ] {
            assert!(!allows(&policy, url), "{url}");
        }
    }

    #[test]
    fn an_address_is_checked_in_every_spelling() {
        let all = policy(&[("169.254.169.254", &[]), ("10.0.0.1", &[]), ("127.0.0.1", &[])]);
        for url in ["http://10.0.0.1/", "http://167772161/", "http://0x7f.1/", "http://2130706433/"] {
            assert!(allows(&all, url), "{url}");
        }
        for url in ["http://169.254.169.254/latest", "http://2852039166/", "http://[::ffff:7f00:1]/"] {
            assert!(!allows(&all, url), "{url}");
        }
    }

    #[test]
    fn a_name_may_be_private_when_it_is_given_in_full_and_this_machine_never() {
        let policy = policy(&[("git.corp:8443", &[]), ("*.example.com", &[]), ("localhost:3000", &[])]);
        for (host, address, expected) in [
            ("git.corp", "10.0.0.1", true),
            ("git.corp", "8.8.8.8", true),
            ("git.corp", "127.0.0.1", false),
            ("git.corp", "169.254.169.254", false),
            ("a.example.com", "8.8.8.8", true),
            ("a.example.com", "10.0.0.1", false),
            ("localhost", "127.0.0.1", true),
            ("localhost", "::1", true),
            ("localhost", "169.254.169.254", false),
        ] {
            let found = policy.check_address(host, address.parse().unwrap()).is_ok();
            assert_eq!(found, expected, "{host} at {address}");
        }
    }
}
