//! Random files and environments, with few keys, so that files meet.

use serde_json::{Map, Value as Json, json};

use crate::case::Case;

/// So many cases from a seed.
pub(crate) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random(seed);
    (0..count).map(|_| case(&mut random)).collect()
}

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

const KEYS: &[&str] = &["a", "b", "c", "d-e", "x.y", "/p", "${A}", "f g"];

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "plain", "", "${A}", "${B}", "x${A}y${B}z", "${UNSET}", "x${UNSET}", "${UNSET:-f}", "${EMPTY}", "${EMPTY:-f}", "$${A}", "$$${A}",
    "${ A }", "${SPACED}", "${UNSET:-}", "${A", "a$b", "${A:-g}", "${UNSET:-${A}}", "5", "true", "null", "a: b", "# c", "用户", "line\nline",
];

const INCLUDES: &[(&str, &str)] = &[
    ("$env", "A"),
    ("$env", "UNSET"),
    ("$env", "EMPTY"),
    ("$env", "${NAME}"),
    ("$env", "${UNSET:-A}"),
    ("$file", "../shared/text.txt"),
    ("$file", "../shared/deep/here.txt"),
    ("$include", "../shared/data.yaml"),
    ("$include", "../shared/data.yaml#v"),
    ("$include", "../shared/data.yaml#u"),
    ("$include", "../shared/data.yaml#m"),
    ("$include", "../shared/data.yaml#n"),
    ("$include", "../shared/data.yaml#none"),
    ("$include", "../shared/data.json#m.b"),
    ("$include", "../shared/data.json"),
    ("$include", "../shared/list.yml"),
    ("$include", "../shared/deep/more.yaml"),
    ("$include", "../shared/${NAME}.yaml"),
    ("$include", "../shared/text.yaml"),
];

const WRONG_INCLUDES: &[(&str, &str)] = &[
    ("$env", "${UNSET}"),
    ("$file", "none.txt"),
    ("$include", "none.yaml"),
    ("$include", "../shared/text.txt"),
    ("$include", "../shared/data.yaml#none.x"),
    ("$include", "../shared/broken.json"),
];

const VARIABLES: &[&str] = &["a", "a_b", "a_b_c", "b", "c", "d-e", "d-e_f", "b_a"];

#[rustfmt::skip]
const VARIABLE_VALUES: &[&str] = &[
    "1", "true", "\"text\"", "text", "{\"b\": 1}", "{\"b\": {\"c\": null}}", "[1, {\"a\": null}]", "", "{broken", " 5 ", "${A}", "0.5", "{}",
];

fn case(random: &mut Random) -> Case {
    let defaults = random.chance(4);
    let names: &[&str] = if defaults {
        &["app-config.yaml", "app-config.local.yaml", "app-config.env.yaml", "app-config.env.local.yaml"]
    } else {
        &["one.yaml", "two.yaml", "three.yaml"]
    };
    let count = random.below(names.len()) + 1;
    let files = names[..count].iter().map(|name| ((*name).to_owned(), file(random))).collect();
    let fixed = [("A", "value a"), ("B", "b"), ("EMPTY", ""), ("SPACED", "  s  "), ("NAME", "data")];
    let mut case = Case { files, defaults, ..Case::default() };
    case.environment.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    if random.chance(2) {
        let names = random.pick(&["env", "none, env", ","]);
        case.environment.insert("BACKSTAGE_ENV".to_owned(), names.to_owned());
    }
    for _ in 0..random.below(4) {
        let variable = format!("APP_CONFIG_{}", random.pick(VARIABLES));
        case.environment.insert(variable, random.pick(VARIABLE_VALUES).to_owned());
    }
    case
}

fn file(random: &mut Random) -> String {
    if random.chance(30) {
        return random.pick(&["", "# nothing\n", "null\n", "$include: ../shared/data.yaml\n", "[]\n"]).to_owned();
    }
    let root = map(random, 3);
    if random.chance(3) {
        return root.to_string();
    }
    let mut text = String::new();
    print(&root, 0, &mut text);
    text
}

fn value(random: &mut Random, depth: usize) -> Json {
    match random.below(12) {
        0..=3 if depth > 0 => map(random, depth - 1),
        4 if depth > 0 => {
            let count = random.below(4);
            (0..count).map(|_| value(random, depth - 1)).collect()
        }
        5 => Json::Null,
        6 => [json!(1), json!(-2.5), json!(true), json!(false), json!(0)][random.below(5)].clone(),
        7 => {
            let among = if random.chance(25) { WRONG_INCLUDES } else { INCLUDES };
            let (key, target) = random.pick(among);
            json!({key: target})
        }
        8 if random.chance(40) => json!({"$env": "A", "b": 1}),
        _ => random.pick(TEXTS).into(),
    }
}

fn map(random: &mut Random, depth: usize) -> Json {
    let count = random.below(4) + 1;
    let members = (0..count).map(|_| (random.pick(KEYS).to_owned(), value(random, depth)));
    Json::Object(members.collect::<Map<_, _>>())
}

/// Block style for maps and lists that are not empty; JSON for the rest.
fn print(json: &Json, indent: usize, text: &mut String) {
    let pad = " ".repeat(indent);
    let child = |label: &str, value: &Json, text: &mut String| {
        let is_map = value.as_object().is_some_and(|it| !it.is_empty());
        if is_map || value.as_array().is_some_and(|it| !it.is_empty()) {
            text.push_str(&format!("{pad}{label}\n"));
            print(value, indent + 2, text);
        } else {
            text.push_str(&format!("{pad}{label} {value}\n"));
        }
    };
    match json {
        Json::Object(members) => {
            members.iter().for_each(|(key, value)| child(&format!("{}:", json!(key)), value, text));
        }
        Json::Array(members) => members.iter().for_each(|value| child("-", value, text)),
        other => text.push_str(&format!("{pad}{other}\n")),
    }
}
