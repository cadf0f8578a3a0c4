//! What a person types to find something.

use super::word::{Sort, folded, words};

/// Characters of a search at most.
const LONGEST: usize = 200;
/// Words of a search at most; of scripts without spaces each character behind the first is one.
const MOST: usize = 32;
/// Characters of a word from which on one error is forgiven, and from which on two.
const FORGIVING: [usize; 2] = [4, 8];
/// The same from which on one error is forgiven in the beginning of a word.
const FORGIVING_AT_ONCE: usize = 6;

/// What is searched for: all of it must be found in an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    /// The whole text, folded.
    pub(crate) whole: String,
    pub(crate) terms: Vec<Term>,
}

/// One thing to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// A word or the beginning of one.
    Word(String),
    /// One character of a script without spaces.
    Character(String),
    /// Several: each two that stand together.
    Pairs(Vec<String>),
}

/// Why a text is not searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchTextError {
    /// It has too many characters.
    #[error("it has {0} characters; the limit is {LONGEST}: search for a few words of it")]
    TooLong(usize),
    /// It has too many words.
    #[error(
        "it has {0} words, each character of a Chinese text but the first being one; the limit is {MOST}: search for a few \
         of them"
    )]
    TooManyWords(usize),
}

// === impl SearchText ===

impl SearchText {
    /// Reads a text; `None` where it is blank, so that nothing is searched for.
    ///
    /// # Errors
    /// Where it is too long.
    pub fn read(text: &str) -> Result<Option<Self>, SearchTextError> {
        let text = text.trim();
        let length = text.chars().count();
        if length > LONGEST {
            return Err(SearchTextError::TooLong(length));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let mut terms: Vec<Term> = Vec::new();
        // Where the pairs end that the next one may belong to.
        let mut end = None;
        for word in words(text) {
            let goes_on = end.is_some_and(|end| word.place.start < end);
            match (word.sort, terms.last_mut()) {
                (Sort::Whole, _) => terms.push(Term::Word(word.text)),
                (Sort::Pair, Some(Term::Pairs(pairs))) if goes_on && pairs.contains(&word.text) => {}
                (Sort::Pair, Some(Term::Pairs(pairs))) if goes_on => pairs.push(word.text),
                (Sort::Pair, _) => terms.push(Term::Pairs(vec![word.text])),
                (Sort::Last, _) if !goes_on => terms.push(Term::Character(word.text)),
                (Sort::Part | Sort::Last, _) => {}
            }
            end = (word.sort == Sort::Pair).then_some(word.place.end);
        }
        let mut known = Vec::new();
        terms.retain(|term| {
            let is_new = !known.contains(term);
            known.push(term.clone());
            is_new
        });
        let count = terms.iter().map(Term::count).sum();
        if count > MOST {
            return Err(SearchTextError::TooManyWords(count));
        }
        Ok(Some(Self { whole: folded(text), terms }))
    }
}

// === impl Term ===

impl Term {
    fn count(&self) -> usize {
        match self {
            Self::Word(_) | Self::Character(_) => 1,
            Self::Pairs(pairs) => pairs.len(),
        }
    }
}

/// How many errors are forgiven in a word.
pub(crate) fn forgiven(word: &str) -> u8 {
    let length = word.chars().count();
    FORGIVING.iter().map(|least| u8::from(length >= *least)).sum()
}

/// Whether an error is forgiven when no more than the beginning of a word was given.
pub(crate) fn is_forgiven_at_once(word: &str) -> bool {
    word.chars().count() >= FORGIVING_AT_ONCE
}

/// How many of so many pairs must be found where errors are forgiven: a wrong character takes two of them.
pub(crate) fn needed(pairs: usize) -> usize {
    if pairs < 3 { pairs } else { pairs - 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_words_and_pairs() {
        let word = |text: &str| Term::Word(text.to_owned());
        let text = SearchText::read("  Order-Service 用户管理 order 单 userAPI ").unwrap().unwrap();
        let pairs = Term::Pairs(["用户", "户管", "管理"].map(str::to_owned).to_vec());
        let single = Term::Character("单".to_owned());
        assert_eq!(text.terms, [word("order"), word("service"), pairs, single, word("userapi")]);
    }

    #[test]
    fn a_blank_text_is_none_and_a_long_one_is_refused() {
        assert_eq!(SearchText::read(" \t\u{3000}"), Ok(None));
        assert_eq!(SearchText::read(&"x".repeat(201)), Err(SearchTextError::TooLong(201)));
        assert_eq!(SearchText::read("!?").unwrap().unwrap().terms, []);
        let words: Vec<_> = (0..33).map(|it| it.to_string()).collect();
        assert_eq!(SearchText::read(&words.join(" ")), Err(SearchTextError::TooManyWords(33)));
        assert!(
            SearchText::read(&"单".repeat(100)).is_ok_and(|it| it.is_some()),
            "the same pair again and again is one"
        );
    }
}
