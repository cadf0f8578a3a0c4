//! Files in repositories, as URLs of people's pages name them.

use percent_encoding::percent_decode_str;
use plinth_egress::host_and_port;
use url::Url;

/// What stands between the repository and the reference: a file, a folder, a file that is edited, a file alone.
const FORMS: [&str; 4] = ["blob", "tree", "edit", "raw"];

/// A file in a repository, or several, where the path has wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `github.com`, or another host, perhaps with its port.
    pub host: String,
    /// The organisation or person.
    pub owner: String,
    /// The repository's name.
    pub repository: String,
    /// A branch, tag or commit, or one in full: `refs/heads/main`, `refs/tags/v1`. One with a further `/` in it cannot be told
    /// from a path, and is taken for one, as with Backstage.
    pub reference: String,
    /// From the repository's top, without a `/` before it.
    pub path: String,
}

impl Place {
    /// The place that a URL of this host names: `https://HOST/OWNER/REPOSITORY/blob/REFERENCE/PATH`, or the same with `tree`,
    /// `edit` or `raw`.
    pub(crate) fn of(host: &str, url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") || !host_and_port(url).eq_ignore_ascii_case(host) {
            return None;
        }
        let segments: Vec<String> = url
            .path_segments()?
            .map(|it| percent_decode_str(it).decode_utf8().map(String::from))
            .collect::<Result<_, _>>()
            .ok()?;
        let [owner, repository, form, rest @ ..] = segments.as_slice() else { return None };
        let (reference, path) = rest.split_at_checked(length_of_reference(rest))?;
        let is_named = [owner, repository].into_iter().chain(reference).all(|it| !it.is_empty() && !it.contains('/'));
        if !is_named || !FORMS.contains(&form.as_str()) {
            return None;
        }
        let repository = repository.strip_suffix(".git").unwrap_or(repository);
        let path: Vec<&str> = path.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        if path.iter().any(|part| matches!(*part, "." | "..") || part.contains('/')) {
            return None;
        }
        Some(Self {
            host: host.to_owned(),
            owner: owner.clone(),
            repository: repository.to_owned(),
            reference: reference.join("/"),
            path: path.join("/"),
        })
    }

    /// Whether the path may name several files: it holds `*` or `?`, or closed brackets or braces, as with Backstage.
    pub fn is_glob(&self) -> bool {
        let has_closed = |open, close| self.path.find(open).is_some_and(|at| self.path[at..].contains(close));
        self.path.contains(['*', '?']) || has_closed('[', ']') || has_closed('{', '}')
    }

    /// Whether another one is in the same repository, at the same reference.
    pub fn is_beside(&self, other: &Self) -> bool {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        same(&self.host, &other.host)
            && same(&self.owner, &other.owner)
            && same(&self.repository, &other.repository)
            && self.reference == other.reference
    }

    /// The URL of a file in the same repository, at the host of `url`, in a form.
    pub(crate) fn sibling(&self, url: &Url, form: &str, path: &str) -> Url {
        let mut sibling = url.clone();
        sibling.set_query(None);
        sibling.set_fragment(None);
        if let Ok(mut segments) = sibling.path_segments_mut() {
            segments.clear().extend([&self.owner, &self.repository, form]);
            segments.extend(self.reference.split('/'));
            segments.extend(path.split('/').filter(|it| !it.is_empty()));
        }
        sibling
    }

    /// The form of the URL of a place.
    pub(crate) fn form_of(url: &Url) -> &str {
        url.path_segments().and_then(|mut it| it.nth(2)).unwrap_or("blob")
    }

    /// The URL of a place with `tree` for its form.
    pub(crate) fn as_tree(url: &Url) -> Url {
        let Some(segments) = url.path_segments() else { return url.clone() };
        let segments: Vec<&str> = segments.enumerate().map(|(at, it)| if at == 2 { "tree" } else { it }).collect();
        let mut tree = url.clone();
        tree.set_path(&segments.join("/"));
        tree
    }
}

