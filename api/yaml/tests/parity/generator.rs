//! Random documents in random styles.

use super::SCALARS;

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a, T: AsRef<str>>(&mut self, among: &'a [T]) -> &'a str {
        among[self.below(among.len())].as_ref()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// So many texts from a seed.
pub(crate) fn generated(seed: u64, count: usize) -> Vec<String> {
    let mut writer = Writer { random: Random(seed), text: String::new(), anchors: 0 };
    (0..count).map(|_| writer.file()).collect()
}

struct Writer {
    random: Random,
    text: String,
    anchors: usize,
}

const KEYS: &[&str] =
    &["a", "b", "'c'", "\"d\"", "e f", "1", "true", "~", "a.b/c", "用", "key", "<<", "x-y", "0x10", "1.50"];

impl Writer {
    fn file(&mut self) -> String {
        self.text.clear();
        for number in 0..=self.random.below(3) {
            self.anchors = 0;
            if number > 0 {
                self.text.push_str(self.random.pick(&["---\n", "--- # c\n", "...\n---\n"]));
            }
            self.block(0, 3);
        }
        std::mem::take(&mut self.text)
    }

    /// A block node; the cursor stands at the beginning of a line.
    fn block(&mut self, indent: usize, depth: usize) {
        if self.random.chance(2) { self.map(indent, depth) } else { self.list(indent, depth) }
    }

    fn map(&mut self, indent: usize, depth: usize) {
        let mut keys = KEYS.to_vec();
        for _ in 0..=self.random.below(4) {
            self.noise(indent);
            // A key is picked twice now and then.
            let key = self.random.below(keys.len());
            let key = if self.random.chance(40) { keys[key] } else { keys.remove(key) };
            self.line(indent, &format!("{key}:"));
            self.value(indent, depth, true);
        }
    }

    fn list(&mut self, indent: usize, depth: usize) {
        for _ in 0..=self.random.below(4) {
            self.noise(indent);
            self.line(indent, "-");
            self.value(indent, depth, false);
        }
    }

    /// What follows `key:` or `-`, its line's end included.
    fn value(&mut self, indent: usize, depth: usize, in_map: bool) {
        self.anchor();
        match self.random.below(8) {
            0 | 1 if depth > 0 => {
                self.text.push('\n');
                let deeper = self.random.below(3) + 1;
                // A list may stand at the column of its key.
                if in_map && self.random.chance(4) {
                    self.list(indent, depth - 1)
                } else {
                    self.block(indent + deeper, depth - 1)
                }
            }
            2 => {
                self.text.push(' ');
                self.flow(2);
                self.text.push('\n');
            }
            3 => self.block_scalar(indent),
            4 => self.lines(indent),
            5 if self.anchors > 0 && self.random.chance(2) => {
                let anchor = self.random.below(self.anchors);
                if self.text.ends_with([':', '-']) {
                    self.text.push_str(&format!(" *n{anchor}"));
                }
                self.text.push('\n');
            }
            _ => {
                let scalar = self.random.pick(SCALARS);
                self.text.push_str(&format!(" {scalar}\n"));
            }
        }
    }

    fn anchor(&mut self) {
        if self.random.chance(12) {
            self.text.push_str(&format!(" &n{}", self.anchors));
            self.anchors += 1;
        }
    }

    fn flow(&mut self, depth: usize) {
        let is_list = self.random.chance(2);
        self.text.push(if is_list { '[' } else { '{' });
        for number in 0..self.random.below(4) {
            if number > 0 {
                self.text.push_str(self.random.pick(&[", ", ",", " , "]));
            }
            if !is_list {
                self.text.push_str(&format!("k{number}: "));
            }
            if depth > 0 && self.random.chance(3) {
                self.flow(depth - 1);
            } else {
                let scalar =
                    self.random.pick(&["a", "1", "'b, c'", "\"d\"", "~", "e f", "", "0x1F", "http://a", "-1", "#"]);
                self.text.push_str(scalar);
            }
        }
        self.text.push(if is_list { ']' } else { '}' });
    }

    fn block_scalar(&mut self, indent: usize) {
        let header = self.random.pick(&["|", ">", "|-", ">-", "|+", ">+", "|2", ">2-", "| # c", "|+1"]);
        self.text.push_str(&format!(" {header}\n"));
        for _ in 0..self.random.below(5) {
            let line =
                self.random.pick(&["x", "y z", "  more", "", "# no comment", "- a", "b: c", "\ttab", " one", "end "]);
            if line.is_empty() { self.text.push('\n') } else { self.line(indent + 2, &format!("{line}\n")) }
        }
    }

    /// A scalar over several lines.
    fn lines(&mut self, indent: usize) {
        let quote = self.random.pick(&["", "'", "\""]);
        self.text.push_str(&format!(" {quote}a"));
        for _ in 0..self.random.below(3) {
            self.text.push('\n');
            let line = self.random.pick(&["b", "c d", "", "e", "f\\ g", "1"]);
            if line.is_empty() {
                self.text.push('\n')
            }
            self.line(indent + 1, line);
        }
        self.text.push_str(&format!("{quote}\n"));
    }

    fn noise(&mut self, indent: usize) {
        match self.random.below(12) {
            0 => self.text.push('\n'),
            1 => self.line(indent, "# a comment: [\n"),
            _ => {}
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
    }
}

/// What is put into a text to break it.
const SPLINTERS: &[&str] = &[
    "a", " ", "  ", "\n", "\n  ", ":", ": ", "- ", "-", "[", "]", "{", "}", ",", "#", " #", "'", "\"", "|", ">", "&x ",
    "*x", "!y ", "? ", "\t", "%", "---", "\n---\n", "...",
];

/// So many of the texts, each changed in a few places.
pub(crate) fn mutated(seed: u64, texts: &[String], count: usize) -> Vec<String> {
    let mut random = Random(seed);
    let mut one = || {
        let mut text: Vec<char> = random.pick(texts).chars().collect();
        for _ in 0..=random.below(2) {
            let at = random.below(text.len() + 1);
            let end = if random.chance(2) { at } else { (at + 1).min(text.len()) };
            let splinter = if random.chance(4) { "" } else { random.pick(SPLINTERS) };
            text.splice(at..end, splinter.chars());
        }
        text.into_iter().collect()
    };
    (0..count).map(|_| one()).collect()
}
