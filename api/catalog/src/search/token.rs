//! Our words as the index takes them.

use std::borrow::Cow;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::word::{Joined, each_word};

/// Stands between tokens that are listed; no word has it.
const BETWEEN: u8 = 0;
/// Bytes of a list up to which it is looked through.
const SHORT: usize = 256;

/// What of a text is indexed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tokens {
    /// Its words.
    Words,
    /// What it lists: it is a [`Listed`].
    Listed,
}

/// Tokens, one behind the other in one text.
#[derive(Debug, Default)]
pub(super) struct Listed(String);

/// The tokens of one text, one after the other.
pub(super) struct Stream<'a> {
    list: Cow<'a, str>,
    /// Where the next one begins.
    next: usize,
    token: Token,
}

/// What names are found by.
#[derive(Debug, Default)]
pub(super) struct NameTokens {
    /// Their words.
    pub(super) words: Listed,
    /// The first one and two characters of each word.
    pub(super) beginnings: Listed,
    /// The first word of each, with its first one and two characters.
    pub(super) first: Listed,
    /// All plain words of each as one.
    pub(super) joined: Listed,
}

/// The tokens of a list. They are short, so that to look at byte after byte finds their ends soonest.
fn tokens(list: &str) -> impl Iterator<Item = &[u8]> {
    list.as_bytes().split(|it| *it == BETWEEN)
}

// === impl Listed ===

impl Listed {
    /// Adds a token that may be there already: names and titles are often the same, and each token costs when it is indexed.
    fn push_once(&mut self, token: &str) {
        if self.0.len() > SHORT || !tokens(&self.0).any(|it| it == token.as_bytes()) {
            self.push(token);
        }
    }

    /// Adds a token.
    pub(super) fn push(&mut self, token: &str) {
        if !self.0.is_empty() {
            self.0.push(char::from(BETWEEN));
        }
        // What holds the sign itself is two; nobody types it.
        self.0.push_str(token);
    }

    /// The tokens as a text that [`Tokens::Listed`] takes apart; `None` where there are none.
    pub(super) fn text(&self) -> Option<&str> {
        Some(&*self.0).filter(|it| !it.is_empty())
    }
}

// === impl NameTokens ===

impl NameTokens {
    /// Adds those of a name.
    pub(super) fn add(&mut self, name: &str) {
        let (mut is_first, mut joined) = (true, Joined::default());
        each_word(name, |word, _, sort| {
            joined.add(word, sort);
            self.words.push_once(word);
            let beginnings = [1, 2].map(|count| word.char_indices().nth(count).map_or(word, |(end, _)| &word[..end]));
            beginnings.iter().for_each(|it| self.beginnings.push_once(it));
            if std::mem::take(&mut is_first) {
                beginnings.iter().chain([&word]).for_each(|it| self.first.push_once(it));
            }
        });
        joined.text().iter().for_each(|it| self.joined.push(it));
    }
}

// === impl Tokens ===

impl Tokenizer for Tokens {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        let list = match self {
            Self::Words => {
                let mut words = Listed(String::with_capacity(text.len() + 1));
                each_word(text, |word, _, _| words.push(word));
                Cow::Owned(words.0)
            }
            Self::Listed => Cow::Borrowed(text),
        };
        Stream { list, next: 0, token: Token { position: usize::MAX, ..Token::default() } }
    }
}

// === impl Stream ===

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(rest) = self.list.get(self.next..).filter(|rest| !rest.is_empty()) else { return false };
        let length = tokens(rest).next().map_or(0, <[u8]>::len);
        let token = &rest[..length];
        self.token.text.clear();
        self.token.text.push_str(token);
        self.token.position = self.token.position.wrapping_add(1);
        self.next += length + 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
