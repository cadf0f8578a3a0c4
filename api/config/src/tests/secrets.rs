//! Secrets are never shown.

use super::{fixture::app_config, github::pem};

/// Stands in every secret of these tests.
const SECRET: &str = "hunter2";

#[test]
fn the_printed_configuration_is_sorted_and_hides_secrets() {
    let text = "integrations:
  github:
    - host: github.com
      token: hunter2
      apps: [{appId: 1, privateKey: {$file: app.pem}, webhookSecret: hunter2, clientSecret: hunter2}]
backend:
  database: {client: pg, connection: {host: '${HOST}', user: u, password: '${PASSWORD}'}}
  listen: ':7007'
app: {title: T, empty: {}, none: []}
proxy: {endpoints: {/a.b: {headers: {Authorization: hunter2, X: hunter2}, target: 'https://x'}}}
grafana: {url: 'https://u:hunter2@x/y', apiKey: hunter2, label: '${PASSWORD}', file: {$file: secret.txt}}
list: ['postgres://u:hunter2@h/d', 'https://x/?token=hunter2', 'postgres://u:p/hunter2@h/d']
";
    let fixture = app_config(text)
        .file("secret.txt", "hunter2")
        .file("app.pem", &pem())
        .variable("PASSWORD", SECRET)
        .variable("HOST", "db")
        .variable("APP_CONFIG_extra_pin", "1234")
        .variable("APP_CONFIG_extra_on", "true");
    assert_eq!(
        fixture.printed(),
        r#"app.empty: {}  # app-config.yaml:9
app.none: []  # app-config.yaml:9
app.title: "T"  # app-config.yaml:9
backend.database.client: "pg"  # app-config.yaml:7
backend.database.connection.host: "db"  # app-config.yaml:7
backend.database.connection.password: <secret>  # app-config.yaml:7
backend.database.connection.user: "u"  # app-config.yaml:7
backend.listen: ":7007"  # app-config.yaml:8
extra.on: true  # APP_CONFIG_extra_on
extra.pin: <secret>  # APP_CONFIG_extra_pin
grafana.apiKey: <secret>  # app-config.yaml:11
grafana.file: <secret>  # app-config.yaml:11
grafana.label: <secret>  # app-config.yaml:11
grafana.url: <secret>  # app-config.yaml:11
integrations.github[0].apps[0].appId: 1  # app-config.yaml:5
integrations.github[0].apps[0].clientSecret: <secret>  # app-config.yaml:5
integrations.github[0].apps[0].privateKey: <secret>  # app-config.yaml:5
integrations.github[0].apps[0].webhookSecret: <secret>  # app-config.yaml:5
integrations.github[0].host: "github.com"  # app-config.yaml:3
integrations.github[0].token: <secret>  # app-config.yaml:4
list[0]: <secret>  # app-config.yaml:12
list[1]: <secret>  # app-config.yaml:12
list[2]: <secret>  # app-config.yaml:12
proxy.endpoints["/a.b"].headers.Authorization: <secret>  # app-config.yaml:10
proxy.endpoints["/a.b"].headers.X: <secret>  # app-config.yaml:10
proxy.endpoints["/a.b"].target: "https://x"  # app-config.yaml:10
"#
    );
    let loaded = fixture.load();
    let shown = format!("{loaded:?}");
    let of_key = pem().lines().nth(1).unwrap().to_owned();
    assert!(!shown.contains(SECRET) && !shown.contains(&of_key), "{shown}");
}

#[test]
fn no_refusal_shows_a_secret() {
    for text in [
        "backend: {database: {client: pg, connection: 'mysql://u:hunter2@h'}}",
        "backend: {database: {client: pg, connection: 'hunter2'}}",
        "backend: {database: {client: pg, connection: '${PASSWORD}'}}",
        "backend: {database: {client: pg, connection: {connectionString: hunter2}}}",
        "backend: {database: {client: pg, connection: {password: [hunter2]}}}",
        "backend: {database: {client: pg, connection: {ssl: '${PASSWORD}'}}}",
        "backend: {database: {client: better-sqlite3, connection: '${PASSWORD}'}}",
        "backend: {baseUrl: 'https://u:hunter2@x'}",
        "backend: {listen: '${PASSWORD}'}",
        "catalog: {locations: [{type: url, target: 'https://hunter2@x'}]}",
        "catalog: {locations: [{type: url, target: 'https:/u:hunter2@x y'}]}",
        "catalog: {locations: [{type: url, target: 'x?token=hunter2'}]}",
        "catalog: {orphanStrategy: '${PASSWORD}'}",
        "integrations: {github: [{host: {token: hunter2}}]}",
        "integrations: {github: [{host: 'https://u:hunter2@x'}]}",
        "integrations: {github: ['hunter2token=']}",
        "integrations: {github: [{apps: [{appId: 1, privateKey: hunter2}]}]}",
        "integrations: {github: [{apps: [{appId: 1, privateKey: '${PASSWORD}'}]}]}",
        "integrations: {github: [{apps: [{appId: 1, privateKey: [hunter2]}]}]}",
        "integrations: {github: [{apps: [{appId: '${PASSWORD}', privateKey: '-----BEGIN hunter2'}]}]}",
    ] {
        let error = app_config(text).variable("PASSWORD", SECRET).error();
        let shown = error.contains(SECRET);
        assert!(!shown, "{text}\n{error}");
    }
}
