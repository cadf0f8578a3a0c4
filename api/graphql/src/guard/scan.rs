//! The text, token by token.

use async_graphql::Pos;

use super::limit::{Limit, Refused};

/// Accepts a text that the parser can read on a small stack: bounded bytes, tokens and nesting.
///
/// It knows no grammar. Where it and the parser disagree about what is a token, the parser fails too.
pub fn scan(text: &str) -> Result<(), Refused> {
    Limit::Bytes.check(text.len() as u64, None)?;
    let mut scan = Scan { text, at: 0 };
    let (mut tokens, mut open) = (Count::of(Limit::Tokens), Count::of(Limit::Nesting));
    let mut depth = 0_u64;
    while let Some((start, token)) = scan.token()? {
        tokens.reach(tokens.most + 1, start);
        match token {
            Token::Open => {
                depth += 1;
                open.reach(depth, start);
            }
            // One too many is for the parser to refuse.
            Token::Close => depth = depth.saturating_sub(1),
            Token::Other => {}
        }
    }
    tokens.check(text)?;
    open.check(text)
}

enum Token {
    Open,
    Close,
    Other,
}

/// The largest number seen, and where it first went over its limit.
struct Count {
    limit: Limit,
    most: u64,
    over: Option<usize>,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

// === impl Count ===

impl Count {
    fn of(limit: Limit) -> Self {
        Self { limit, most: 0, over: None }
    }

    fn reach(&mut self, number: u64, at: usize) {
        self.most = self.most.max(number);
        if self.over.is_none() && number > self.limit.most() {
            self.over = Some(at);
        }
    }

    fn check(&self, text: &str) -> Result<(), Refused> {
        self.limit.check(self.most, self.over.map(|at| position(text, at)))
    }
}

// === impl Scan ===

impl Scan<'_> {
    /// The next token and where it begins.
    fn token(&mut self) -> Result<Option<(usize, Token)>, Refused> {
        self.skip_ignored();
        let start = self.at;
        let Some(byte) = self.byte() else { return Ok(None) };
        let mut token = Token::Other;
        match byte {
            b'(' | b'[' | b'{' => {
                token = Token::Open;
                self.at += 1;
            }
            b')' | b']' | b'}' => {
                token = Token::Close;
                self.at += 1;
            }
            b'!' | b'$' | b'&' | b':' | b'=' | b'@' | b'|' => self.at += 1,
            b'.' if self.rest().starts_with(b"...") => self.at += 3,
            b'"' if self.rest().starts_with(b"\"\"\"") => self.block_string()?,
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.skip(|it| it == b'_' || it.is_ascii_alphanumeric()),
            _ => {
                let found = self.text[start..].chars().next().unwrap_or_default();
                let message = format!("unexpected character U+{:04X}", u32::from(found));
                return Err(Refused::unreadable(message, position(self.text, start)));
            }
        }
        Ok(Some((start, token)))
    }

