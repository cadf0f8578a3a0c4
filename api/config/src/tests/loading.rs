//! Files, substitution, includes, merging.

use serde_json::json;

use super::fixture::app_config;

#[test]
fn later_files_win_and_null_hides() {
    let fixture = app_config("a: {b: 1, c: [1, 2], d: {e: 1}}\nf: 1\n")
        .file("two.yaml", "a: {b: 2, c: [3], d: null}\ng: [{h: null}]\n")
        .file("three.yaml", "a: {d: {i: 1}}\nf: null\n");
    let all = fixture.config("app-config.yaml").config("two.yaml").config("three.yaml");
    assert_eq!(all.json(), json!({"a": {"b": 2, "c": [3], "d": {"i": 1}}, "g": [{"h": null}]}));
}

#[test]
fn default_files_are_read_in_backstages_order() {
    let files = || {
        app_config("a: main\nb: main\nc: main\nd: main\ne: main\n")
            .file("app-config.one.yaml", "b: one\nc: one\nd: one\ne: one\n")
            .file("app-config.two.yaml", "c: two\nd: two\ne: two\n")
            .file("app-config.local.yaml", "d: local\ne: local\n")
            .file("app-config.one.local.yaml", "e: one-local\n")
    };
    let expected = json!({"a": "main", "b": "one", "c": "two", "d": "local", "e": "one-local"});
    assert_eq!(files().variable("BACKSTAGE_ENV", "one, two,").json(), expected);
    assert_eq!(files().variable("PLINTH_ENV", "one,two").json(), expected);
    assert_eq!(files().json()["c"], "main");
    assert_eq!(files().variable("PLINTH_ENV", "one,two").variable("APP_CONFIG_e", "last").json()["e"], "last");
}

#[test]
fn a_missing_default_file_is_refused_and_an_empty_one_passes() {
    let fixture = app_config("# nothing\n");
    assert_eq!(fixture.json(), json!({}));
    std::fs::remove_file(fixture.path().join("app-config.yaml")).unwrap();
    let expected = "app-config.yaml: the file does not exist; name the configuration with `--config FILE`";
    assert_eq!(fixture.error(), expected);
}

#[test]
fn every_file_that_cannot_be_read_is_named() {
    let fixture = app_config("a: 1\na: 2\n").file("two.yaml", "[1]").config("app-config.yaml").config("two.yaml");
    let error = fixture.config("none.yaml").variable("APP_CONFIG_9", "x").error();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "app-config.yaml:2:1: the key `a` stands already at line 1");
    assert_eq!(lines[1], "two.yaml:1:1: the file holds no map; expected keys such as `backend` and `catalog`");
    assert!(lines[2].starts_with("none.yaml: the file cannot be read: "));
    assert_eq!(lines[3], "APP_CONFIG_9: `9` is no key; expected letters and digits, joined by `-` or `:`");
}

#[test]
fn the_environment_gives_json_or_text_and_no_null() {
    let fixture = app_config("a: {b: 1, c: 2}\n")
        .variable("APP_CONFIG_a_b", "{\"d\": [1]}")
        .variable("APP_CONFIG_e", "text")
        .variable("APP_CONFIG_f", "")
        .variable("APP_CONFIG_g_h", "true");
    assert_eq!(fixture.json(), json!({"a": {"b": {"d": [1]}, "c": 2}, "e": "text", "g": {"h": true}}));
    assert_eq!(app_config("").variable("APP_CONFIG_a", "null").error(), "APP_CONFIG_a: `a` may not be null");
    let nested = app_config("").variable("APP_CONFIG_a", "1").variable("APP_CONFIG_a_b", "1");
    assert_eq!(nested.error(), "APP_CONFIG_a_b: another variable gives `a` a value that is no map");
}

#[test]
fn includes_are_relative_to_the_file_they_stand_in() {
    let text = "a: {$file: secrets/a.txt}\nb: {$env: B}\nc: {$include: more/c.yaml#x.y}\nd: {$include: e.json}\n";
    let fixture = app_config(text)
        .file("secrets/a.txt", "text\n\n")
        .file("more/c.yaml", "x:\n  y:\n    f: {$file: f.txt}\n    v: ${B}\n")
        .file("more/f.txt", "f")
        .file("e.json", "{\"k\": [1, \"${B}\"]}")
        .variable("B", " b ");
    let expected = json!({"a": "text", "b": "b", "c": {"f": "f", "v": "b"}, "d": {"k": [1, "b"]}});
    assert_eq!(fixture.json(), expected);
}

#[test]
fn wrong_includes_are_refused_at_their_place() {
    for (text, expected) in [
        ("a: {$env: X, b: 1}", "app-config.yaml:1:4: a: `$env` must be the only key of its map"),
        ("a: {$env: 5}", "app-config.yaml:1:4: a: `$env` takes a string"),
        ("a: {$include: x.txt}", "app-config.yaml:1:4: a: `$include` reads .json, .yaml and .yml, not `x.txt`"),
        ("a: {$file: '${X}'}", "app-config.yaml:1:4: a: `$file` needs the environment variable `X`, which is not set"),
        ("a: {$include: b.yaml#c.d}", "app-config.yaml:1:4: a: what stands above `d` in the included file is no map"),
        ("a: {$include: b.yaml#x.y}", "app-config.yaml:1:4: a: what stands above `y` in the included file is no map"),
    ] {
        assert_eq!(app_config(text).file("b.yaml", "c: 1").error(), expected);
    }
}

#[test]
fn a_file_that_includes_itself_is_refused() {
    let error = app_config("a: {$include: loop.yaml}").file("loop.yaml", "l: {$include: loop.yaml}").error();
    assert!(error.starts_with("loop.yaml:1:4: a.l.l."), "{error}");
    assert!(error.ends_with("`$include` leads from file to file more than 16 times"), "{error}");
}

#[test]
fn a_value_whose_variable_is_not_set_is_left_out_with_a_notice() {
    let fixture = app_config("a: '${NONE}'\nb: [1, '${NONE}', {$env: NONE}]\nc: '${C}'\n").file("local.yaml", "c: 2\n");
    let fixture = fixture.config("app-config.yaml").config("local.yaml");
    assert_eq!(fixture.json(), json!({"b": [1], "c": 2}));
    assert_eq!(
        fixture.notices(),
        [
            "app-config.yaml:1 the environment variable `NONE` is not set, so `a` is left out",
            "app-config.yaml:2 the environment variable `NONE` is not set, so `b[1]` is left out",
            "app-config.yaml:2 the environment variable `NONE` is not set, so `b[2]` is left out",
        ]
    );
}
