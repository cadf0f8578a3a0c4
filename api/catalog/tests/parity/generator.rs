//! Documents with one bent field, with several, and references.

use serde_json::{Map, Value as Json, json};

use crate::table::{Field, KINDS, Kind, SHARED, Values};

/// A document to judge.
pub(crate) struct Case {
    /// The kind's name in the table.
    pub(crate) kind: &'static str,
    /// The fields that were bent.
    pub(crate) bent: Vec<&'static Field>,
    pub(crate) claimed: bool,
    pub(crate) document: Json,
}

/// Each field of each kind, with each of its values and without it; the rest of the document is right.
pub(crate) fn each() -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        // What all kinds share is bent in some of them: elsewhere it would say the same again.
        let shared = SHARED.iter().enumerate().filter(|(place, _)| (place + number) % 4 == 0 || kind.claimed);
        for field in shared.map(|(_, field)| field).chain(kind.fields) {
            let (Values::Of(values) | Values::KeysOf(values)) = field.values;
            let all = values().into_iter().map(Some).chain([None]);
            cases.extend(all.map(|value| {
                let mut document = (kind.document)();
                bend(&mut document, field, value);
                Case { kind: kind.name, bent: vec![field], claimed: kind.claimed, document }
            }));
        }
    }
    cases
}

/// So many documents with one to three fields bent, texts with a few characters more or fewer.
pub(crate) fn random(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random(seed);
    (0..count).map(|_| case(&mut random)).collect()
}

/// So many documents with a link whose URL is put together from pieces.
pub(crate) fn urls(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random(seed);
    let field = SHARED.iter().find(|field| field.path.last() == Some(&"url")).unwrap();
    let case = |random: &mut Random| {
        let mut document = (KINDS[0].document)();
        let mut url =
            random.pick(&["https", "http", "foo", "file", "ftp", "ws", "mailto", "git+ssh", "x", ""]).to_owned();
        url.push_str(random.pick(&["://", "://", "://", ":", ":/", ":///", "//", ""]));
        for _ in 0..random.below(6) {
            url.push_str(random.pick(URL_PIECES));
        }
        set(&mut document, field.path, json!(url));
        Case { kind: KINDS[0].name, bent: vec![field], claimed: false, document }
    };
    (0..count).map(|_| case(&mut random)).collect()
}

/// None begins with `xn--`: which of those are right depends on the version of Unicode in Node.
#[rustfmt::skip]
const URL_PIECES: &[&str] = &[
    "a", "example.com", "user", "@", ":", ":80", ":99999", ":a", "/", "//", "\\", "?", "#", "[", "]", "[::1]", "[::ffff:1.2.3.4]", "[1:2]", "1.2.3.4",
    "0x7f.1", "256", "1.2.3.256", ".", "..", "%", "%41", "%zz", "%2f", " ", "\t", "\n", "\u{0}", "\u{1f}", "\u{7f}", "<", ">", "^", "|", "`", "{", "}",
    "\"", "'", "!", "$", "&", "(", ")", "*", "+", ",", ";", "=", "~", "_", "-", "é", "用户", "ß", "\u{200d}", "\u{ad}", "\u{3002}", "\u{ff0e}", "\u{1f600}",
    "\u{301}", "\u{fffd}", "\u{e000}", "C:", "C|", "localhost",
];

fn case(random: &mut Random) -> Case {
    let kind: &Kind = &KINDS[random.below(KINDS.len())];
    let fields: Vec<&Field> = SHARED.iter().chain(kind.fields).collect();
    let mut document = (kind.document)();
    // What may be missing is missing now and then.
    for field in fields.iter().filter(|field| field.path.len() > 2 || field.path.first() == Some(&"spec")) {
        if field.path.len() > 1 && random.chance(20) && !is_needed(kind.name, field.path) {
            remove(&mut document, field.path);
        }
    }
    let bent: Vec<&'static Field> = (0..random.below(3)).map(|_| random.pick(&fields)).collect();
    for field in &bent {
        let (Values::Of(values) | Values::KeysOf(values)) = field.values;
        let values = values();
        let mut value = values[random.below(values.len())].clone();
        // What is right behind `xn--` depends on the version of Unicode in Node.
        if let Json::String(text) = &value
            && !text.contains("xn--")
            && random.chance(3)
        {
            value = json!(mutated(random, text));
        }
        bend(&mut document, field, (!random.chance(15)).then_some(value));
    }
    Case { kind: kind.name, bent, claimed: random.chance(2), document }
}

