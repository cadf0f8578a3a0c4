//! A case: configuration files and an environment.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use plinth_config::Sources;
use serde_json::Value as Json;

/// What both are asked to load.
#[derive(Default)]
pub(crate) struct Case {
    /// Names and texts, in the order of `--config`.
    pub(crate) files: Vec<(String, String)>,
    /// Whether the files are found by their names instead of being named.
    pub(crate) defaults: bool,
    pub(crate) environment: BTreeMap<String, String>,
}

/// A case whose files are written.
pub(crate) struct Placed {
    pub(crate) directory: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) environment: BTreeMap<String, String>,
}

/// Files that every case may include, in `../shared`.
const SHARED: &[(&str, &str)] = &[
    ("text.txt", "a text\nof lines \n\n"),
    ("empty.txt", ""),
    (
        "data.yaml",
        "s: plain\nv: x${A}\nu: ${UNSET}\nm: {b: 1, n: null, '${A}': '${A}', l: [1, '${UNSET}', 3]}\nn: null\n'x.y': 1\n",
    ),
    (
        "data.json",
        "{\"s\": \"p\", \"m\": {\"b\": [1, {\"c\": \"${A:-f}\"}]}, \"n\": null, \"f\": {\"$file\": \"text.txt\"}}",
    ),
    ("list.yml", "- 1\n- $env: A\n- $env: UNSET\n- {b: '$${A}'}\n"),
    ("text.yaml", "just ${A}\n"),
    ("number.yaml", "5\n"),
    ("empty.yaml", ""),
    ("include.yaml", "$file: text.txt\n"),
    ("deep/more.yaml", "f: {$file: here.txt}\ni: {$include: ../data.json#m.b}\ne: {$env: A}\n"),
    ("deep/here.txt", "here"),
    ("broken.json", "{a: 1}"),
    ("broken.yaml", "a: [\n"),
    ("two.yaml", "a: 1\n---\nb: 1\n"),
    ("upper.YAML", "a: 1\n"),
];

