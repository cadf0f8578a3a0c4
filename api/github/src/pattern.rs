//! Wildcards in paths.

use globset::{GlobBuilder, GlobMatcher};

use crate::{Error, Result};

/// Ways to read the braces of one wildcard.
const MOST_WAYS: usize = 100;

/// A wildcard over paths from a repository's top: `*`, `?` and `[…]` stay within a segment, `**` as a segment is any number of
/// folders, `{a,b}` is one or the other. As with Backstage, which asks minimatch, no wildcard finds a segment that begins with a
/// dot, unless its own segment does.
#[derive(Debug)]
pub(crate) struct Pattern(Vec<Vec<Part>>);

#[derive(Debug)]
enum Part {
    /// `**`.
    Folders,
    Segment {
        glob: GlobMatcher,
        is_dotted: bool,
    },
}

// === impl Pattern ===

impl Pattern {
    /// Reads a wildcard.
    ///
    /// # Errors
    /// Where brackets or braces are not closed, or braces make too many ways.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let refused = |reason: String| Error::Glob { glob: text.to_owned(), reason };
        let part = |segment: &str| match segment {
            "**" => Ok(Part::Folders),
            _ => {
                let glob = GlobBuilder::new(segment).literal_separator(true).backslash_escape(true).build();
                let glob = glob.map_err(|error| refused(error.kind().to_string()))?.compile_matcher();
                Ok(Part::Segment { glob, is_dotted: segment.starts_with('.') })
            }
        };
        let ways = ways(text).ok_or_else(|| refused(format!("its braces make more than {MOST_WAYS} ways")))?;
        let parts = |way: &String| way.split('/').filter(|it| !it.is_empty()).map(part).collect();
        Ok(Self(ways.iter().map(parts).collect::<Result<_>>()?))
    }

    /// Whether it finds a path.
    pub(crate) fn finds(&self, path: &str) -> bool {
        self.0.iter().any(|way| reached(way, path)[way.len()])
    }

    /// Whether it may find something in a folder or below it.
    pub(crate) fn looks_into(&self, folder: &str) -> bool {
        self.0.iter().any(|way| reached(way, folder)[..way.len()].contains(&true))
    }
}

/// Which beginnings of a way a path matches, by their lengths.
fn reached(way: &[Part], path: &str) -> Vec<bool> {
    let mut reached = vec![false; way.len() + 1];
    reached[0] = true;
    skip(way, &mut reached);
    for segment in path.split('/').filter(|it| !it.is_empty()) {
        let mut next = vec![false; reached.len()];
        let is_hidden = segment.starts_with('.');
        for (at, part) in way.iter().enumerate().filter(|(at, _)| reached[*at]) {
            match part {
                Part::Folders if !is_hidden => {
                    next[at] = true;
                    // At the end it is a file at least.
                    next[at + 1] |= at + 1 == way.len();
                }
                Part::Segment { glob, is_dotted } if (*is_dotted || !is_hidden) && glob.is_match(segment) => {
                    next[at + 1] = true;
                }
                _ => {}
            }
        }
        skip(way, &mut next);
        reached = next;
    }
    reached
}

/// `**` may be no folder at all, but at the end.
fn skip(way: &[Part], reached: &mut [bool]) {
    for (at, part) in way.iter().enumerate() {
        if reached[at] && matches!(part, Part::Folders) && at + 1 < way.len() {
            reached[at + 1] = true;
        }
    }
}

/// A text with each choice of its braces made; those that are not closed, or offer no choice, stay. `None` where that are too
/// many.
fn ways(text: &str) -> Option<Vec<String>> {
    let (mut done, mut waiting) = (Vec::new(), vec![text.to_owned()]);
    while let Some(text) = waiting.pop() {
        match choice(&text) {
            None => done.push(text),
            Some((before, options, after)) => {
                waiting.extend(options.iter().rev().map(|option| format!("{before}{option}{after}")));
            }
        }
        if done.len() + waiting.len() > MOST_WAYS {
            return None;
        }
    }
    Some(done)
}

