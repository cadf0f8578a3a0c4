//! Repositories and their files.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Error, GitHub, Place, Result,
    host::{Asker, Wanted},
};

/// The file itself. GitHub follows a link within the repository.
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
    /// Where there is none, where it is a folder or a submodule, where it is larger than 16 MiB, and so on.
    pub async fn read(&self, place: &Place) -> Result<Arc<[u8]>> {
        let asker = self.asker(&place.host, &place.owner).await?;
        let mut url = asker.host.api(["repos", &place.owner, &place.repository, "contents"]);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(place.path.split('/'));
        }
        url.query_pairs_mut().append_pair("ref", &place.reference);
        let got = asker.get(Wanted { url: &url, accept: RAW, is_dated: false }).await?;
        if got.known.is_json { asker.content(url.path(), got.known.bytes) } else { Ok(got.known.bytes) }
    }

    /// All repositories of an organisation or person that who asks may see.
    ///
    /// # Errors
    /// Where there is no such owner, and so on.
    pub async fn repositories(&self, host: &str, owner: &str) -> Result<Vec<Repository>> {
        let asker = self.asker(host, owner).await?;
        match asker.all(asker.host.api(["orgs", owner, "repos"])).await {
            Err(Error::NotFound { .. }) => asker.all(asker.host.api(["users", owner, "repos"])).await,
            found => found,
        }
    }
}

// === impl Asker ===

impl Asker {
    /// The file within JSON that came where a file as it is was asked for: it is no file, or the host does not know how to give
    /// one as it is, or the file itself is JSON.
    fn content(&self, what: &str, bytes: Arc<[u8]>) -> Result<Arc<[u8]>> {
        let no_file = |kind| Err(Error::NoFile { what: what.to_owned(), kind });
        // What every entry has that GitHub tells of.
        let is_entry = |it: &Value| ["type", "path", "sha"].iter().all(|key| it.get(key).is_some_and(Value::is_string));
        let member = |it: &Value, key: &str| it.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(Value::Array(all)) if !all.is_empty() && all.iter().all(is_entry) => no_file("a folder"),
            Ok(it) if is_entry(&it) => match member(&it, "type").as_str() {
                "dir" => no_file("a folder"),
                "submodule" => no_file("a submodule"),
                "symlink" => no_file("a link that leads nowhere"),
                "file" if member(&it, "encoding") == "base64" => {
                    let text: String = member(&it, "content").split_ascii_whitespace().collect();
                    let content = STANDARD.decode(text).map(Into::into);
                    content.map_err(|_| self.host.malformed(what, "its content is no base64"))
                }
                _ => Ok(bytes),
            },
            _ => Ok(bytes),
        }
    }
}
