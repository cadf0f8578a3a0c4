//! Repositories, their files and trees.

use std::sync::Arc;

use globset::GlobBuilder;
use serde::Deserialize;
use url::Url;

use crate::{Error, GitHub, Place, Result, client::Host};

/// Files that one wildcard may find.
const MOST_FILES: usize = 10_000;
/// Requests that the tree of one repository may take.
const MOST_TREES: usize = 200;
const RAW: &str = "application/vnd.github.raw+json";

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Repository {
    /// Its name, without the owner's.
    pub name: String,
    /// The branch that is meant where none is named.
    #[serde(default = "main")]
    pub default_branch: String,
    /// Whether nobody may change it.
    #[serde(default)]
    pub archived: bool,
    /// Whether it was made from another one.
    #[serde(default)]
    pub fork: bool,
    /// `public`, `private` or `internal`.
    #[serde(default)]
    pub visibility: Option<String>,
    /// Whether only some may see it.
    #[serde(default)]
    pub private: bool,
    /// Its topics.
    #[serde(default)]
    pub topics: Vec<String>,
}

#[derive(Deserialize)]
struct Tree {
    tree: Vec<Entry>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    r#type: String,
    sha: String,
}

fn main() -> String {
    "main".to_owned()
}

// === impl Repository ===

impl Repository {
    /// `public`, `private` or `internal`.
    pub fn visibility(&self) -> &str {
        self.visibility.as_deref().unwrap_or(if self.private { "private" } else { "public" })
    }
}

// === impl GitHub ===

impl GitHub {
    /// The file at a place.
    ///
    /// # Errors
    /// Where there is none, and so on.
    pub async fn read(&self, place: &Place) -> Result<Arc<[u8]>> {
        let host = self.host(&place.host)?;
        let mut url = host.api(["repos", &place.owner, &place.repository, "contents"]);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(place.path.split('/'));
        }
        url.query_pairs_mut().append_pair("ref", &place.reference);
        self.get(host, url, RAW).await.map(|it| it.bytes)
    }

    /// The URLs of the files that a place with wildcards names, in order. `url` is the one that the place was read from.
    ///
    /// # Errors
    /// Where the wildcards cannot be read or find too much, where there is no such repository, and so on.
    pub async fn search(&self, place: &Place, url: &Url) -> Result<Vec<Url>> {
        let refused = |reason: String| Error::Glob { glob: place.path.clone(), reason };
        let glob = GlobBuilder::new(&place.path).literal_separator(true).build();
        let glob = glob.map_err(|error| refused(error.kind().to_string()))?.compile_matcher();
        let host = self.host(&place.host)?;
        let (mut found, mut asked) = (Vec::new(), 0);
        let mut waiting = vec![(String::new(), place.reference.clone())];
        while let Some((folder, tree)) = waiting.pop() {
            asked += 1;
            if asked > MOST_TREES {
                return Err(refused(format!(
                    "the repository has more than {MOST_TREES} large folders; name one of them"
                )));
            }
            let whole = match self.tree(host, place, &tree, true).await {
                // A repository without a commit.
                Err(Error::Status { status: 409, .. }) if asked == 1 => return Ok(Vec::new()),
                found => found?,
            };
            if whole.truncated {
                // Too large to be told at once: folder by folder.
                for entry in self.tree(host, place, &tree, false).await?.tree {
                    let path = format!("{folder}{}", entry.path);
                    match entry.r#type.as_str() {
                        "tree" => waiting.push((format!("{path}/"), entry.sha)),
                        "blob" if glob.is_match(&path) => found.push(path),
                        _ => {}
                    }
                }
                continue;
            }
            let files = whole.tree.into_iter().filter(|it| it.r#type == "blob");
            found.extend(files.map(|it| format!("{folder}{}", it.path)).filter(|path| glob.is_match(path)));
            if found.len() > MOST_FILES {
                return Err(refused(format!("it finds more than {MOST_FILES} files; use a narrower one")));
            }
        }
        found.sort_unstable();
        Ok(found.iter().map(|path| place.sibling(url, path)).collect())
    }

    /// All repositories of an organisation or person that the token may see.
    ///
    /// # Errors
    /// Where there is no such owner, and so on.
    pub async fn repositories(&self, host: &str, owner: &str) -> Result<Vec<Repository>> {
        let host = self.host(host)?;
        match self.all(host, host.api(["orgs", owner, "repos"])).await {
            Err(Error::NotFound { .. }) => self.all(host, host.api(["users", owner, "repos"])).await,
            found => found,
        }
    }

    async fn tree(&self, host: &Host, place: &Place, tree: &str, is_whole: bool) -> Result<Tree> {
        let mut url = host.api(["repos", &place.owner, &place.repository, "git", "trees", tree]);
        if is_whole {
            url.query_pairs_mut().append_pair("recursive", "1");
        }
        self.json(host, url).await
    }
}
