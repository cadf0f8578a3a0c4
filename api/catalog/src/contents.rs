//! Texts by where they stand: files on the disk, files on the web.

use std::{fs::File, io::Read, path::Path, time::Duration};

use plinth_egress::Egress;
use plinth_github::{GitHub, Place};
use plinth_yaml::Limits;
use tokio::runtime::Handle;
use url::Url;

use crate::{ProblemCode, Provider, content::resolved};

/// How often a file that is being written is tried.
const ATTEMPTS: usize = 20;
/// Between the tries.
const PAUSE: Duration = Duration::from_millis(20);
/// So long an empty file may be one whose content is still to come.
const YOUNG: Duration = Duration::from_millis(250);

/// Why a text cannot be read.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: ProblemCode,
    pub(crate) reason: String,
    /// Whether there is nothing there, as far as could be seen.
    pub(crate) is_missing: bool,
    /// When it is worth trying again, where that is known.
    pub(crate) after: Option<Duration>,
}

/// What is read over the network.
#[derive(Debug, Clone)]
struct Web {
    egress: Egress,
    github: GitHub,
    runtime: Handle,
}

/// Reads texts; blocks, so it is for threads that may.
#[derive(Debug, Clone)]
pub(crate) struct Contents {
    web: Option<Web>,
    has_disk: bool,
}

impl Contents {
    /// Files on the disk and what a client may read.
    pub(crate) fn with_web(egress: Egress, github: GitHub, runtime: Handle) -> Self {
        Self { web: Some(Web { egress, github, runtime }), has_disk: true }
    }

    /// Files on the disk only.
    pub(crate) fn of_disk() -> Self {
        Self { web: None, has_disk: true }
    }

    /// The same without files on the disk.
    pub(crate) fn without_disk(&self) -> Self {
        Self { has_disk: false, ..self.clone() }
    }

    /// Whether a URL may be read, as far as the URL tells.
    pub(crate) fn check(&self, url: &Url) -> Result<(), plinth_egress::Error> {
        match &self.web {
            Some(web) if web.github.find(url).is_none() => web.egress.check(url),
            _ => Ok(()),
        }
    }

    /// The URLs of the files that a URL names: itself, or what its wildcards find in a repository.
    pub(crate) fn files_of(&self, url: &Url) -> Result<Vec<Url>, Failure> {
        let Some(Web { github, runtime, .. }) = &self.web else { return Ok(vec![url.clone()]) };
        match github.find(url).filter(Place::is_glob) {
            Some(place) => Ok(runtime.block_on(github.search(&place, url))?),
            None => Ok(vec![url.clone()]),
        }
    }

    /// What a provider finds, as documents.
    pub(crate) fn find(&self, provider: &Provider) -> Result<String, Failure> {
        let Some(Web { github, runtime, .. }) = &self.web else {
            return Err(Failure::unreadable("providers do not look here"));
        };
        Ok(runtime.block_on(provider.find(github))?)
    }

    /// Whether a URL is on a host of `integrations.github`.
    pub(crate) fn place(&self, url: &Url) -> Option<Place> {
        self.web.as_ref()?.github.find(url)
    }

    /// Reads a whole text within the limit of a file: a URL, or a path within `root`, which has no links itself.
    pub(crate) fn read(&self, place: &str, root: &Path) -> Result<String, Failure> {
        if let Some(url) = web_url(place) {
            return match (&self.web, self.place(&url)) {
                (Some(web), Some(place)) => web.read(&place),
                _ => self.fetch(&url),
            };
        }
        let path = Path::new(place);
        if std::fs::symlink_metadata(path)?.is_symlink() {
            let real = std::fs::canonicalize(path)?;
            within(&real, root)?;
            return read_file(&real);
        }
        read_file(path)
    }

    /// Reads what a document names. A file must lie within `root`, which has no links itself.
    pub(crate) fn read_beside(&self, beside: &Beside<'_>, root: &Path) -> Result<String, Failure> {
        match web_url(&beside.place) {
            Some(url) => match (&self.web, self.beside_in_repository(beside, &url)) {
                (Some(web), Some(place)) => web.read(&place),
                _ => self.fetch(&url),
            },
            None if web_url(beside.document).is_some() => {
                let reason = "it leads from the web to the server's disk".to_owned();
                Err(Failure::unreadable(reason))
            }
            None if !self.has_disk => {
                let reason = "it is relative, and the text stands nowhere; say where in `location`".to_owned();
                Err(Failure::unreadable(reason))
            }
            None => {
                let real = std::fs::canonicalize(&beside.place)?;
                within(&real, root)?;
                read_file(&real)
            }
        }
    }

    /// A document may read its own repository by our token, and no other one: whoever may write there could read all that the
    /// token may.
    fn beside_in_repository(&self, beside: &Beside<'_>, url: &Url) -> Option<Place> {
        let own = self.place(&web_url(beside.document)?)?;
        self.place(url).filter(|place| place.is_beside(&own))
    }

