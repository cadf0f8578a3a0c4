//! Our words as the index takes them.

use std::collections::BTreeSet;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::word::{Word, words};

/// What of a text is indexed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tokens {
    /// Its words.
    Words,
    /// The first one and two characters of each.
    Beginnings,
    /// Its first word, and the same of that one.
    First,
    /// All of it as it is.
    One,
}

/// The words of one text, one after the other.
pub(super) struct Stream {
    rest: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Tokens {
    type TokenStream<'a> = Stream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream {
        let texts = match self {
            Self::Words => words(text).into_iter().map(|word| word.text).collect(),
            Self::Beginnings => words(text).iter().flat_map(beginnings).collect::<BTreeSet<_>>().into_iter().collect(),
            Self::First => match words(text).into_iter().next() {
                Some(word) => beginnings(&word).into_iter().chain([word.text]).collect(),
                None => Vec::new(),
            },
            Self::One => vec![text.to_owned()],
        };
        Stream { rest: texts.into_iter(), token: Token { position: usize::MAX, ..Token::default() } }
    }
}

fn beginnings(word: &Word) -> [String; 2] {
    [1, 2].map(|count| word.text.chars().take(count).collect())
}

impl TokenStream for Stream {
    fn advance(&mut self) -> bool {
        let Some(text) = self.rest.next() else { return false };
        self.token = Token { text, position: self.token.position.wrapping_add(1), ..Token::default() };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
