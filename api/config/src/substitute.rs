//! `${VAR}`, `${VAR:-fallback}` and `$${X}` in texts.

use std::collections::BTreeMap;

/// A text after substitution.
pub(crate) struct Substituted {
    /// `None` where a variable is not set.
    pub(crate) text: Option<String>,
    /// Whether a variable or a fallback is part of it.
    pub(crate) external: bool,
    /// The first variable that is not set.
    pub(crate) missing: Option<String>,
}

/// Replaces `${VAR}` and `${VAR:-fallback}`; `$${X}` stands for `${X}`.
pub(crate) fn substitute(text: &str, environment: &BTreeMap<String, String>) -> Substituted {
    let mut result = String::with_capacity(text.len());
    let (mut external, mut missing) = (false, None);
    let mut rest = text;
    while let Some((before, inner, behind)) = next_variable(rest) {
        rest = behind;
        if let Some(literal) = before.strip_suffix('$') {
            result.extend([literal, "${", inner, "}"]);
            continue;
        }
        result.push_str(before);
        external = true;
        let (name, fallback) = match inner.split_once(":-") {
            Some((name, fallback)) => (name, Some(trim(fallback))),
            None => (inner, None),
        };
        let name = trim(name);
        let value = variable(environment, name);
        let value = match fallback {
            // With a fallback, an empty variable is as good as none, and so is an empty fallback.
            Some(fallback) => value.filter(|it| !it.is_empty()).or(Some(fallback).filter(|it| !it.is_empty())),
            None => value,
        };
        match value {
            Some(value) => result.push_str(value),
            None => missing = missing.or_else(|| Some(name.to_owned())),
        }
    }
    result.push_str(rest);
    Substituted { text: missing.is_none().then_some(result), external, missing }
}

/// A variable's value without the space around it.
pub(crate) fn variable<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    environment.get(name).map(|value| trim(value))
}

/// JavaScript's `trimEnd`.
pub(crate) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_javascript_space)
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_javascript_space)
}

fn is_javascript_space(character: char) -> bool {
    character.is_whitespace() && character != '\u{85}' || character == '\u{feff}'
}

/// What stands before, within and behind the next `${…}` that holds no brace.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let inner = &text[start + 2..];
        let end = inner.find(['{', '}'])?;
        if inner[end..].starts_with('}') {
            return Some((&text[..start], &inner[..end], &inner[end + 1..]));
        }
        from = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_a_missing_one_takes_the_whole_text() {
        let pairs = [("A", "a"), ("B", "  b "), ("E", "")];
        let environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (text, expected) in [
            ("no variable", Some("no variable")),
            ("${A}", Some("a")),
            ("x${ A }y${B}z", Some("xaybz")),
            ("${E}", Some("")),
            ("${X}", None),
            ("${A}${X}", None),
            ("${X:-f}", Some("f")),
            ("${X:- f }", Some("f")),
            ("${E:-f}", Some("f")),
            ("${A:-f}", Some("a")),
            ("${X:-}", None),
            ("${A:-}", Some("a")),
            ("${X:-a:-b}", Some("a:-b")),
            ("$${A}", Some("${A}")),
            ("$$${A}", Some("$${A}")),
            ("$${X:-f}", Some("${X:-f}")),
            ("${a${A}", Some("${aa")),
            ("${A", Some("${A")),
            ("$A {A} $", Some("$A {A} $")),
            ("${}", None),
            ("${:-f}", Some("f")),
        ] {
            assert_eq!(substitute(text, &environment).text.as_deref(), expected, "{text}");
        }
        assert_eq!(substitute("${X}${Y}", &environment).missing.as_deref(), Some("X"));
    }
}
