//! Generated texts: what the scan accepts never overflows the parser, and nothing at all overflows the guard.

use async_graphql::parser::parse_query;
use serde_json::Map;

use super::{Guard, Limit, scan};
use crate::{api::Api, operation::read};

/// A thirtieth of what the server's threads have.
const STACK: usize = 256 << 10;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

fn on_a_small_stack(run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).unwrap().join().unwrap();
    });
}

/// Whether the scan accepts a text, which is then parsed and measured.
fn accepts(guard: &Guard, text: &str) -> bool {
    let accepted = scan(text).is_ok();
    if accepted {
        // Whether it is a document does not matter.
        let _ = parse_query(text);
    }
    let _ = read(guard, text, None, &mut Map::new());
    accepted
}

#[test]
fn the_deepest_texts_that_are_accepted_can_be_parsed() {
    let guard = Guard::of(&Api::sdl());
    on_a_small_stack(|| {
        let most = usize::try_from(Limit::Nesting.most()).unwrap();
        for (before, open, inside, close, after, around) in [
            ("{a(b:", "[", "1", "]", ")}", 2),
            ("{a(b:", "{c:", "1", "}", ")}", 2),
            ("{a(b:", "[{c:", "1", "}]", ")}", 2),
            ("{a @b(c:", "[{c:", "$d", "}]", ")}", 2),
            ("query($a:", "[", "Int", "]!", "){a}", 1),
            ("query($a: Int = ", "[", "1", "]", "){a}", 1),
            ("", "{a", "", "}", "", 0),
            ("", "{a:b @d ", "", "}", "", 0),
            ("{a", "{...on A @b", "{c}", "}", "}", 2),
            ("fragment F on Query {a", "{... ", "{c}", "}", "}", 2),
        ] {
            for ends in [true, false] {
                let brackets = open.matches(['[', '{', '(']).count();
                let depth = |most: usize| (most - around) / brackets;
                let text = |depth: usize| {
                    let close = if ends { close.repeat(depth) + after } else { String::new() };
                    format!("{before}{}{inside}{close}", open.repeat(depth))
                };
                assert!(accepts(&guard, &text(depth(most))), "{}", text(depth(most)));
                assert!(!accepts(&guard, &text(depth(most) + 2)), "{}", text(depth(most) + 2));
            }
        }
    });
}

#[test]
fn what_the_scan_accepts_never_overflows_the_parser() {
    const WORDS: &[&str] = &[
        "{",
        "{",
        "{",
        "[",
        "[",
        "[",
        "(",
        "}",
        "]",
        ")",
        "a",
        "a:",
        "...",
        "...on A",
        "@b",
        "$c",
        "1",
        "-1.5e3",
        "\"",
        "\"d\"",
        "\"\"\"",
        "\\",
        "\\\"\"\"",
        "#",
        "\n",
        "!",
        "=",
        ":",
        "null",
        "query",
        "fragment F on A",
        "\u{feff}",
        "ü",
        "\0",
        " ",
    ];
    let guard = Guard::of(&Api::sdl());
    on_a_small_stack(|| {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        let mut accepted = 0;
        for _ in 0..20_000 {
            let length = 1 + numbers.below(60);
            let mut text = String::new();
            for _ in 0..length {
                let word = numbers.one_of(WORDS);
                text.push_str(&word.repeat(1 + numbers.below(40) / 36 * numbers.below(600)));
            }
            accepted += u32::from(accepts(&guard, &text));
        }
        assert!(accepted > 2_000, "{accepted}");
    });
}

#[test]
fn documents_with_something_changed_are_read_or_refused() {
    let documents = [
        "query Q($n: Int = 5, $f: [[EntityRef!]!]! = [[\"a:b\"]]) @x {entities(first: $n) {nodes {...E ... on Group {members {totalCount}}}}} \
         fragment E on Entity {a: ref relations(types: [\"x\", \"\"\"y\"\"\"], first: 10) @skip(if: false) {nodes {target {...F}}}} fragment F on Entity {name}",
        "{__schema {types {...T}} __type(name: \"Query\") {...T}} fragment T on __Type {name ofType {name ofType {name}} fields {args {type {name}}}}",
        "query A {...F} query B {...F} fragment F on Query {node(id: \"\\u00e9\\n\") {id}} # {[(",
    ];
    let guard = Guard::of(&Api::sdl());
    on_a_small_stack(|| {
        let mut numbers = Numbers(0x0123_4567_89AB_CDEF);
        let mut accepted = 0;
        for round in 0..6_000 {
            let mut text: Vec<char> = documents[round % documents.len()].chars().collect();
            for _ in 0..=numbers.below(3) {
                let (from, to) = (numbers.below(text.len()), numbers.below(text.len()));
                match numbers.below(3) {
                    0 => drop(text.remove(from)),
                    1 => text.insert(from, text[to]),
                    _ => {
                        let piece: Vec<char> = text[from.min(to)..from.max(to)].to_vec();
                        let at = numbers.below(text.len());
                        text.splice(at..at, piece);
                    }
                }
            }
            accepted += u32::from(accepts(&guard, &text.iter().collect::<String>()));
        }
        assert!(accepted > 2_000, "{accepted}");
    });
}
