//! The texts that both are asked about.

mod generator;

pub(crate) use generator::generated;

/// Texts that we read otherwise on purpose, and why.
pub(crate) const DIFFERENCES: &[(&str, &str)] = &[
    ("? [a]\n: b", "a list or map as a key is refused, not turned to text"),
    ("1: a\n'1': b", "keys that are one key in JSON are duplicates, where theirs drops the first in silence"),
    ("a: !!binary aGk=", "`!!binary` keeps its text, where theirs is a buffer"),
    ("a: !!timestamp 2001-12-14", "`!!timestamp` keeps its text, where theirs is a date"),
    ("a: !!set {x, y}", "`!!set` is a map, where theirs is lost in JSON"),
    ("%YAML 1.1\n---\na: yes", "`%YAML 1.1` does not bring the old schema back"),
];

/// Scalars as they may stand in a document.
const SCALARS: &[&str] = &[
    "yes", "no", "on", "off", "y", "n", "true", "True", "TRUE", "tRue", "false", "False", "null", "Null", "NULL", "nUll", "~", "",
    "0", "-0", "+0", "1", "+1", "-1", "00", "017", "0o7", "0o8", "-0o7", "0O7", "0x1F", "0x1f", "0xG", "-0x1", "0b1", "1_000",
    "1e3", "1E3", "1e+3", "1e-3", "1e", "1.e3", ".5", "-.5", "+.5", "5.", "1.50", "1.2.3", ".", "..", "-", "--", "+", "1,000",
    ".inf", ".Inf", ".INF", ".iNF", "-.inf", "+.INF", ".nan", ".NaN", ".NAN", "-.nan", "9007199254740993", "18446744073709551616",
    "123456789012345678901234567890", "1e400", "0xFFFFFFFFFFFFFFFFFF", "2024-01-01", "2024-01-01T10:00:00Z", "10:30", "1:2:3", "=",
    "<<", "a b", "a  b", "a:b", "a#b", "http://a.b/c?d=e#f", "C++", "@a", "`a", "%a", "!a", "!a b", "!!str 5", "!!str", "!!int 5", "!!int '5'",
    "!!int x", "!!float 5", "!!float 5.0", "!!bool true", "!!bool 'x'", "!!null ''", "!!null x", "! 5", "! ~", "!<tag:yaml.org,2002:str> 5",
    "'a'", "''", "'it''s'", "' a '", "'1'", "\"a\"", "\"\"", "\"true\"", "\"a\\nb\"", "\"\\u00e9\\x41\\U0001F600\"", "\"\\t\\0\\e\\_\\N\"",
    "\"\\q\"", "\"a", "'a", "'a' b", "\"a\" b", "&x a", "&x", "*x", "&x &y a", "[", "]", "{", "}", "[]", "{}", "[a, b]", "[a, b,]", "[a,,b]",
    "[,]", "{a: 1}", "{a: 1,}", "{a, b: }", "{a:1}", "{\"a\":1}", "[a: 1]", "[a: 1, b]", "{? a : b}", "[? a]", "| x", "> x", "a: b", "- a", "? a",
    "a # comment", "a#no", "# comment", "'a' # comment", "'a'#no", "[a] # c", "[a]#c", "用户", "é", "\u{1F600}", "a\tb", "\ta", "a\t", "a\u{a0}b",
    "\u{85}", "\u{2028}", "a: ", "a :b", ":a", "::", ":", "? ", "-a", "- ", "?a", "${VAR}", "$file", "{{ x }}", "${{ x }}", "'${{ x }}'",
];

