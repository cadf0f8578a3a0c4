//! Words: how a text is taken apart, alike when it is indexed, searched and marked.
//!
//! Letters and digits that stand together are a word; `orderService` has its parts besides. Chinese, Japanese and Korean
//! have no spaces, so that each two characters that stand together are a word, and the last one by itself: any character
//! then begins one.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters of a word that count; what is longer is no word that a person types.
const LONGEST: usize = 40;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it stands, in bytes.
    pub(crate) place: Range<usize>,
    /// As it is compared: without case, accents and widths.
    pub(crate) text: String,
    /// What sort of word it is.
    pub(crate) sort: Sort,
}

/// What sort of word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Letters and digits up to the next space or sign.
    Whole,
    /// A part of such a one, from a capital on.
    Part,
    /// Two characters of a script without spaces.
    Pair,
    /// The last character of such a text.
    Last,
}

/// A stretch of text.
enum Stretch {
    Plain(Range<usize>),
    /// Of a script without spaces: where each character stands.
    Dense(Vec<Range<usize>>),
}

/// The plain words of a text as one, while they come.
#[derive(Default)]
pub(crate) struct Joined {
    count: usize,
    all: String,
}

/// The words of a text, in order.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, |text, place, sort| words.push(Word { place, text: text.to_owned(), sort }));
    words
}

/// Visits the words of a text, in order: each as it is compared, where it stands, and what sort of word it is. Most texts are
/// ASCII, and of such a one nothing is copied but what is compared.
pub(crate) fn each_word(text: &str, mut visit: impl FnMut(&str, Range<usize>, Sort)) {
    if !text.is_ascii() {
        words_of_any(text).into_iter().for_each(|Word { place, text, sort }| visit(&text, place, sort));
        return;
    }
    let mut folded = String::with_capacity(LONGEST);
    let mut visit = |place: Range<usize>, sort| {
        folded.clear();
        folded.push_str(&text[place.start..place.end.min(place.start + LONGEST)]);
        folded.make_ascii_lowercase();
        visit(&folded, place, sort);
    };
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(skipped) = bytes[start..].iter().position(u8::is_ascii_alphanumeric) {
        start += skipped;
        let rest = &bytes[start..];
        let end = start + rest.iter().position(|it| !it.is_ascii_alphanumeric()).unwrap_or(rest.len());
        visit(start..end, Sort::Whole);
        if bytes[start + 1..end].iter().any(u8::is_ascii_uppercase) {
            parts(&text[start..end], start).into_iter().for_each(|place| visit(place, Sort::Part));
        }
        start = end;
    }
}

