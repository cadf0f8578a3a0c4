//! Lists, page by page.

use plinth_egress::header::{self, HeaderMap};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    Error, Result,
    host::{Asker, Host, JSON, Wanted},
};

/// Members that a page of a list has at most.
const PAGE: &str = "100";
/// Pages of one list.
const PAGES: usize = 1_000;
/// How often a list of several pages is read in all until two readings agree.
const READINGS: usize = 3;

/// A list as it was read once.
struct Reading<T> {
    members: Vec<T>,
    hash: [u8; 32],
    pages: usize,
    /// Whether every page was as it was when it was last read.
    is_unchanged: bool,
}

// === impl Asker ===

impl Asker {
    /// All members of a list. One of several pages may change while it is read, and what moves over the edge of a page would be
    /// lost or come twice; so it is read again, which costs nothing of the rate limit where nothing changed, until two readings
    /// agree. Where three do not, the last one counts.
    pub(crate) async fn all<T: DeserializeOwned>(&self, mut url: Url) -> Result<Vec<T>> {
        url.query_pairs_mut().append_pair("per_page", PAGE);
        let mut last = self.reading(&url).await?;
        for _ in 1..READINGS {
            // Unchanged throughout, it agrees with the reading before.
            if last.pages == 1 || last.is_unchanged {
                break;
            }
            let next: Reading<T> = self.reading(&url).await?;
            let agrees = next.hash == last.hash;
            last = next;
            if agrees {
                break;
            }
        }
        Ok(last.members)
    }

    async fn reading<T: DeserializeOwned>(&self, first: &Url) -> Result<Reading<T>> {
        let what = first.path();
        let (mut members, mut hash, mut is_unchanged) = (Vec::new(), Sha256::new(), true);
        let mut url = first.clone();
        for pages in 1..=PAGES {
            let got = self.get(Wanted { url: &url, accept: JSON, is_dated: false }).await?;
            members.extend(self.host.read::<Vec<T>>(what, &got.known.bytes)?);
            hash.update(&got.known.bytes);
            is_unchanged &= got.is_unchanged;
            let Some(next) = got.known.next else {
                return Ok(Reading { members, hash: hash.finalize().into(), pages, is_unchanged });
            };
            let next = self.host.page(what, &next)?;
            if next == url {
                return Err(self.host.malformed(what, "its next page is itself"));
            }
            url = next;
        }
        Err(self.host.malformed(what, &format!("it has more than {PAGES} pages")))
    }
}

// === impl Host ===

impl Host {
    /// A further page, at the host that is configured, whatever name it gives itself there: behind a proxy a GitHub Enterprise
    /// Server may have another one, and a token goes nowhere else.
    fn page(&self, what: &str, next: &str) -> Result<Url> {
        let api = &self.integration.api;
        let refused = |reason: String| -> Error { self.malformed(what, &reason) };
        let next = api.join(next).map_err(|error| refused(format!("its next page is no URL ({error})")))?;
        let top = api.path().trim_end_matches('/');
        if !next.path().strip_prefix(top).is_some_and(|it| it.starts_with('/')) {
            let (path, top) = (next.path(), api.path());
            return Err(refused(format!(
                "its next page, `{path}`, does not lie under `{top}`; give `apiBaseUrl` the path that the host itself uses"
            )));
        }
        let mut url = api.clone();
        url.set_path(next.path());
        url.set_query(next.query());
        Ok(url)
    }
}

/// The next page as the host names it: `<https://…>; rel="next", …` (RFC 8288). A URL may hold commas and semicolons.
pub(crate) fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(header::LINK).iter().filter_map(|it| it.to_str().ok());
    let links = links.flat_map(|it| it.split('<').skip(1)).filter_map(|it| it.split_once('>'));
    let next = |(target, parameters): (&str, &str)| {
        let mut parameters = parameters.trim_end_matches([' ', ',']).split(';').filter_map(|it| it.split_once('='));
        let is_next = parameters.any(|(name, value)| {
            let mut kinds = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && kinds.any(|it| it.eq_ignore_ascii_case("next"))
        });
        is_next.then(|| target.to_owned())
    };
    links.into_iter().find_map(next)
}

#[cfg(test)]
mod tests {
    use plinth_egress::header::HeaderValue;

    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_is_called_so() {
        let of = |link: &str| next_page(&HeaderMap::from_iter([(header::LINK, HeaderValue::from_str(link).unwrap())]));
        for (link, expected) in [
            (r#"<https://x/a?page=2>; rel="next", <https://x/a?page=9>; rel="last""#, Some("https://x/a?page=2")),
            (
                r#"<https://x/a?page=1>; rel="prev", <https://x/a?q=1,2;3&page=3>; rel="next""#,
                Some("https://x/a?q=1,2;3&page=3"),
            ),
            ("<https://x/a>;REL=next", Some("https://x/a")),
            (r#"<a>; rel="first",<b>; title=x; rel="prev next""#, Some("b")),
            ("", None),
            ("x", None),
            ("<a", None),
            ("<a>; rel=last", None),
            (r#"<a>; rel="nextish""#, None),
        ] {
            assert_eq!(of(link).as_deref(), expected, "{link}");
        }
        assert_eq!(next_page(&HeaderMap::new()), None);
    }
}