    /// The text that a document names: one on GitHub may name it from its repository's top.
    pub(crate) fn beside<'d>(&self, document: &'d str, target: &str) -> Beside<'d> {
        let resolved = |web: &Web| web.github.resolve(&web_url(document)?, target);
        match self.web.as_ref().and_then(resolved) {
            Some(url) => Beside { document, place: url.into() },
            None => Beside::new(document, target),
        }
    }

    /// Whether URLs are read at all.
    pub(crate) fn has_web(&self) -> bool {
        self.web.is_some()
    }

    fn fetch(&self, url: &Url) -> Result<String, Failure> {
        let Some(Web { egress, runtime, .. }) = &self.web else {
            return Err(Failure::unreadable("URLs are not read here"));
        };
        text(runtime.block_on(egress.get(url))?.bytes)
    }
}

// === impl Web ===

impl Web {
    /// A file in a repository.
    fn read(&self, place: &Place) -> Result<String, Failure> {
        text(self.runtime.block_on(self.github.read(place))?.to_vec())
    }
}

/// A text that a document names.
pub(crate) struct Beside<'a> {
    document: &'a str,
    /// Absolute: a path or a URL.
    pub(crate) place: String,
}

impl<'a> Beside<'a> {
    /// Where the target lies that a document names.
    pub(crate) fn new(document: &'a str, target: &str) -> Self {
        let place = match (web_url(document), web_url(target)) {
            (_, Some(url)) => url.into(),
            (Some(base), None) => base.join(target).map_or_else(|_| target.to_owned(), String::from),
            (None, None) => resolved(document, target),
        };
        Self { document, place }
    }

    /// Whether it lies on the web.
    pub(crate) fn is_url(&self) -> bool {
        web_url(&self.place).is_some()
    }
}

/// A URL of the web.
pub(crate) fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// A link may not lead out of the location's folder: whoever may write there could read anything that the server can.
fn within(real: &Path, root: &Path) -> Result<(), Failure> {
    if real.starts_with(root) {
        return Ok(());
    }
    let reason = format!("it leads out of the location's folder `{}`", root.display());
    Err(Failure::unreadable(reason))
}

/// Reads a file as it is when nobody writes it. A save by truncating and writing must not look like an empty file, or what it
/// holds would leave the catalog.
fn read_file(path: &Path) -> Result<String, Failure> {
    for _ in 0..ATTEMPTS {
        let (bytes, is_settled) = read_once(path)?;
        if is_settled {
            return text(bytes);
        }
        std::thread::sleep(PAUSE);
    }
    Err(Failure::unreadable("it changes while it is read"))
}

/// The content, and whether the file was the same before and after.
fn read_once(path: &Path) -> Result<(Vec<u8>, bool), Failure> {
    let limit = Limits::default().file_bytes;
    let too_large = || Failure {
        code: ProblemCode::LimitExceeded,
        ..Failure::unreadable(format!("it is larger than {limit} bytes"))
    };
    // Before it is opened: to open a pipe is to wait for who writes into it.
    let before = std::fs::metadata(path)?;
    if !before.is_file() {
        return Err(Failure::unreadable("it is no file"));
    }
    if before.len() > limit as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0) + 1);
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(too_large());
    }
    let after = std::fs::metadata(path)?;
    let is_young = || after.modified().ok().and_then(|at| at.elapsed().ok()).is_none_or(|age| age < YOUNG);
    let is_same = before.len() == after.len() && before.modified().ok() == after.modified().ok();
    Ok((bytes, is_same && (after.len() > 0 || !is_young())))
}

fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let reason = format!("it is no UTF-8 text from byte {} on", error.utf8_error().valid_up_to());
        Failure { code: ProblemCode::Malformed, ..Failure::unreadable(reason) }
    })
}

// === impl Failure ===

impl Failure {
    fn unreadable(reason: impl ToString) -> Self {
        Self { code: ProblemCode::Unreadable, reason: reason.to_string(), is_missing: false, after: None }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { is_missing: error.kind() == std::io::ErrorKind::NotFound, ..Self::unreadable(error) }
    }
}

impl From<plinth_egress::Error> for Failure {
    fn from(error: plinth_egress::Error) -> Self {
        let code = match error {
            plinth_egress::Error::TooLarge { .. } => ProblemCode::LimitExceeded,
            _ => ProblemCode::Unreadable,
        };
        let is_missing = matches!(error, plinth_egress::Error::Status { status: 404 | 410, .. });
        Self { code, is_missing, ..Self::unreadable(error) }
    }
}

impl From<plinth_github::Error> for Failure {
    fn from(error: plinth_github::Error) -> Self {
        match error {
            plinth_github::Error::Egress(error) => error.into(),
            plinth_github::Error::RateLimited { after, .. } => {
                Self { code: ProblemCode::RateLimited, after: Some(after), ..Self::unreadable(error) }
            }
            plinth_github::Error::Glob { .. } => Self { code: ProblemCode::Invalid, ..Self::unreadable(error) },
            _ => Self { is_missing: error.is_missing(), ..Self::unreadable(error) },
        }
    }
}
