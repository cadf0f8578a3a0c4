//! Names of tokens.

use uuid::Uuid;

use crate::{Error, Result, secret::PREFIX};

/// The subject of Plinth itself.
pub(crate) const SYSTEM: &str = "plinth";

/// Subjects that no token may have: other callers have them.
const RESERVED: &[&str] = &[SYSTEM, "local-developer"];

/// Characters of a name.
const LONGEST: usize = 63;

/// Refuses the text of a token where its name is wanted, and does not say it again.
pub(crate) fn is_no_secret(name: &str) -> Result<()> {
    if name.starts_with(PREFIX) {
        let reason = "it begins as the texts of tokens do; say a name or an id, and keep the text secret";
        return Err(Error::Name { name: format!("{PREFIX}…"), reason });
    }
    Ok(())
}

/// Refuses what cannot name a token.
pub(crate) fn check(name: &str) -> Result<()> {
    is_no_secret(name)?;
    let refused = |reason| Err(Error::Name { name: name.chars().take(LONGEST).collect(), reason });
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(is_plain) {
        return refused("expected 1 to 63 letters, digits, `-`, `_` or `.`");
    }
    if !name.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return refused("expected a letter or a digit at its begin");
    }
    if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return refused("Plinth calls others so");
    }
    // Tokens are revoked by name or by id.
    if Uuid::try_parse(name).is_ok() {
        return refused("it reads like an id");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_nobody_elses() {
        for name in ["ci", "a", "7", "Team-A_nightly.v2", &"x".repeat(63)] {
            assert!(check(name).is_ok(), "{name}");
        }
        let long = "x".repeat(64);
        let id = Uuid::nil().to_string();
        for name in
            ["", "-a", ".a", "a b", "a/b", "a:b", "北", "a\n", "plinth", "plinth_0a", "Local-Developer", &long, &id]
        {
            assert!(matches!(check(name), Err(Error::Name { .. })), "{name}");
        }
    }
}
