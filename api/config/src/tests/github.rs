//! `integrations.github[].apps[]`.

use std::{path::Path, process::Command, sync::LazyLock};

use plinth_github::{App, AppKey};

use super::fixture::{Fixture, app_config};

/// A key that is made for this run and opens nothing.
static PEM: LazyLock<String> = LazyLock::new(|| {
    let script = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../tests/node/key.mjs");
    let made = Command::new("node").arg(script).output().expect("node makes the keys; `make test` installs it");
    String::from_utf8(made.stdout).unwrap()
});

pub(crate) fn pem() -> String {
    PEM.clone()
}

fn with_app(app: &str) -> Fixture {
    app_config(&format!("integrations:\n  github:\n    - host: github.com\n      apps: [{app}]\n"))
        .file("keys/app.pem", &pem())
}

fn apps(fixture: &Fixture) -> Vec<App> {
    fixture.load().config.integrations.remove(0).apps
}

#[test]
fn an_app_is_read_as_backstage_writes_it() {
    let fixture = with_app(
        "{appId: 12, clientId: Iv1.a, clientSecret: s, webhookSecret: {$env: HOOK}, privateKey: {$file: keys/app.pem}, \
         allowedInstallationOwners: [acme, Globex], publicAccess: true}, {appId: '13', privateKey: '${KEY}'}",
    );
    // As variables often hold it.
    let fixture = fixture.variable("HOOK", "h").variable("KEY", &pem().replace('\n', "\\n"));
    let all = apps(&fixture);
    let key = AppKey::from_pem(&pem()).unwrap();
    let owners = ["acme", "Globex"].map(str::to_owned).to_vec();
    assert_eq!((all[0].id, &all[0].key, &all[0].allowed_owners), (12, &key, &Some(owners)));
    assert_eq!((all[0].client_id.as_deref(), all[0].has_public_access), (Some("Iv1.a"), true));
    assert_eq!(all[0].webhook_secret.as_ref().map(|it| it.reveal()), Some("h"));
    assert_eq!((all[1].id, &all[1].key), (13, &key));
    assert!(all[1].allowed_owners.is_none() && all[1].webhook_secret.is_none() && !all[1].has_public_access);
    assert_eq!(fixture.notices(), [""; 0]);
}

#[test]
fn the_file_that_backstage_writes_for_an_app_may_be_included() {
    let file = format!(
        "name: plinth\nappId: 7\nwebhookUrl: https://x\nclientId: c\nclientSecret: s\nwebhookSecret: h\nprivateKey: |\n  {}\n",
        pem().trim().replace('\n', "\n  ")
    );
    let fixture = with_app("{$include: credentials.yaml}").file("credentials.yaml", &file);
    assert_eq!(apps(&fixture)[0].id, 7);
    let secrets = fixture.load().config.webhook_secrets();
    assert_eq!(secrets.iter().map(|it| it.reveal()).collect::<Vec<_>>(), ["h"]);
}

#[test]
fn what_is_wrong_with_an_app_is_told_at_its_place() {
    for (app, expected) in [
        ("{privateKey: {$file: keys/app.pem}}", "appId: it is missing; expected the App's number"),
        ("{appId: one, privateKey: {$file: keys/app.pem}}", "appId: found `one`; expected the App's number"),
        ("{appId: 1}", "privateKey: it is missing; expected the key that GitHub gave out"),
        ("{appId: 1, privateKey: '${NONE}'}", "privateKey: the environment variable `NONE` is not set"),
        ("{appId: 1, privateKey: no}", "privateKey: the `privateKey` of an App cannot be used: expected a PEM text"),
        (
            "{appId: 1, privateKey: {$file: keys/app.pem}, allowedInstallationOwners: '${NONE}'}",
            "allowedInstallationOwners: the environment variable `NONE` is not set",
        ),
        (
            "{appId: 1, privateKey: {$file: keys/app.pem}, allowedInstallationOwners: acme}",
            "allowedInstallationOwners: found `acme`; expected a list",
        ),
    ] {
        let error = with_app(app).error();
        let place = "app-config.yaml:4:";
        assert!(
            error.starts_with(place) && error.contains(&format!(": integrations.github[0].apps[0].{expected}")),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert!(with_app("7").error().contains("integrations.github[0].apps[0]: found `7`; expected a map"));
}