fn words_of_any(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for stretch in stretches(text) {
        match stretch {
            Stretch::Plain(place) => {
                let parts = parts(&text[place.clone()], place.start);
                let plain =
                    |place: Range<usize>, sort| Word { text: shortened(&folded(&text[place.clone()])), place, sort };
                words.push(plain(place, Sort::Whole));
                words.extend(parts.into_iter().map(|place| plain(place, Sort::Part)));
            }
            Stretch::Dense(places) => {
                let pairs = places.windows(2).map(|pair| (pair[0].start..pair[1].end, Sort::Pair));
                let last = places.last().map(|it| (it.clone(), Sort::Last));
                let dense = |place: &Range<usize>| text[place.clone()].nfkc().flat_map(char::to_lowercase).collect();
                words.extend(pairs.chain(last).map(|(place, sort)| Word { text: dense(&place), place, sort }));
            }
        }
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// All plain words of a text as one: `orderservice` for `order-service`; `None` where it has fewer than two.
pub(crate) fn joined(text: &str) -> Option<String> {
    let mut joined = Joined::default();
    each_word(text, |word, _, sort| joined.add(word, sort));
    joined.text()
}

// === impl Joined ===

impl Joined {
    /// Takes the next word.
    pub(crate) fn add(&mut self, word: &str, sort: Sort) {
        if sort == Sort::Whole {
            self.count += 1;
            self.all.push_str(word);
        }
    }

    /// What [`joined`] answers of the words that came.
    pub(crate) fn text(&self) -> Option<String> {
        (self.count > 1).then(|| shortened(&self.all))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Text without case, accents and widths.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|it| !is_combining_mark(*it)).flat_map(char::to_lowercase).collect()
}

/// The end of the first piece of a word whose folded text has so many characters.
pub(crate) fn end_of(text: &str, place: &Range<usize>, count: usize) -> usize {
    let mut seen = 0;
    let mut end = place.start;
    for (at, character) in text[place.clone()].char_indices() {
        let more = folded(character.encode_utf8(&mut [0; 4])).chars().count();
        // Marks belong to the letter before them.
        if seen >= count && more > 0 {
            break;
        }
        seen += more;
        end = place.start + at + character.len_utf8();
    }
    end
}

/// Whether a character is of a script that is written without spaces, or, as Korean, with few.
pub(crate) fn is_dense(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && character.is_alphanumeric()
}

fn stretches(text: &str) -> Vec<Stretch> {
    let mut found = Vec::new();
    for (at, character) in text.char_indices() {
        let place = at..at + character.len_utf8();
        let last = found.last_mut().filter(|last| match last {
            Stretch::Plain(plain) => plain.end == at,
            Stretch::Dense(places) => places.last().is_some_and(|it| it.end == at),
        });
        match last {
            Some(Stretch::Dense(places)) if is_dense(character) => places.push(place),
            _ if is_dense(character) => found.push(Stretch::Dense(vec![place])),
            Some(Stretch::Plain(plain)) if character.is_alphanumeric() || is_combining_mark(character) => {
                plain.end = place.end;
            }
            _ if character.is_alphanumeric() => found.push(Stretch::Plain(place)),
            _ => {}
        }
    }
    found
}

/// Where the parts of a word stand, `user`, `HTTP` and `Client` in `userHTTPClient`; none where it is one.
fn parts(word: &str, offset: usize) -> Vec<Range<usize>> {
    let characters: Vec<(usize, char)> = word.char_indices().collect();
    let begins = |place: &usize| {
        let is_upper = |place: usize| characters.get(place).is_some_and(|(_, it)| it.is_uppercase());
        let is_lower = |place: usize| characters.get(place).is_some_and(|(_, it)| it.is_lowercase());
        *place > 0 && is_upper(*place) && (!is_upper(*place - 1) || is_lower(*place + 1))
    };
    let starts: Vec<usize> = (0..characters.len()).filter(begins).map(|place| characters[place].0).collect();
    if starts.is_empty() {
        return Vec::new();
    }
    let edges: Vec<usize> = [0].into_iter().chain(starts).chain([word.len()]).collect();
    edges.windows(2).map(|pair| offset + pair[0]..offset + pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = words(text);
        assert_eq!(found.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
        for word in found {
            assert!(text.get(word.place).is_some(), "{text}");
        }
    }

    #[test]
    fn a_text_is_taken_apart() {
        check("order-service_v2", &["order", "service", "v2"]);
        check("userHTTPClient", &["userhttpclient", "user", "http", "client"]);
        check("用户管理", &["用户", "户管", "管理", "理"]);
        check("用户API，管", &["用户", "户", "api", "管"]);
        check("Café cafe\u{301} ＡＰＩ ﬁn", &["cafe", "cafe", "api", "fin"]);
        check("  --  ", &[]);
        check("", &[]);
    }

    #[test]
    fn a_text_of_ascii_is_taken_apart_as_any_other() {
        let long = "x".repeat(2 * LONGEST);
        for text in ["order-service_v2", "userHTTPClient", "ABc dE", "a", "A1b2", "--a", &long] {
            assert_eq!(words(text), words_of_any(text), "{text}");
        }
    }

    #[test]
    fn the_words_of_a_name_are_one_word_too() {
        assert_eq!(joined("order-service").as_deref(), Some("orderservice"));
        assert_eq!(joined("orders"), None);
    }

    #[test]
    fn the_end_of_a_beginning_lies_between_characters() {
        let text = "xÉtude ﬁn";
        assert_eq!(&text[1..end_of(text, &(1..7), 3)], "Étu");
        assert_eq!(end_of(text, &(8..text.len()), 1), 8 + 'ﬁ'.len_utf8());
        let marked = "e\u{301}tude";
        assert_eq!(&marked[..end_of(marked, &(0..marked.len()), 1)], "e\u{301}");
    }
}
