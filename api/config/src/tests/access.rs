//! `backend.auth.externalAccess`.

use super::fixture::{Fixture, app_config};

fn access(entries: &str) -> Fixture {
    app_config(&format!("backend:\n  auth:\n    externalAccess:\n{entries}"))
}

fn subjects(fixture: &Fixture) -> Vec<String> {
    let auth = fixture.load().config.backend.auth;
    auth.static_tokens.iter().map(|it| it.subject().to_owned()).collect()
}

#[test]
fn static_tokens_are_read_and_never_shown() {
    let fixture = access(
        "      - {type: static, options: {token: hunter2-hunter2, subject: ci}}\n      \
         - {type: static, options: {token: '${TOKEN}', subject: cron}}\n",
    );
    let fixture = fixture.variable("TOKEN", "hunter2-of-cron");
    assert_eq!(subjects(&fixture), ["ci", "cron"]);
    assert_eq!(fixture.notices(), Vec::<String>::new());
    let shown = format!("{}{:?}", fixture.printed(), fixture.load());
    assert!(!shown.contains("hunter2") && shown.contains("externalAccess[1].options.token: <secret>"), "{shown}");
}

#[test]
fn who_would_be_allowed_more_than_is_written_is_refused_with_a_notice() {
    let fixture = access(
        "      - {type: static, options: {token: hunter2-hunter2, subject: ci}, accessRestrictions: [{plugin: catalog}]}\n      \
         - {type: jwks, options: {url: https://example.com}}\n      \
         - {type: legacy, options: {secret: hunter2, subject: old}}\n",
    );
    assert_eq!(subjects(&fixture), Vec::<String>::new());
    let notices = fixture.notices();
    assert!(notices[0].contains("app-config.yaml:4 `accessRestrictions` are not implemented yet"), "{notices:?}");
    assert!(notices[1].contains("app-config.yaml:5 `type: jwks`"), "{notices:?}");
    assert!(notices[2].contains("app-config.yaml:6 `type: legacy`"), "{notices:?}");
}

#[test]
fn a_static_token_that_is_none_is_refused_and_not_shown() {
    for (entry, expected) in [
        ("{type: static, options: {token: hunter2, subject: a}}", "[0].options.token: found a string; expected 8 to"),
        ("{type: static, options: {token: 'hunter2 hunter2', subject: a}}", "[0].options.token: found a string"),
        ("{type: static, options: {token: 12345678, subject: a}}", "[0].options.token: found a number"),
        ("{type: static, options: {token: '${NONE}', subject: a}}", "the environment variable `NONE` is not set"),
        ("{type: static, options: {token: hunter2-hunter2}}", "[0].options.subject: it is missing"),
        ("{type: static, options: {token: hunter2-hunter2, subject: 'a b'}}", "[0].options.subject: found `a b`"),
        ("{type: static}", "[0].options: it is missing"),
        ("{type: static, options: x}", "[0].options: found `x`; expected a map"),
        ("{type: magic}", "[0].type: found `magic`; expected `static`"),
        ("{options: {}}", "[0].type: it is missing"),
        ("text", "[0]: found `text`; expected a map"),
    ] {
        let error = access(&format!("      - {entry}\n")).error();
        assert!(error.contains(expected) && !error.contains("hunter2"), "{entry}: {error}");
    }
    let twice = "      - {type: static, options: {token: hunter2-hunter2, subject: a}}\n".repeat(2);
    assert!(access(&twice).error().contains("[1]: its token is that of `a`"));
}