/// How many segments are a reference: `main`, or `refs/heads/main`.
fn length_of_reference(segments: &[String]) -> usize {
    match segments {
        [refs, kind, _, ..] if refs == "refs" && matches!(kind.as_str(), "heads" | "tags") => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Option<Place> {
        Place::of("github.com", &url.parse().unwrap())
    }

    #[test]
    fn pages_of_files_are_places() {
        for (url, expected) in [
            ("https://github.com/acme/shop/blob/main/catalog-info.yaml", ("main", "catalog-info.yaml", false)),
            ("https://GitHub.com/acme/shop/tree/main/a/b", ("main", "a/b", false)),
            ("https://github.com/acme/shop/edit/v1.0/a.yaml", ("v1.0", "a.yaml", false)),
            ("https://github.com/acme/shop/raw/main/a%20b.yaml?token=x#L1", ("main", "a b.yaml", false)),
            ("https://github.com/acme/shop.git/blob/main/a.yaml", ("main", "a.yaml", false)),
            ("https://github.com/acme/shop/blob/main/**/catalog-info.yaml", ("main", "**/catalog-info.yaml", true)),
            ("https://github.com/acme/shop/blob/main/{a,b}.yaml", ("main", "{a,b}.yaml", true)),
            ("https://github.com/acme/shop/tree/main/", ("main", "", false)),
            ("https://github.com/acme/shop/tree/main", ("main", "", false)),
            ("https://github.com/acme/shop/blob/refs/heads/main/a.yaml", ("refs/heads/main", "a.yaml", false)),
            ("https://github.com/acme/shop/raw/refs/tags/v1/b/a.yaml", ("refs/tags/v1", "b/a.yaml", false)),
            ("https://github.com/acme/shop/blob/refs/pull/a.yaml", ("refs", "pull/a.yaml", false)),
            ("https://github.com/acme/shop/blob/main/a]b[c}d{.yaml", ("main", "a]b[c}d{.yaml", false)),
            ("https://github.com/acme/shop/blob/main/[ab].yaml", ("main", "[ab].yaml", true)),
        ] {
            let found = place(url).unwrap_or_else(|| panic!("{url}"));
            assert_eq!((found.owner.as_str(), found.repository.as_str()), ("acme", "shop"), "{url}");
            assert_eq!((found.reference.as_str(), found.path.as_str(), found.is_glob()), expected, "{url}");
        }
        for url in [
            "https://github.com/acme/shop",
            "https://github.com/acme/shop/pull/1/files",
            "https://github.com/acme/shop/blob",
            "https://github.com/acme//blob/main/a",
            "https://github.com:8443/acme/shop/blob/main/a",
            "https://gist.github.com/acme/shop/blob/main/a",
            "https://github.com.evil.org/acme/shop/blob/main/a",
            "https://github.com/acme%2Fx/shop/blob/main/a",
            "https://github.com/acme/shop/blob/main/..%2F..%2Fa",
            "https://github.com/acme/shop/blob/main/%FF",
            "ftp://github.com/acme/shop/blob/main/a",
        ] {
            assert_eq!(place(url), None, "{url}");
        }
    }

    #[test]
    fn what_lies_beside_is_in_the_same_repository_at_the_same_reference() {
        let one = place("https://github.com/acme/shop/blob/main/a/b.yaml").unwrap();
        for (url, expected) in [
            ("https://github.com/Acme/Shop/raw/main/c.yaml", true),
            ("https://github.com/acme/shop/blob/other/c.yaml", false),
            ("https://github.com/acme/secrets/blob/main/c.yaml", false),
            ("https://github.com/other/shop/blob/main/c.yaml", false),
        ] {
            assert_eq!(place(url).unwrap().is_beside(&one), expected, "{url}");
        }
        let url = "https://github.com/acme/shop/edit/main/a?b#c".parse().unwrap();
        let sibling = one.sibling(&url, "tree", "/x y/z.yaml");
        assert_eq!(sibling.as_str(), "https://github.com/acme/shop/tree/main/x%20y/z.yaml");
        let url = "https://github.com/acme/shop/blob/refs/heads/main/a%20b/*.yaml";
        let full = place(url).unwrap();
        let sibling = full.sibling(&url.parse().unwrap(), "blob", "c.yaml");
        assert_eq!(sibling.as_str(), "https://github.com/acme/shop/blob/refs/heads/main/c.yaml");
        let tree = Place::as_tree(&url.parse().unwrap());
        assert_eq!(tree.as_str(), "https://github.com/acme/shop/tree/refs/heads/main/a%20b/*.yaml");
    }
}