/// Whole texts.
const TEXTS: &[&str] = &[
    "", "\n", "# only\n", "---\n", "---\n---\n", "...\n", "---\n...\n", "a: 1\n...\n", "a: 1\n...\n---\nb: 2\n", "a: 1\n---\n", "\u{feff}a: 1\n",
    "--- a\n", "--- |\n a\n", "---\na: 1\n--- # c\nb: 2\n", "---a: 1\n", "----\n", "--- {a: 1}\n---\n[b]\n", "a\n---\nb\n...\nc\n",
    "%YAML 1.2\n---\na: 1\n", "%YAML 1.2\na: 1\n", "%TAG !e! tag:e,2000:\n---\na: !e!x b\n", "a: 1\n%YAML 1.2\n---\nb: 1\n", "a: |\n  x\n---\nb: 1\n",
    "a: \"x\n---\ny\"\n", "a: 'x\n...\ny'\n", "a: [x,\n---\ny]\n", "# c\n---\n# d\na: 1\n# e\n", "---\n# only a comment\n---\na: 1\n",
    "a: 1\na: 2\n", "{a: 1, a: 2}", "a: 1\n\"a\": 2\n", "a:\n  b: 1\n  b: 2\n", "~: 1\nnull: 2\n", "<<: 1\n<<: 2\n",
    "a: &x 1\nb: *x\n", "a: *x\n", "a: &x [1]\nb: {c: *x}\n", "&k a: 1\nb: *k\n", "&k a: 1\n*k : 2\n", "a: &x 1\nb: &x 2\nc: *x\n", "a: &a [*a]\n",
    "a: &x\nb: *x\n", "a: &x\n  b: 1\nc: *x\n", "a: &m {x: 1}\nb:\n  <<: *m\n  y: 2\n", "a: &x 1\n---\nb: *x\n", "a: &é 1\nb: *é\n", "a: *x b\n",
    "a: |\n  x\n  y\n", "a: |-\n  x\n\n", "a: |+\n  x\n\n\n", "a: |2\n    x\n", "a: |2-\n    x\n  y\n", "a: |1\n x\n", "a: |0\n x\n", "a: |9\n x\n",
    "a: >\n  x\n  y\n\n  z\n", "a: >-\n  x\n    y\n  z\n", "a: >+\n  x\n\n", "a: >\n\n\n  x\n\n\n  y\n", "a: >\n  x\n\n    y\n\n  z\n", "a: | # c\n  x\n",
    "a: |#c\n  x\n", "a: |\n", "a: |\nb: 1\n", "a: |\n\n  x\n", "a: |\n    \n  x\n", "a: |\n  x\n y\n", "a: |\n  # no comment\n  x\n # comment\n",
    "a: |\n\tx\n", "- |\n x\n- >\n y\n", "|\n x\n", "|\nx\n", ">\nx\ny\n", "a: |\n  x\r\n  y\r\n", "a: |x\n  y\n", "a: >-+\n  y\n", "a: |\n  x\n  \n   \n",
    "a: b\n  c\n  d\n", "a: b\n\n  c\n", "a:\n  b\n  c\n", "a: b\nc\n", "a: b # c\n  d\n", "a: 'b\n  c\n\n  d'\n", "a: \"b\n  c\\\n  d\"\n", "a: \"b\\\n  \\ c\"\n",
    "a: 'b\nc'\n", "a: \"b\nc\"\n", "a\nb\n", "a\n  b\n", "a: b: c\n", "a: - b\n", "a:\n- b\n- c\n", "a:\n- b\nc: d\n", "a:\n - b\n - c\n", "a:\n  - b\n - c\n",
    "- a\n - b\n", "- - a\n  - b\n- c\n", "- a: 1\n  b: 2\n", "- a: 1\n   b: 2\n", "-\n  a: 1\n", "-\n- a\n", "- \n", "-\ta\n", "- -\ta\n", "a:\tb\n", "a:\t\tb\t\n",
    "\ta: 1\n", "a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n", "a:\n \tb: 1\n", "a: [\n\tb\n]\n", "a: [b,\n  c]\n", "a: [b\n, c]\n", "a: [\nb\n]\n", "a: {\n  b: 1\n}\n",
    "a: {\nb: 1\n}\n", "a: [b, # c\n  d]\n", "[a, [b, {c: d}]]\n", "[a, b\n", "{a: b\n", "[a]]\n", "{a: b}}\n", "[a] b\n", "{a: b}: c\n", "[a]: b\n", "a: [b]: c\n",
    "? a\n: b\n", "? a\n", "? a\n? b\n", "? |\n  a\n: b\n", "? - a\n: - b\n", ": a\n", "a:\n? b\n", "? \n: \n", "a: 1\n b: 2\n", " a: 1\n b: 2\n", " a: 1\nb: 2\n", "a:\n   b: 1\n  c: 2\n",
    "a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r", "a: 1 \n\n\nb: 2", "a: 1\n  \n\t\nb: 2\n", "a:\n\n  b: 1\n\n\n  c: 2\n", "a: # c\n  b\n", "a: # c\n  # d\n  b: 1\n", "a # b: c\n", "a: b #c\n#d\n",
    "a: ! \n", "!x a: !y b\n", "!!map {a: 1}\n", "a: !!seq [b]\n", "a: !!map [b]\n", "a: !!str\n", "a: !!str [b]\n", "a: !x\n  b: 1\n", "a: !e!x b\n", "a: !x &y b\nc: *y\n", "a: &y !x b\nc: *y\n",
    "a: !x !y b\n", "&x [a, *x]\n", "- &a a\n- &b b\n- *a\n- *b\n", "- &a : b\n", "a: &x\n", "? &a a\n: *a\n", "&x\na: 1\n", "&x\n- a\n", "!!map\na: 1\n", "a: &x\n- b\n", "a:b\n", "a: b:c\n", "a: b:\n", "a: 'b':\n",
    "'a': 1\n", "\"a\": 1\n", "'a' : 1\n", "a : 1\n", "a b: 1\n", "a b : c d\n", "1: 2\n", "1.0: 2\n", "1e3: 2\n", "true: 1\n", "null: 1\n", "~: 1\n", "0x10: 1\n", "1e21: 1\n", "1e-7: 1\n", ".inf: 1\n", ".nan: 1\n", "-0: 1\n",
    "\"a\nb\": 1\n", "a\nb: 1\n", "{a\nb: 1}\n", "{\"a\"\n: 1}\n", "['a\n b']\n", "[a b\n c]\n", "- [a,\n b]\n- {c: d,\n e: f}\n", "a: \"\\\n  b\"\n", "a: \"b  \n  c\"\n", "a: 'b  \n\n\n  c'\n", "a: \"b\\n\n  c\"\n",
    "a: @b\n", "a: `b\n", "a: %b\n", "%a: b\n", "a: |\n %b\n", "%b\n", "a: \"%b\n%c\"\n", "__proto__: 1\n", "constructor: 1\ntoString: 2\n", "a:\n  - b: 1\n    c:\n      - d\n    e: f\n", "a: [b: c, d: e]\n", "a: {b, c}\n", "a: {b: [c, {d: e}], f}\n",
    "a: [? b : c]\n", "a: {'b':c}\n", "a: {b:c}\n", "a: [b:c]\n", "a: ['b':c]\n", "a: [:b]\n", "a: {:b}\n", "a: [-]\n", "a: [- b]\n", "a: [-b]\n", "a: [#b\n]\n", "a: [b#c]\n", "a: [b #c\n]\n", "a: [*x]\n", "a: [&x b, *x]\n", "a: {*x : b}\n", "a: {&x b: *x}\n",
    "metadata:\n  name: a\n  annotations: {\"a.b/c\": \"true\", d: 'e'}\n  tags: [java, c++]\nspec:\n  definition: |\n    openapi: 3.0.0\n    paths: {}\n", "- \"a\n  b\"\n- 'c'\n", "a: >2\n    b\n   c\n", "a: |\n   b\n  c\n", "- |\n  a\n\n- b\n", "a: \"b\" \"c\"\n", "a: 'b' 'c'\n",
];

/// Each scalar in each position, and the texts.
pub(crate) fn fixed() -> Vec<String> {
    let positions: [fn(&str) -> String; 6] = [
        |it| it.to_owned(),
        |it| format!("a: {it}\n"),
        |it| format!("- {it}\n- b\n"),
        |it| format!("a: [{it}, b]\n"),
        |it| format!("a: {{b: {it}, c: d}}\n"),
        |it| format!("{it}: v\n"),
    ];
    let scalars = SCALARS.iter().flat_map(|scalar| positions.iter().map(move |position| position(scalar)));
    scalars.chain(TEXTS.iter().map(|text| (*text).to_owned())).collect()
}
