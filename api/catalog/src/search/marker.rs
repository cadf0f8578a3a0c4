//! Why something was found: the pieces of its texts that were searched for.

use std::{ops::Range, sync::OnceLock};

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};

use super::{
    text::{SearchText, Term, forgiven, is_forgiven_at_once},
    word::{Sort, Word, end_of, joined, words},
};
use crate::Entity;

/// Bytes of a text that a highlight shows at most.
const LONGEST: usize = 400;
/// Bytes before its first match.
const BEFORE: usize = 80;
/// Tags that are shown at most.
const TAGS: usize = 10;
/// Characters of a word from which on its beginning is looked for in longer texts.
const LEAST: usize = 3;

/// Marks what was searched for.
#[derive(Debug)]
pub struct Marker {
    text: SearchText,
    /// For each term, whether errors were forgiven.
    lenient: Vec<bool>,
    /// Made where something is to be marked.
    needles: OnceLock<Vec<Needle>>,
}

/// Text of a field, cut where matches begin and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Highlight {
    /// `name`, `title`, `displayName` (of a profile), `description`, `tags`, `owner` or `definition`.
    pub field: &'static str,
    /// The pieces in order; together they are the text, or a part of it where it is long.
    pub parts: Vec<HighlightPart>,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HighlightPart {
    /// The piece.
    pub text: String,
    /// Whether it was searched for.
    pub is_match: bool,
}

/// What is looked for in texts.
#[derive(Debug)]
enum Needle {
    Word { text: String, length: usize, alike: Vec<Alike> },
    Character(String),
    Pairs(Vec<String>),
}

/// Recognises what is like a word.
struct Alike(DFA);

// === impl Marker ===

impl Marker {
    pub(super) fn of(text: &SearchText, lenient: &[bool]) -> Self {
        Self { text: text.clone(), lenient: lenient.to_vec(), needles: OnceLock::new() }
    }

    fn needles(&self) -> &[Needle] {
        self.needles.get_or_init(|| self.text.terms.iter().zip(&self.lenient).map(Needle::of).collect())
    }

    /// The texts of an entity that have something of what was searched for; its definition is given where it is to be looked
    /// at.
    pub fn highlights(&self, entity: &Entity, definition: Option<&str>) -> Vec<Highlight> {
        let name = [("name", Some(&*entity.name)), ("title", entity.title.as_deref())];
        let names = name.into_iter().chain([("displayName", entity.profile_name.as_deref())]);
        let names = names.filter_map(|(field, text)| self.name(field, text?));
        let description = entity.description.as_deref().and_then(|text| self.text("description", text, LEAST));
        let tags = entity.tags.iter().filter_map(|tag| self.text("tags", tag, 1)).take(TAGS);
        let owner = entity.owner.as_ref().and_then(|owner| self.text("owner", owner.name(), 1));
        let definition = definition.and_then(|text| self.text("definition", text, LEAST));
        names.chain(description).chain(tags).chain(owner).chain(definition).collect()
    }

    /// A name, which is found as one word, too.
    fn name(&self, field: &'static str, text: &str) -> Option<Highlight> {
        let as_one = || {
            let joined = joined(text)?;
            self.needles().iter().any(|needle| needle.is_joined(&joined)).then_some(0..text.len())
        };
        self.text(field, text, 1).or_else(|| Some(cut(field, text, vec![as_one()?])))
    }

    fn text(&self, field: &'static str, text: &str, least: usize) -> Option<Highlight> {
        let found = words(text)
            .into_iter()
            .filter_map(|word| self.needles().iter().find_map(|it| it.within(text, &word, least)));
        let places = merged(found.collect());
        (!places.is_empty()).then(|| cut(field, text, places))
    }
}

// === impl Needle ===

impl Needle {
    fn of((term, is_lenient): (&Term, &bool)) -> Self {
        match term {
            Term::Word(word) => Self::Word {
                length: word.chars().count(),
                alike: if *is_lenient { alike(word) } else { Vec::new() },
                text: word.clone(),
            },
            Term::Character(character) => Self::Character(character.clone()),
            Term::Pairs(pairs) => Self::Pairs(pairs.clone()),
        }
    }

    /// The piece of a word that is meant.
    fn within(&self, text: &str, word: &Word, least: usize) -> Option<Range<usize>> {
        match self {
            Self::Word { text: wanted, .. } if word.text == *wanted => Some(word.place.clone()),
            Self::Word { text: wanted, length, .. } if *length >= least && word.text.starts_with(wanted.as_str()) => {
                Some(word.place.start..end_of(text, &word.place, *length))
            }
            Self::Word { alike, .. } => alike.iter().any(|it| it.is(&word.text)).then(|| word.place.clone()),
            Self::Character(wanted) if matches!(word.sort, Sort::Pair | Sort::Last) => {
                let first = text[word.place.clone()].chars().next()?;
                word.text.starts_with(wanted.as_str()).then(|| word.place.start..word.place.start + first.len_utf8())
            }
            Self::Pairs(pairs) if word.sort == Sort::Pair => pairs.contains(&word.text).then(|| word.place.clone()),
            Self::Character(_) | Self::Pairs(_) => None,
        }
    }

