//! Which pages may speak to this server.

use std::sync::Arc;

use plinth_config::Cors;
use url::Url;

/// The origins of pages that may ask. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Origins(Arc<Inner>);

struct Inner {
    cors: Option<Cors>,
    /// That of `backend.baseUrl`.
    own: Option<String>,
}

impl Origins {
    pub(crate) fn new(cors: Option<Cors>, base_url: Option<&Url>) -> Self {
        Self(Arc::new(Inner { cors, own: base_url.map(|url| url.origin().ascii_serialization()) }))
    }

    /// What `backend.cors` says.
    pub(super) fn cors(&self) -> Option<&Cors> {
        self.0.cors.as_ref()
    }

    /// Whether a page of this origin may ask, where the request was sent to this host.
    pub(super) fn permit(&self, origin: &str, host: Option<&str>) -> bool {
        let Inner { cors, own } = &*self.0;
        let is_own = own.as_deref() == Some(origin)
            || origin
                .strip_prefix("http://")
                .or_else(|| origin.strip_prefix("https://"))
                .is_some_and(|authority| host.is_some_and(|host| host.eq_ignore_ascii_case(authority)));
        is_own || cors.as_ref().is_some_and(|cors| cors.origins.iter().any(|it| it == origin))
    }
}