pub(crate) fn write_shared(folder: &Path) {
    for (name, text) in SHARED {
        write(&folder.join("shared").join(name), text);
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

impl Case {
    fn file(text: &str) -> Self {
        Self::default().and(text)
    }

    fn and(mut self, text: &str) -> Self {
        self.files.push((format!("{}.yaml", self.files.len()), text.to_owned()));
        self
    }

    fn named(mut self, name: &str, text: &str) -> Self {
        self.defaults = true;
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes the files to a folder of their own.
    pub(crate) fn place(&self, folder: &Path, id: usize) -> Placed {
        let directory = folder.join(id.to_string());
        std::fs::create_dir_all(&directory).unwrap();
        let paths: Vec<PathBuf> = self.files.iter().map(|(name, _)| directory.join(name)).collect();
        for ((_, text), path) in self.files.iter().zip(&paths) {
            write(path, text);
        }
        let files = if self.defaults { Vec::new() } else { paths };
        Placed { directory, files, environment: self.environment.clone() }
    }
}

impl Placed {
    /// What we load.
    pub(crate) fn load(&self) -> Result<Json, String> {
        let Self { directory, files, environment } = self;
        let sources = Sources {
            files: files.clone(),
            directory: directory.clone(),
            environment: environment.clone(),
            data_dir: None,
            default_data_dir: directory.clone(),
        };
        plinth_config::merged(&sources).map(|tree| tree.to_json()).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in &self.files {
            writeln!(f, "--- {name}\n{text}")?;
        }
        write!(f, "--- environment {:?}", self.environment)
    }
}

/// One feature each.
pub(crate) fn fixed() -> Vec<Case> {
    let mut cases = merged();
    cases.extend(VARIABLES.iter().map(|name| Case::file("a: {b: 1}\n").with(name, "x")));
    cases.extend(VALUES.iter().map(|value| Case::file("a: {b: 1}\n").with("APP_CONFIG_a_b", value)));
    cases.extend(TEXTS.iter().map(|text| {
        let case = Case::file(&format!("a: '{text}'\nb: 1\n"));
        case.with("A", " a ").with("EMPTY", "").with("SPACE", "  ")
    }));
    cases.extend(INCLUDES.iter().map(|text| {
        let case = Case::file(&format!("a: {text}\nb: 1\n"));
        case.with("A", "a").with("FILE", "../shared/text.txt")
    }));
    cases
}

fn merged() -> Vec<Case> {
    vec![
        Case::file("a: 1\n").and("a: null\n"),
        Case::file("a: {b: 1}\n").and("a: 2\n").and("a: {c: 3}\n"),
        Case::file("a: [1, 2]\n").and("a: [null, {b: null}]\n"),
        Case::file("a: {b: null, c: {d: null}}\n"),
        Case::file("a: null\n").and("a: {b: 1}\n"),
        Case::file("a: {b: {c: 1}}\n").and("a: {b: null}\n").and("a: {b: {d: 1}}\n"),
        Case::file("").and("# nothing\n"),
        Case::file("null\n").and("a: 1\n"),
        Case::file("[1]\n"),
        Case::file("text\n"),
        Case::file("${A}\n"),
        Case::file("a: 1\na: 2\n"),
        Case::file("a: 1\n---\nb: 2\n"),
        Case::file("$include: ../shared/data.json\n"),
        Case::file("$env: A\n"),
        Case::file("$include: ../shared/list.yml\n"),
        Case::default().named("app-config.yaml", "a: 1\nb: 1\n").named("app-config.local.yaml", "b: 2\n"),
        Case::default().named("other.yaml", "a: 1\n"),
        Case::default()
            .named("app-config.yaml", "a: 1\nb: 1\nc: 1\nd: 1\n")
            .named("app-config.x.yaml", "b: x\nc: x\nd: x\n")
            .named("app-config.local.yaml", "c: local\nd: local\n")
            .named("app-config.x.local.yaml", "d: x-local\n")
            .with("BACKSTAGE_ENV", " x , y,"),
        Case::file("a: 1\n").with("APP_CONFIG_a", "2").with("APP_CONFIG_b", "{\"c\": null, \"d\": [null]}"),
        Case::file("a: {b: 1}\n").with("APP_CONFIG_a_b", "x").with("APP_CONFIG_a_c_d", "5"),
        Case::file("").with("APP_CONFIG_a", "{\"b\": 1}").with("APP_CONFIG_a_c", "2"),
        Case::file("").with("APP_CONFIG_a", "{\"b\": 1}").with("APP_CONFIG_a_b", "2"),
        Case::file("").with("APP_CONFIG_a", "[1]").with("APP_CONFIG_a_b", "2"),
        Case::file("").with("APP_CONFIG_a", "0").with("APP_CONFIG_a_b", "2"),
    ]
}

#[rustfmt::skip]
const VARIABLES: &[&str] = &[
    "APP_CONFIG_", "APP_CONFIG_a__b", "APP_CONFIG_9", "APP_CONFIG_a-b", "APP_CONFIG_a:b_c", "APP_CONFIG_a.b", "APP_CONFIG_A", "APP_CONFIG_a-",
];

#[rustfmt::skip]
const VALUES: &[&str] = &["", " ", "null", "true", "1e3", "01", "'a'", "\"a\"", "{", "[]", "{}", " 5 ", "${A}", "-0"];

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "${A}", "x${A}y", "${ A }", "${UNSET}", "x${UNSET}", "${A}${UNSET}", "${UNSET:-f}", "${UNSET:- f }", "${UNSET:-}", "${EMPTY}",
    "${EMPTY:-f}", "${EMPTY:-}", "${SPACE:-f}", "${SPACE}", "$${A}", "$$${A}", "$$$${A}", "$${A}${A}", "${A}$${A}", "$${UNSET}",
    "${A", "A}", "${}", "${:-f}", "${A:-f:-g}", "${UNSET:-f:-g}", "${UNSET:-${A}}", "${x${A}}", "$A", "$", "$$", "${A}}", "${{A}}",
    "{${A}}", "${a b:-c}",
];

#[rustfmt::skip]
const INCLUDES: &[&str] = &[
    "{$env: A}", "{$env: UNSET}", "{$env: 5}", "{$env: ''}", "{$env: '${UNSET}'}", "{$env: '${A}'}", "{$env: A, x: 1}",
    "{$env: {a: 1}}", "[{$env: UNSET}, 1]", "{$env: A, $file: x}", "{$unknown: 5}", "{x: {$env: UNSET}}",
    "{$file: ../shared/text.txt}", "{$file: ../shared/empty.txt}", "{$file: none.txt}", "{$file: '${FILE}'}", "{$file: ../shared}",
    "{$include: ../shared/data.yaml}", "{$include: ../shared/data.yaml#s}", "{$include: ../shared/data.yaml#v}",
    "{$include: ../shared/data.yaml#u}", "{$include: ../shared/data.yaml#m}", "{$include: ../shared/data.yaml#m.l}",
    "{$include: ../shared/data.yaml#n}", "{$include: ../shared/data.yaml#n.x}", "{$include: ../shared/data.yaml#none}",
    "{$include: ../shared/data.yaml#none.x}", "{$include: ../shared/data.yaml#s.x}", "{$include: ../shared/data.yaml#x.y}",
    "{$include: ../shared/data.yaml#}", "{$include: ../shared/data.yaml#m.}", "{$include: ../shared/data.json}",
    "{$include: ../shared/data.json#f}", "{$include: ../shared/list.yml}", "{$include: ../shared/list.yml#0}",
    "{$include: ../shared/text.yaml}", "{$include: ../shared/number.yaml}", "{$include: ../shared/empty.yaml}",
    "{$include: ../shared/include.yaml}", "{$include: ../shared/deep/more.yaml}", "{$include: ../shared/deep/more.yaml#f}",
    "{$include: ../shared/broken.json}", "{$include: ../shared/broken.yaml}", "{$include: ../shared/two.yaml}",
    "{$include: ../shared/upper.YAML}", "{$include: ../shared/text.txt}", "{$include: none.yaml}", "{$include: 5}",
];

/// What we load otherwise on purpose, and why. Not asked, since theirs does not end: a file that includes itself for ever;
/// ours refuses the seventeenth level.
pub(crate) fn differences() -> Vec<(Case, &'static str)> {
    vec![
        (Case::file("# nothing\n"), "files that say nothing are an empty configuration, where theirs throws"),
        (Case::file("a: .nan\n"), "JSON has no such number: it is null here, and hides"),
        (Case::file("a: {1: x, '1': y}\n"), "plinth-yaml refuses keys that are one key in JSON"),
        (Case::file("a: {{ x }}\n"), "plinth-yaml refuses a map as a key"),
        (Case::file("").with("APP_CONFIG_toString", "1"), "every JavaScript object has this member already"),
        (Case::file("a: {__proto__: {b: 1}}\n"), "this key changes a JavaScript object instead of being its member"),
    ]
}
