//! The text of a token.

use std::fmt;

use plinth_model::ContentHash;

use crate::{Error, Result};

/// What every token begins with, so that people and scanners of repositories know one when they see it.
pub(crate) const PREFIX: &str = "plinth_";

/// The text of a new token: told once, never stored, and never printed by accident.
pub struct Secret(String);

impl Secret {
    /// 256 random bits of the operating system.
    pub(crate) fn random() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(Error::Random)?;
        Ok(Self(bytes.iter().fold(PREFIX.to_owned(), |text, byte| text + &format!("{byte:02x}"))))
    }

    /// The text, for the one who asked for the token.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored: enough to know the token again, not to make it. A plain hash does, since nobody guesses 256 bits.
    pub(crate) fn hash(&self) -> ContentHash {
        ContentHash::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_256_bits_differ_and_are_not_printed() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let bits = one.reveal().strip_prefix(PREFIX).unwrap();
        assert!(bits.len() == 64 && bits.bytes().all(|it| it.is_ascii_hexdigit()), "{bits}");
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(format!("{one:?}"), "Secret");
    }
}
