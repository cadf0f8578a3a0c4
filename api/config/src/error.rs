//! What can go wrong with a configuration.

use std::fmt;

use plinth_catalog::Place;

/// Why a configuration is refused. Printed, it has one line for each refusal.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.refusals))]
pub struct Error {
    /// Everything that is wrong.
    pub refusals: Vec<Refusal>,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, and what would be right. Holds no secret.
    pub message: String,
}

impl Error {
    pub(crate) fn one(place: Place, message: impl Into<String>) -> Self {
        Self { refusals: vec![Refusal { place, message: message.into() }] }
    }
}

fn lines(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// `file:line:column: key: message`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column, key } = &self.place;
        f.write_str(file)?;
        if *line > 0 {
            write!(f, ":{line}:{column}")?;
        }
        if !key.is_empty() {
            write!(f, ": {key}")?;
        }
        write!(f, ": {}", self.message)
    }
}
