//! Answers with their `ETag`s, the least recently used of which leave.

use std::{collections::HashMap, sync::Arc};

use crate::Secret;

/// Bytes of answers that are kept.
const MOST: usize = 64 << 20;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) etag: String,
    /// `Last-Modified`.
    pub(crate) modified: Option<String>,
    /// The token that it was asked for with.
    pub(crate) token: Option<Secret>,
    pub(crate) bytes: Arc<[u8]>,
    /// The next page, as the host names it.
    pub(crate) next: Option<String>,
    /// Whether it is JSON and not a file as it is.
    pub(crate) is_json: bool,
}

/// What is kept of answers.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    known: HashMap<String, (u64, Known)>,
    bytes: usize,
    /// Counts uses.
    clock: u64,
}

impl Cache {
    pub(crate) fn get(&mut self, key: &str) -> Option<Known> {
        self.clock += 1;
        let (used, known) = self.known.get_mut(key)?;
        *used = self.clock;
        Some(known.clone())
    }

    pub(crate) fn put(&mut self, key: String, known: Known) {
        self.put_within(key, known, MOST);
    }

    fn put_within(&mut self, key: String, known: Known, most: usize) {
        self.clock += 1;
        if let Some((_, before)) = self.known.remove(&key) {
            self.bytes -= before.bytes.len();
        }
        if known.bytes.len() > most {
            return;
        }
        self.bytes += known.bytes.len();
        self.known.insert(key, (self.clock, known));
        if self.bytes <= most {
            return;
        }
        // The older half at once, so that it is looked for seldom.
        let mut uses: Vec<u64> = self.known.values().map(|(used, _)| *used).collect();
        uses.sort_unstable();
        let newest = self.clock;
        for limit in uses.get(uses.len() / 2).copied().into_iter().chain([newest]) {
            self.known.retain(|_, (used, _)| *used >= limit);
            self.bytes = self.known.values().map(|(_, it)| it.bytes.len()).sum();
            if self.bytes <= most {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_leave_where_there_is_no_room() {
        let known = |size: usize| Known {
            etag: String::new(),
            modified: None,
            token: None,
            bytes: vec![0; size].into(),
            next: None,
            is_json: false,
        };
        let mut cache = Cache::default();
        for key in ["a", "b", "c", "d"] {
            cache.put_within(key.to_owned(), known(10), 40);
        }
        assert!(cache.get("a").is_some());
        cache.put_within("e".to_owned(), known(10), 40);
        let here: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().filter(|key| cache.get(key).is_some()).collect();
        assert_eq!(here, ["a", "d", "e"]);
        cache.put_within("f".to_owned(), known(40), 40);
        assert!(cache.get("f").is_some() && cache.get("a").is_none());
        cache.put_within("g".to_owned(), known(41), 40);
        assert!(cache.get("g").is_none() && cache.get("f").is_some());
        assert_eq!(cache.bytes, 40);
    }
}
