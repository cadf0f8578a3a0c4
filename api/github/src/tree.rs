//! Files by wildcards.

use serde::Deserialize;
use url::Url;

use crate::{Error, GitHub, Place, Result, host::Asker, pattern::Pattern};

/// Files that one wildcard may find.
const MOST_FILES: usize = 10_000;
/// Requests that the tree of one repository may take.
const MOST_TREES: usize = 200;

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

// === impl GitHub ===

impl GitHub {
    /// The URLs of the files that a place with wildcards names, in order. `url` is the one that the place was read from; they have
    /// its form.
    ///
    /// # Errors
    /// Where the wildcards cannot be read or find too much, where there is no such repository, and so on.
    pub async fn search(&self, place: &Place, url: &Url) -> Result<Vec<Url>> {
        let pattern = Pattern::new(&place.path)?;
        let refused = |reason: String| Error::Glob { glob: place.path.clone(), reason };
        let asker = self.asker(&place.host, &place.owner).await?;
        let (mut found, mut asked) = (Vec::new(), 0);
        let mut waiting = vec![(String::new(), place.reference.clone())];
        while let Some((folder, tree)) = waiting.pop() {
            asked += 1;
            if asked > MOST_TREES {
                return Err(refused(format!(
                    "the repository is too large to be told at once, and it may lie in more than {MOST_TREES} folders; \
                     begin it with the name of one"
                )));
            }
            let whole = match asker.tree(place, &tree, true).await {
                // A repository without a commit.
                Err(Error::Status { status: 409, .. }) if asked == 1 => return Ok(Vec::new()),
                found => found?,
            };
            // Too large to be told at once: folder by folder, where it may find something.
            let is_cut = whole.truncated;
            let told = if is_cut { asker.tree(place, &tree, false).await? } else { whole };
            if told.truncated {
                return Err(refused(format!("`{folder}` holds more files than GitHub tells of")));
            }
            for Entry { path, r#type, sha } in told.tree {
                let path = format!("{folder}{path}");
                match r#type.as_str() {
                    "blob" if pattern.finds(&path) => found.push(path),
                    "tree" if is_cut && pattern.looks_into(&path) => waiting.push((format!("{path}/"), sha)),
                    _ => {}
                }
            }
            if found.len() > MOST_FILES {
                return Err(refused(format!("it finds more than {MOST_FILES} files; use a narrower one")));
            }
        }
        found.sort_unstable();
        Ok(found.iter().map(|path| place.sibling(url, Place::form_of(url), path)).collect())
    }
}

// === impl Asker ===

impl Asker {
    async fn tree(&self, place: &Place, tree: &str, is_whole: bool) -> Result<Tree> {
        let mut url = self.host.api(["repos", &place.owner, &place.repository, "git", "trees", tree]);
        if is_whole {
            url.query_pairs_mut().append_pair("recursive", "1");
        }
        self.json(url).await
    }
}
