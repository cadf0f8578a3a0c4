//! GraphiQL for a browser, in development mode only. Its files are installed from npm by `make` and embedded.

/// A file of GraphiQL: its type and content.
pub(crate) type File = (&'static str, &'static [u8]);

/// The page. It may load nothing from another host.
pub(crate) const PAGE: &str = include_str!("graphiql/index.html");

/// What the page may do: GraphiQL sets styles of its own and starts its workers from this server.
pub(crate) const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; \
    base-uri 'none'; form-action 'none'";

/// Whether the binary holds GraphiQL.
pub(crate) const EMBEDDED: bool = cfg!(feature = "graphiql");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

#[cfg(feature = "graphiql")]
macro_rules! file {
    ($type:expr, $name:literal) => {
        Some(($type, include_bytes!(concat!(env!("PLINTH_GRAPHIQL_DIR"), "/", $name)).as_slice()))
    };
}

#[cfg(not(feature = "graphiql"))]
macro_rules! file {
    ($type:expr, $name:literal) => {{
        let none: Option<File> = None;
        let _ = $type;
        none
    }};
}

/// The file of this name.
pub(crate) fn file(name: &str) -> Option<File> {
    match name {
        "graphiql.js" => file!(SCRIPT, "graphiql.js"),
        "graphiql.css" => file!(STYLE, "graphiql.css"),
        "editor.worker.js" => file!(SCRIPT, "editor.worker.js"),
        "json.worker.js" => file!(SCRIPT, "json.worker.js"),
        "graphql.worker.js" => file!(SCRIPT, "graphql.worker.js"),
        _ => None,
    }
}