/// Fields whose loss alone would refuse a document; those are left to be bent.
fn is_needed(kind: &str, path: &[&str]) -> bool {
    match path.last() {
        Some(&"type") => !matches!(kind, "System" | "Domain" | "Location"),
        Some(&member) => {
            ["name", "url", "lifecycle", "owner", "definition", "remotes", "children", "memberOf"].contains(&member)
        }
        None => true,
    }
}

fn bend(document: &mut Json, field: &Field, value: Option<Json>) {
    match (field.values, value) {
        (Values::Of(_), Some(value)) => set(document, field.path, value),
        (Values::Of(_), None) => remove(document, field.path),
        (Values::KeysOf(_), Some(Json::String(key))) => {
            if let Some(map) = at(document, field.path).and_then(Json::as_object_mut) {
                map.insert(key, json!("a"));
            }
        }
        (Values::KeysOf(_), _) => {}
    }
}

/// The value at a path, if the path is there.
fn at<'a>(document: &'a mut Json, path: &[&str]) -> Option<&'a mut Json> {
    path.iter().try_fold(document, |value, step| match value {
        Json::Object(members) => members.get_mut(*step),
        Json::Array(members) => members.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn set(document: &mut Json, path: &[&str], value: Json) {
    let Some((last, parents)) = path.split_last() else { return };
    match at(document, parents) {
        Some(Json::Object(members)) => drop(members.insert((*last).to_owned(), value)),
        Some(Json::Array(members)) if !members.is_empty() => members[0] = value,
        _ => {}
    }
}

fn remove(document: &mut Json, path: &[&str]) {
    let Some((last, parents)) = path.split_last() else { return };
    match at(document, parents) {
        Some(Json::Object(members)) => drop(members.remove(*last)),
        Some(Json::Array(members)) => members.clear(),
        _ => {}
    }
}

/// A text with a character more, another, or fewer.
fn mutated(random: &mut Random, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(2) {
        let place = random.below(characters.len() + 1);
        let new = random.pick(LETTERS);
        match random.below(3) {
            0 => characters.insert(place, new),
            1 if place < characters.len() => characters[place] = new,
            _ if place < characters.len() => drop(characters.remove(place)),
            _ => characters.push(new),
        }
    }
    characters.into_iter().collect()
}

const LETTERS: &[char] =
    &['a', 'z', 'A', 'Z', '0', '9', '-', '_', '.', '/', ':', '+', '#', ' ', '\n', 'é', '用', '\u{1f600}', '%', '@'];

/// So many references, each with a default kind and a default namespace, or none.
pub(crate) fn references(seed: u64, count: usize) -> Vec<Json> {
    let mut random = Random(seed);
    let parse = |random: &mut Random| {
        let text = text(random, 6);
        let kind = random.pick(&[None, Some(""), Some("Component"), Some("API"), Some("Ä")]);
        let namespace = random.pick(&[None, Some(""), Some("ns"), Some("Other-NS")]);
        json!({"parse": {"text": text, "kind": kind, "namespace": namespace}})
    };
    (0..count).map(|_| parse(&mut random)).collect()
}

/// So many references in parts.
pub(crate) fn parts(seed: u64, count: usize) -> Vec<Json> {
    let mut random = Random(seed);
    let write = |random: &mut Random| {
        let [kind, namespace, name] = [(); 3].map(|()| text(random, 3));
        let mut parts = Map::from_iter([("kind".to_owned(), kind.into()), ("name".to_owned(), name.into())]);
        if !random.chance(4) {
            parts.insert("namespace".to_owned(), namespace.into());
        }
        json!({"write": parts})
    };
    (0..count).map(|_| write(&mut random)).collect()
}

fn text(random: &mut Random, pieces: usize) -> String {
    let count = random.below(pieces + 1);
    (0..count).map(|_| random.pick(PIECES)).collect()
}

/// Pieces of references; some change their length in lower case, some have none of their own.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    ":", ":", ":", "/", "/", "/", "a", "B", "component", "API", "Default", "user-service", "x.y_z", "5", " ", "-", "%2F", "\\", "@", "\n", "é", "É",
    "ß", "ẞ", "İ", "ı", "Σ", "ΟΔΟΣ", "ΣΑΣ", "Ǆ", "ǅ", "K", "Å", "用户", "Ａ", "\u{1f600}", "𐐀", "\u{301}", "\u{feff}",
];

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

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}
