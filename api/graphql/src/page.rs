//! Pages: one way to ask for them, one way to cut them.

use std::ops::{Bound, RangeBounds};

use async_graphql::{Result, SimpleObject};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use plinth_catalog::{List, PageRange};
use plinth_model::ContentHash;

use crate::{argument::Int, error::bad_input};

/// Items of a page where none are asked for.
pub(crate) const DEFAULT: usize = 50;
/// Items of a page at most; also of the plain lists that a caller gives.
pub(crate) const LARGEST: usize = 100;

/// What a connection takes: `first` with `after`, or `last` with `before`.
pub(crate) struct Arguments {
    pub(crate) first: Option<Int>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<Int>,
    pub(crate) before: Option<String>,
}

/// What lies around a page.
#[derive(SimpleObject, Clone)]
pub(crate) struct PageInfo {
    /// Whether something stands behind the page.
    has_next_page: bool,
    /// Whether something stands before the page.
    has_previous_page: bool,
    /// Cursor of the first item.
    start_cursor: Option<String>,
    /// Cursor of the last item.
    end_cursor: Option<String>,
}

/// One page: items with their cursors.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<(String, T)>,
    pub(crate) info: PageInfo,
}

/// Cuts a page from a list; `name` tells lists apart, so that a cursor of one is refused by another.
pub(crate) fn page<L: List>(list: &L, name: &str, arguments: Arguments) -> Result<Page<L::Item>> {
    let Arguments { first, after, last, before } = arguments;
    let (from_end, size) = match (first, last) {
        (Some(_), Some(_)) => return Err(bad_input("`first` and `last` cannot stand together")),
        (Some(first), None) => (false, size("first", first, LARGEST)?),
        (None, Some(last)) => (true, size("last", last, LARGEST)?),
        (None, None) => (false, DEFAULT),
    };
    let mark = mark(name);
    let key =
        |argument: &str, cursor: Option<String>| cursor.map(|it| read::<L::Key>(argument, &it, &mark)).transpose();
    let range = PageRange { size, from_end, after: key("after", after)?, before: key("before", before)? };
    let plinth_catalog::Page { items, has_previous, has_next } = list.page(&range);
    let items: Vec<_> = items.into_iter().map(|(key, item)| (write(&key, &mark), item)).collect();
    let cursor = |item: Option<&(String, L::Item)>| item.map(|(cursor, _)| cursor.clone());
    let info = PageInfo {
        has_next_page: has_next,
        has_previous_page: has_previous,
        start_cursor: cursor(items.first()),
        end_cursor: cursor(items.last()),
    };
    Ok(Page { items, info })
}

/// How many items an argument asks for.
pub(crate) fn size(argument: &str, Int(size): Int, largest: usize) -> Result<usize> {
    match usize::try_from(size) {
        Ok(size) if size <= largest => Ok(size),
        _ => Err(bad_input(format!("`{argument}` is {size}; expected 0 to {largest}"))),
    }
}

/// Some characters that name a list.
fn mark(name: &str) -> String {
    ContentHash::of(name.as_bytes()).to_string()[..8].to_owned()
}

fn write(key: &impl serde::Serialize, mark: &str) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(mark, key)).unwrap_or_default())
}

fn read<K: serde::de::DeserializeOwned>(argument: &str, cursor: &str, mark: &str) -> Result<K> {
    let refused = || bad_input(format!("`{argument}` is no cursor of this list; say back one that it gave"));
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (found, key): (String, K) = serde_json::from_slice(&bytes).map_err(|_| refused())?;
    if found == mark { Ok(key) } else { Err(refused()) }
}

/// A list that was gathered for one request, sorted by its keys.
pub(crate) struct Gathered<T>(pub(crate) Vec<(String, T)>);

impl<T: Clone> List for Gathered<T> {
    type Key = String;
    type Item = T;

    fn range<'a>(
        &'a self,
        from: Bound<String>,
        to: Bound<String>,
    ) -> Box<dyn DoubleEndedIterator<Item = (String, T)> + 'a> {
        let bounds = (from, to);
        Box::new(self.0.iter().filter(move |(key, _)| bounds.contains(key)).cloned())
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}

/// Those of a list that pass.
pub(crate) struct Filtered<L, F> {
    pub(crate) list: L,
    pub(crate) passes: F,
}

impl<L: List, F: Fn(&L::Item) -> bool> List for Filtered<L, F> {
    type Key = L::Key;
    type Item = L::Item;

    fn range<'a>(
        &'a self,
        from: Bound<L::Key>,
        to: Bound<L::Key>,
    ) -> Box<dyn DoubleEndedIterator<Item = (L::Key, L::Item)> + 'a> {
        Box::new(self.list.range(from, to).filter(|(_, item)| (self.passes)(item)))
    }

    fn count(&self) -> usize {
        self.range(Bound::Unbounded, Bound::Unbounded).count()
    }
}