    /// Whether all words of a name as one begin so, or are like it.
    fn is_joined(&self, joined: &str) -> bool {
        match self {
            Self::Word { text, alike, .. } => {
                !alike.is_empty() && (joined.starts_with(text.as_str()) || alike.iter().any(|it| it.is(joined)))
            }
            Self::Character(_) | Self::Pairs(_) => false,
        }
    }
}

// === impl Alike ===

impl Alike {
    fn is(&self, text: &str) -> bool {
        matches!(self.0.eval(text), Distance::Exact(_))
    }
}

impl std::fmt::Debug for Alike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Alike")
    }
}

/// What the index counts as like a word.
fn alike(word: &str) -> Vec<Alike> {
    /// For up to two errors; each is a table of some size.
    static BUILDERS: [OnceLock<LevenshteinAutomatonBuilder>; 3] = [const { OnceLock::new() }; 3];
    let builder =
        |errors: u8| BUILDERS[usize::from(errors)].get_or_init(|| LevenshteinAutomatonBuilder::new(errors, true));
    let mut all = vec![Alike(builder(forgiven(word)).build_dfa(word))];
    if is_forgiven_at_once(word) {
        all.push(Alike(builder(1).build_prefix_dfa(word)));
    }
    all
}

/// Places in order, those that touch as one.
fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_unstable_by_key(|place| place.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for place in places {
        match merged.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => merged.push(place),
        }
    }
    merged
}

/// Cuts a text at places, and shows what lies around the first of them where it is long.
fn cut(field: &'static str, text: &str, places: Vec<Range<usize>>) -> Highlight {
    let first = places.first().map_or(0, |place| place.start);
    let (start, end) = if text.len() <= LONGEST {
        (0, text.len())
    } else {
        let start = text.floor_char_boundary(first.saturating_sub(BEFORE));
        (start, text.floor_char_boundary(start.saturating_add(LONGEST)))
    };
    let mut parts = Vec::new();
    let mut add = |from: usize, to: usize, is_match| {
        let text = text.get(from..to.min(end)).unwrap_or_default();
        if !text.is_empty() {
            parts.push(HighlightPart { text: text.to_owned(), is_match });
        }
    };
    let mut at = start;
    for place in places.into_iter().take_while(|place| place.start < end) {
        add(at, place.start, false);
        add(place.start, place.end, true);
        at = place.end;
    }
    add(at, end, false);
    Highlight { field, parts }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture;

    fn marker(text: &str, is_lenient: bool) -> Marker {
        let text = SearchText::read(text).unwrap().unwrap();
        let lenient = vec![is_lenient; text.terms.len()];
        Marker::of(&text, &lenient)
    }

    /// The text with its matches in brackets.
    fn shown(highlight: &Highlight) -> String {
        let part = |it: &HighlightPart| if it.is_match { format!("[{}]", it.text) } else { it.text.clone() };
        highlight.parts.iter().map(part).collect()
    }

    fn check(search: &str, is_lenient: bool, text: &str, expected: &str) {
        let found = marker(search, is_lenient).name("name", text);
        assert_eq!(found.as_ref().map(shown).as_deref().unwrap_or("none"), expected, "{search}");
        if let Some(found) = found {
            assert_eq!(found.parts.iter().map(|it| it.text.as_str()).collect::<String>(), text);
        }
    }

    #[test]
    fn a_match_is_cut_where_it_begins_and_ends() {
        check("serv", false, "order-service", "order-[serv]ice");
        check("order service", false, "Order Service", "[Order] [Service]");
        check("servcie", true, "order-service", "order-[service]");
        check("servcie", false, "order-service", "none");
        check("orderserv", true, "order-service", "[order-service]");
        check("client", false, "userHTTPClient", "userHTTP[Client]");
        check("用户管理", false, "北岸用户管理服务", "北岸[用户管理]服务");
        check("管", false, "用户管理", "用户[管]理");
        check("用户官理", true, "用户管理", "[用户]管理");
        check("etu", false, "l'Étude", "l'[Étu]de");
        check("api", false, "用户ＡＰＩ", "用户[ＡＰＩ]");
        check("fin", false, "ﬁnal", "[ﬁn]al");
    }

    #[test]
    fn of_a_long_text_the_part_around_the_first_match_is_shown() {
        let text = format!("{}needle{}", "长".repeat(300), "文 ".repeat(300));
        let found = marker("needle", false).text("description", &text, LEAST).unwrap();
        let length: usize = found.parts.iter().map(|it| it.text.len()).sum();
        assert!((300..=LONGEST).contains(&length), "{length}");
        assert_eq!(
            found.parts.iter().filter(|it| it.is_match).map(|it| it.text.as_str()).collect::<Vec<_>>(),
            ["needle"]
        );
    }

    #[test]
    fn every_field_that_has_it_is_told() {
        let metadata = json!({"name": "pay", "title": "Pay", "description": "It pays.", "tags": ["java", "payments"]});
        let entity = fixture::of("API", metadata, json!({"owner": "pay-team"}));
        let found = marker("pay", false).highlights(&entity, Some("paths: /pay"));
        let found: Vec<_> = found.iter().map(|it| format!("{} {}", it.field, shown(it))).collect();
        let expected = ["name [pay]", "title [Pay]", "description It [pay]s.", "tags [pay]ments", "owner [pay]-team"];
        assert_eq!(found, expected.into_iter().chain(["definition paths: /[pay]"]).collect::<Vec<_>>());
    }
}