    /// Spaces, commas, ends of lines, byte order marks, comments.
    fn skip_ignored(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => self.at += 1,
                Some(b'#') => self.skip(|it| it != b'\n' && it != b'\r'),
                Some(_) if self.rest().starts_with("\u{feff}".as_bytes()) => self.at += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    /// Its sign, digits, fraction and exponent, and no more: what follows may be a token of its own.
    fn number(&mut self) {
        let digits = |it: u8| it.is_ascii_digit();
        self.at += 1;
        self.skip(digits);
        if let [b'.', b'0'..=b'9', ..] = self.rest() {
            self.at += 1;
            self.skip(digits);
        }
        if let [b'e' | b'E', b'0'..=b'9', ..] | [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] = self.rest() {
            self.at += 2;
            self.skip(digits);
        }
    }

    fn string(&mut self) -> Result<(), Refused> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                None | Some(b'\n' | b'\r') => return Err(self.endless(start)),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn block_string(&mut self) -> Result<(), Refused> {
        const ESCAPED: &[u8] = b"\\\"\"\"";
        let start = self.at;
        self.at += 3;
        while !self.rest().starts_with(b"\"\"\"") {
            if self.at >= self.text.len() {
                return Err(self.endless(start));
            }
            self.at += if self.rest().starts_with(ESCAPED) { ESCAPED.len() } else { 1 };
        }
        self.at += 3;
        Ok(())
    }

    fn endless(&self, start: usize) -> Refused {
        Refused::unreadable("this string does not end", position(self.text, start))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, goes_on: impl Fn(u8) -> bool) {
        self.at += self.rest().iter().take_while(|it| goes_on(**it)).count();
    }
}

/// Line and column of a byte, counted as the parser counts them.
fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit(['\n', '\r']).next().unwrap_or_default().chars().count() + 1;
    Pos { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Refused {
        scan(text).unwrap_err()
    }

    fn is_over(text: &str, limit: Limit, place: &[(usize, usize)]) {
        let refused = refused(text);
        assert_eq!(refused.code, "LIMIT_EXCEEDED", "{refused}");
        let numbers = (format!(" {} ", limit.most() + 1), format!("; the limit is {}: ", limit.most()));
        assert!(refused.message.contains(&numbers.0) && refused.message.contains(&numbers.1), "{refused}");
        assert_eq!(refused.places, place, "{refused}");
    }

    #[test]
    fn bytes_are_bounded() {
        let most = Limit::Bytes.most() as usize;
        assert_eq!(scan(&" ".repeat(most)), Ok(()));
        is_over(&" ".repeat(most + 1), Limit::Bytes, &[]);
        assert!(scan(&"é".repeat(most)).is_err());
    }

    #[test]
    fn tokens_are_bounded_whatever_they_are() {
        let most = Limit::Tokens.most() as usize;
        for token in ["a ", "{}", "$!", "-1", "\"\" ", "...", "@:", "a#\n"] {
            let tokens = if matches!(token, "{}" | "$!" | "@:") { 2 } else { 1 };
            // What is closed at once nests one deep.
            let text = token.repeat(most / tokens);
            assert_eq!(scan(&text), Ok(()), "{token}");
            assert_eq!(refused(&format!("{text} \na")).places, [(text.matches('\n').count() + 2, 1)], "{token}");
        }
        let one_left = "a ".repeat(most - 1);
        for (last, tokens) in
            [("-1.5e+3", 1), ("0e9", 1), ("1-1", 2), ("1.e", 0), ("\"\"\"\"\"\"", 1), ("\"\"\"\"\"\"\"\"", 2)]
        {
            let text = format!("{one_left}{last}");
            match tokens {
                0 => assert_eq!(refused(&text).code, "GRAPHQL_PARSE_FAILED", "{last}"),
                1 => assert_eq!(scan(&text), Ok(()), "{last}"),
                _ => assert_eq!(refused(&text).code, "LIMIT_EXCEEDED", "{last}"),
            }
        }
        is_over(&format!("{}a", "a ".repeat(most)), Limit::Tokens, &[(1, 2 * most + 1)]);
    }

    #[test]
    fn nesting_is_bounded_over_all_brackets() {
        let most = Limit::Nesting.most() as usize;
        for open in ["[", "{", "("] {
            assert_eq!(scan(&open.repeat(most)), Ok(()));
            is_over(&open.repeat(most + 1), Limit::Nesting, &[(1, most + 1)]);
        }
        let mixed = "{a(b:[".repeat(most / 3 + 1);
        assert_eq!(refused(&mixed).code, "LIMIT_EXCEEDED");
        assert_eq!(scan(&"[]{}()".repeat(100)), Ok(()));
        assert_eq!(scan(&"]".repeat(100)), Ok(()));
    }

    #[test]
    fn brackets_in_strings_and_comments_nest_nothing() {
        let deep = "[{(".repeat(100);
        for text in [
            format!("\"{deep}\""),
            format!("\"\\\"{deep}\\\\\""),
            format!("\"\"\"{deep}\n\"{deep}\"\"{deep}\\\"\"\"{deep}\"\"\""),
            format!("#{deep}"),
            format!("# \"\"\" {deep} \" {deep}\ra #{deep}\nb"),
        ] {
            assert_eq!(scan(&text), Ok(()), "{text}");
        }
        for text in [
            format!("\"\\\\\"{deep}"),
            format!("\"\"{deep}"),
            format!("\"\"\"\\\\\"\"\"\"\"\"{deep}"),
            format!("\"\"\"\"\"\"{deep}"),
            format!("#\r{deep}"),
            format!("\"#\"{deep}"),
        ] {
            assert_eq!(refused(&text).code, "LIMIT_EXCEEDED", "{text}");
        }
    }

    #[test]
    fn what_no_parser_takes_is_refused_with_its_place() {
        for (text, place, said) in [
            ("{a\n \"b", (2, 2), "this string does not end"),
            ("{a \"b\n\"}", (1, 4), "this string does not end"),
            ("\"b\\", (1, 1), "this string does not end"),
            ("\"b\\\"", (1, 1), "this string does not end"),
            ("\"\"\"b\\\"\"\"", (1, 1), "this string does not end"),
            ("{ü %}", (1, 2), "unexpected character U+00FC"),
            ("{a\r\n%}", (2, 1), "unexpected character U+0025"),
            ("{a\0}", (1, 3), "unexpected character U+0000"),
            ("{a ..b}", (1, 4), "unexpected character U+002E"),
            ("{a\u{2028}}", (1, 3), "unexpected character U+2028"),
            ("{a 'b'}", (1, 4), "unexpected character U+0027"),
        ] {
            let refused = refused(text);
            assert_eq!(refused.code, "GRAPHQL_PARSE_FAILED");
            assert_eq!((refused.message.as_str(), refused.places.as_slice()), (said, [place].as_slice()), "{text:?}");
        }
    }

    #[test]
    fn byte_order_marks_are_passed_over() {
        assert_eq!(scan("\u{feff}{a\u{feff},\tb}\u{feff}"), Ok(()));
    }
}