/// The first braces with a comma of their own: what stands before, the options, and what stands after.
fn choice(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    text.match_indices('{').find_map(|(open, _)| {
        let (mut depth, mut begin, mut options) = (0_usize, open + 1, Vec::new());
        for (at, byte) in text.bytes().enumerate().skip(open + 1) {
            match byte {
                b'{' => depth += 1,
                b',' if depth == 0 => {
                    options.push(&text[begin..at]);
                    begin = at + 1;
                }
                b'}' if depth == 0 => {
                    options.push(&text[begin..at]);
                    return (options.len() > 1).then(|| (&text[..open], options, &text[at + 1..]));
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, found: &[&str], not: &[&str]) {
        let it = Pattern::new(pattern).unwrap();
        for path in found {
            assert!(it.finds(path), "{pattern} finds {path}");
            let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
            assert!(folders.all(|it_| it.looks_into(it_)), "{pattern} looks for {path}");
        }
        for path in not {
            assert!(!it.finds(path), "{pattern} does not find {path}");
        }
    }

    #[test]
    fn wildcards_are_those_of_backstage() {
        check("*.yaml", &["a.yaml"], &["b/a.yaml", ".yaml", ".a.yaml", "a.yml"]);
        check("*/a.yaml", &["b/a.yaml"], &["a.yaml", "b/c/a.yaml", ".b/a.yaml"]);
        check("**/a.yaml", &["a.yaml", "b/a.yaml", "b/c/d/a.yaml"], &["b/xa.yaml", ".b/a.yaml", "b/.c/a.yaml"]);
        check("b/**/a.yaml", &["b/a.yaml", "b/c/a.yaml"], &["a.yaml", "c/a.yaml"]);
        check("**/b/**/*.yaml", &["b/a.yaml", "x/b/c/d/a.yaml", "b/b/a.yaml"], &["x/a.yaml"]);
        check("b/**", &["b/a", "b/c/d"], &["b", "a/b", "b/.c/d", "b/.c"]);
        check("**", &["a", "a/b"], &[".a", "a/.b"]);
        check(".backstage/*.yaml", &[".backstage/a.yaml"], &["backstage/a.yaml", ".backstage/.a.yaml"]);
        check("**/.*/a", &["b/.c/a", ".c/a"], &["b/c/a"]);
        check("a?.{yaml,yml}", &["ab.yaml", "ac.yml"], &["a.yaml", "abc.yml"]);
        check("{C,c}atalog.yaml", &["catalog.yaml", "Catalog.yaml"], &["xatalog.yaml"]);
        check("{a/b,c{d,e}}/x", &["a/b/x", "cd/x", "ce/x"], &["c/x", "a/x"]);
        check("a[0-9]/*", &["a1/x"], &["ab/x", "a1"]);
        check("/a/*/", &["a/b"], &["a"]);
        check("a**b", &["axxb"], &["a/b"]);
    }

    #[test]
    fn folders_where_nothing_can_be_found_are_not_looked_into() {
        let it = Pattern::new("services/*/catalog-info.yaml").unwrap();
        for (folder, expected) in
            [("", true), ("services", true), ("services/a", true), ("services/a/b", false), ("docs", false)]
        {
            assert_eq!(it.looks_into(folder), expected, "{folder}");
        }
        assert!(Pattern::new("**/x").unwrap().looks_into("a/b/c"));
        assert!(!Pattern::new("**/x").unwrap().looks_into("a/.b"));
    }

    #[test]
    fn one_that_is_none_is_refused_and_many_wildcards_take_no_longer() {
        for text in ["a[", "{a,", "x/[z-a]", &"{a,b}".repeat(7)] {
            assert!(matches!(Pattern::new(text), Err(Error::Glob { .. })), "{text}");
        }
        assert!(!Pattern::new(&"**/a/".repeat(200)).unwrap().finds(&format!("{}b", "a/".repeat(400))));
    }
}
