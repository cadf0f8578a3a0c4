//! What sort of thing an error is.

/// The kind of an error: one place turns it into `extensions.code` and an HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The caller gave something that cannot be taken.
    Invalid,
    /// There is nothing of that name.
    NotFound,
    /// The caller may not.
    Forbidden,
    /// It contradicts what stands there.
    Conflict,
    /// It is larger, deeper or longer than is taken.
    LimitExceeded,
    /// It may go through later.
    Unavailable,
    /// It is our fault.
    Internal,
}

impl ErrorKind {
    /// The code that clients see in `extensions.code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid | Self::NotFound | Self::Conflict => "BAD_USER_INPUT",
            Self::Forbidden => "FORBIDDEN",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}
