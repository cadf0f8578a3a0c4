use serde_json::{Value as Json, json};

use super::*;

fn read(text: &str) -> Vec<Result<Json, String>> {
    let read = documents(text, &Limits::default());
    read.into_iter()
        .map(|it| match it {
            Ok(document) => Ok(document.root.to_json()),
            Err(Error { at, message, .. }) => Err(format!("{}:{}: {message}", at.line, at.column)),
        })
        .collect()
}

fn one(text: &str) -> Json {
    read(text).remove(0).unwrap()
}

#[test]
fn scalars_are_those_of_the_core_schema() {
    for (text, expected) in [
        ("yes", json!("yes")),
        ("on", json!("on")),
        ("0o7", json!(7)),
        ("0x1F", json!(31)),
        ("1_000", json!("1_000")),
        ("017", json!(17)),
        ("+1", json!(1)),
        ("-0", json!(0)),
        ("1e3", json!(1000)),
        (".5", json!(0.5)),
        ("1.", json!(1)),
        ("1.2.3", json!("1.2.3")),
        (".inf", json!(null)),
        ("2024-01-01", json!("2024-01-01")),
        ("~", json!(null)),
        ("NULL", json!(null)),
        ("nUll", json!("nUll")),
        ("'1'", json!("1")),
        ("\"true\"", json!("true")),
        ("!!str 5", json!("5")),
        ("!!int \"5\"", json!(5)),
        ("! 5", json!("5")),
    ] {
        assert_eq!(one(&format!("a: {text}")), json!({"a": expected}), "{text}");
    }
}

#[test]
fn keys_are_strings_and_merge_keys_are_off() {
    assert_eq!(one("1: a\ntrue: b\n~: c\n1.50: d"), json!({"1": "a", "true": "b", "": "c", "1.5": "d"}));
    assert_eq!(one("a: &a {x: 1}\nb:\n  <<: *a"), json!({"a": {"x": 1}, "b": {"<<": {"x": 1}}}));
    assert_eq!(read("a: 1\nb: 2\na: 3"), [Err("3:1: the key `a` stands already at line 1".to_owned())]);
}

#[test]
fn a_malformed_document_fails_alone() {
    let read = read("a: 1\n---\nb: [\n---\nc: 3\n---\n---\n# nothing\n");
    assert_eq!(read.len(), 5);
    assert_eq!(read[0], Ok(json!({"a": 1})));
    assert!(read[1].is_err());
    assert_eq!(read[2], Ok(json!({"c": 3})));
    assert_eq!((&read[3], &read[4]), (&Ok(json!(null)), &Ok(json!(null))));
}

#[test]
fn a_document_knows_its_text_and_line() {
    let text = "# about\n---\na: 1\n--- \nb:\n  - c\n...\n";
    let documents: Vec<_> = documents(text, &Limits::default()).into_iter().map(Result::unwrap).collect();
    assert_eq!((documents[0].text, documents[0].line), ("a: 1\n", 3));
    assert_eq!((documents[1].text, documents[1].line), ("b:\n  - c\n", 5));
    assert_eq!(documents[1].root.locate("b[0]"), Position { line: 6, column: 5 });
    assert_eq!(documents[1].root.locate("b"), Position { line: 5, column: 1 });
    assert_eq!(documents[1].root.locate("b[7].x"), Position { line: 5, column: 1 });
}

#[test]
fn a_path_may_quote_a_key_with_dots() {
    let node = parse("labels:\n  a.b/c: x\n", &Limits::default()).unwrap();
    assert_eq!(node.locate("labels[\"a.b/c\"]"), Position { line: 2, column: 3 });
}

#[test]
fn a_bomb_of_aliases_and_deep_nesting_are_refused_by_their_limits() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let previous = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{previous}"); 9].join(", ")));
    }
    assert!(read(&bomb)[0].as_ref().unwrap_err().contains("more than 10000 nodes"));
    let flow = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&flow(64))[0].is_ok());
    assert!(read(&flow(65))[0].as_ref().unwrap_err().contains("deeper than 64 levels"));
    assert!(read(&flow(100_000))[0].is_err());
    let mut chain = "- &a0 [x]\n".to_owned();
    for level in 1..70 {
        chain.push_str(&format!("- &a{level} [*a{}]\n", level - 1));
    }
    assert!(read(&chain)[0].as_ref().unwrap_err().contains("deeper than 64 levels"));
}

#[test]
fn bytes_are_bounded() {
    let limits = Limits { document_bytes: 10, file_bytes: 20, ..Limits::default() };
    let kinds =
        |text: &str| documents(text, &limits).into_iter().map(|it| it.err().map(|it| it.kind)).collect::<Vec<_>>();
    assert_eq!(kinds("a: 123456789"), [Some(ErrorKind::LimitExceeded)]);
    assert_eq!(kinds("a: 1\n---\nb: 2"), [None, None]);
    assert_eq!(kinds("a: 1\n---\nb: 2\n---\nc: 3\n"), [Some(ErrorKind::LimitExceeded)]);
}

#[test]
fn an_alias_inside_what_it_names_and_an_unknown_one_are_refused() {
    assert!(read("a: &a [*a]")[0].is_err());
    assert!(read("a: *b")[0].is_err());
    assert!(read("? [a]\n: b")[0].as_ref().unwrap_err().contains("expected a scalar"));
}

#[test]
fn a_mark_at_the_beginning_is_skipped() {
    assert_eq!(one("\u{feff}a: 1"), json!({"a": 1}));
}

#[test]
fn a_tag_that_does_not_fit_leaves_a_text() {
    for (text, expected) in [
        ("!!int x", json!("x")),
        ("!!int 5.0", json!("5.0")),
        ("!!float 5", json!("5")),
        ("!!float 5.0", json!(5)),
        ("!!bool 'true'", json!(true)),
        ("!!null ''", json!(null)),
        ("!<tag:yaml.org,2002:int> '5'", json!(5)),
        ("!mine 5", json!("5")),
    ] {
        assert_eq!(one(&format!("a: {text}")), json!({"a": expected}), "{text}");
    }
}

#[test]
fn a_tab_may_follow_a_colon_and_not_indent() {
    assert_eq!(one("a:\tb\nc:\t\t'd'\ne: |\n  f:\tg\n"), json!({"a": "b", "c": "d", "e": "f:\tg\n"}));
    assert_eq!(read("a:\n \tb: 1"), [Err("2:3: a tab stands in the indentation; expected spaces".to_owned())]);
    assert!(read("\ta: 1")[0].is_err());
}

#[test]
fn empty_brackets_may_end_at_the_column_of_their_key() {
    assert_eq!(one("a:\n  b: [\n  ]\n  c: {\n  }\n"), json!({"a": {"b": [], "c": {}}}));
    assert!(read("a:\n  b: [\n]\n")[0].is_err());
}

#[test]
fn very_many_repairs_are_refused_in_time() {
    let text: String = (0..100_000).map(|number| format!("k{number}:\tv\n")).collect();
    assert!(read(&text)[0].is_err());
}

#[test]
fn one_document_is_wanted_where_one_is_parsed() {
    assert!(matches!(parse("", &Limits::default()).unwrap().value, Value::Null));
    let error = parse("a: 1\n---\nb: 2\n", &Limits::default()).unwrap_err();
    assert_eq!((error.document, error.at.line), (1, 3));
}
