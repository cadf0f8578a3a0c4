//! Tokens in memory.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use plinth_model::ContentHash;
use subtle::ConstantTimeEq;

use crate::{Grant, Rejected};

/// Longer texts are none of ours, and are not hashed.
const LONGEST: usize = 1024;

/// Tokens by the first bytes of their hashes. Which of them are there says nothing about a token: who knows a hash does not
/// know its text. Whole hashes are compared in constant time.
#[derive(Debug, Default)]
pub(crate) struct Known(HashMap<[u8; 8], Vec<(ContentHash, Arc<Grant>)>>);

impl Known {
    /// What a token gives.
    pub(crate) fn find(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Grant>, Rejected> {
        if token.len() > LONGEST {
            return Err(Rejected::Unknown);
        }
        let hash = ContentHash::of(token.as_bytes());
        let beginning_alike = self.0.get(&beginning(&hash)).map(Vec::as_slice).unwrap_or_default();
        let is_it = |other: &ContentHash| bool::from(other.as_bytes().ct_eq(hash.as_bytes()));
        let (_, grant) = beginning_alike.iter().find(|(other, _)| is_it(other)).ok_or(Rejected::Unknown)?;
        match grant.expires_at {
            Some(at) if at <= now => Err(Rejected::Expired { at }),
            _ => Ok(grant.clone()),
        }
    }
}

impl FromIterator<(ContentHash, Grant)> for Known {
    fn from_iter<T: IntoIterator<Item = (ContentHash, Grant)>>(tokens: T) -> Self {
        let mut known = Self::default();
        for (hash, grant) in tokens {
            known.0.entry(beginning(&hash)).or_default().push((hash, Arc::new(grant)));
        }
        known
    }
}

fn beginning(hash: &ContentHash) -> [u8; 8] {
    let mut beginning = [0; 8];
    beginning.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    #[test]
    fn a_token_is_known_by_its_whole_text_until_it_expires() {
        let ends = DateTime::from_timestamp(1000, 0).unwrap();
        let grant =
            |name: &str, expires_at| Grant { name: name.to_owned(), scope: Scope::Read, holder: None, expires_at };
        let hash = |text: &str| ContentHash::of(text.as_bytes());
        let known: Known =
            [(hash("one"), grant("one", None)), (hash("two"), grant("two", Some(ends)))].into_iter().collect();
        let before = DateTime::from_timestamp(999, 0).unwrap();
        assert_eq!(known.find("one", ends).unwrap().name, "one");
        assert_eq!(known.find("two", before).unwrap().name, "two");
        assert_eq!(known.find("two", ends), Err(Rejected::Expired { at: ends }));
        for text in ["", "on", "one ", "ONE", &"one".repeat(10_000)] {
            assert_eq!(known.find(text, before), Err(Rejected::Unknown), "{}", text.len());
        }
    }
}
