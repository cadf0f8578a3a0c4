//! What Plinth takes from the merged values.

use std::time::Duration;

use plinth_catalog::{LocationType, OrphanStrategy, TargetMatch};
use plinth_storage::Config as Database;

use super::fixture::{Fixture, app_config};

#[test]
fn nothing_said_means_the_defaults() {
    let fixture = app_config("techRadar: {url: x}\n");
    let config = fixture.load().config;
    assert_eq!((config.title.as_str(), config.organization, config.base_url), ("Plinth", None, None));
    assert_eq!((config.backend.listen.host, config.backend.listen.port), (None, 7007));
    assert!(!config.backend.development && config.notices.is_empty() && config.repository_hosts.is_empty());
    assert_eq!(config.backend.database, Database::Sqlite { directory: fixture.path().join("default") });
    assert!(config.catalog.locations.is_empty() && config.catalog.interval.is_none());
}

#[test]
fn listen_takes_a_port_an_address_or_a_map() {
    for (text, expected) in [
        ("':7008'", Some((None, 7008))),
        ("'7008'", Some((None, 7008))),
        ("7008", Some((None, 7008))),
        ("'127.0.0.1:7008'", Some((Some("127.0.0.1"), 7008))),
        ("'[::1]:7008'", Some((Some("::1"), 7008))),
        ("{port: 7008}", Some((None, 7008))),
        ("{host: localhost, port: '7008'}", Some((Some("localhost"), 7008))),
        ("{host: ''}", Some((None, 7007))),
        ("{host: 0.0.0.0}", Some((Some("0.0.0.0"), 7007))),
        ("'::1:7008'", None),
        ("70080", None),
        ("nowhere", None),
        ("[7008]", None),
        ("{port: x}", None),
        ("{host: 5}", None),
    ] {
        let fixture = app_config(&format!("backend:\n  listen: {text}\n"));
        match expected {
            Some((host, port)) => {
                let listen = fixture.load().config.backend.listen;
                assert_eq!((listen.host.as_deref(), listen.port), (host, port), "{text}");
                assert_eq!((listen.place.line, listen.place.key.as_str()), (2, "backend.listen"));
            }
            None => assert!(fixture.error().starts_with("app-config.yaml:2:"), "{text}: {}", fixture.error()),
        }
    }
}

#[test]
fn databases_are_read_in_all_their_spellings() {
    let read = |text: &str| app_config(&format!("backend:\n  database: {text}\n")).load().config.backend.database;
    assert_eq!(read("{client: better-sqlite3, connection: ':memory:'}"), Database::Temporary);
    assert_eq!(read("{client: better-sqlite3, connection: {filename: ':memory:'}}"), Database::Temporary);
    let Database::Postgres(url) = read("{client: pg, connection: 'postgres://u:p@h/d'}") else { panic!("no postgres") };
    assert_eq!(url.url.as_deref(), Some("postgres://u:p@h/d"));
    let Database::Postgres(map) =
        read("{client: pg, connection: {host: h, port: '5433', user: u, password: p, database: d, ssl: true}}")
    else {
        panic!("no postgres")
    };
    assert_eq!((map.host.as_deref(), map.port, map.user.as_deref()), (Some("h"), Some(5433), Some("u")));
    assert_eq!((map.password.as_deref(), map.database.as_deref(), map.ssl), (Some("p"), Some("d"), true));
}

#[test]
fn the_data_directory_is_found() {
    let text = "backend: {database: {client: better-sqlite3, connection: {directory: ../data}}}\n";
    let fixture = app_config("").file("sub/c.yaml", text).config("sub/c.yaml");
    assert_eq!(fixture.load().config.backend.database, Database::Sqlite { directory: fixture.path().join("data") });
    let fixture = fixture.data_dir("/elsewhere");
    assert_eq!(fixture.load().config.backend.database, Database::Sqlite { directory: "/elsewhere".into() });
    let json = "{\"client\": \"better-sqlite3\", \"connection\": {\"directory\": \"data\"}}";
    let fixture = app_config("").variable("APP_CONFIG_backend_database", json);
    assert_eq!(fixture.load().config.backend.database, Database::Sqlite { directory: fixture.path().join("data") });
}

#[test]
fn an_authority_may_come_from_a_file() {
    let text = "backend:
  database:
    client: pg
    connection: {host: h, ssl: {ca: {$file: ca.pem}, rejectUnauthorized: false}}
";
    let config = app_config(text).file("ca.pem", "PEM\n").load().config;
    let Database::Postgres(postgres) = config.backend.database else { panic!("no postgres") };
    assert_eq!((postgres.ssl, postgres.ssl_ca.as_deref(), postgres.ssl_accept_invalid), (true, Some("PEM"), true));
}

#[test]
fn a_database_whose_variable_is_not_set_is_refused() {
    for (text, key) in [
        ("{client: pg, connection: '${NONE}'}", "connection"),
        ("{client: pg, connection: {host: h, password: '${NONE}'}}", "connection.password"),
        ("{client: pg, connection: {host: h, ssl: {ca: '${NONE}'}}}", "connection.ssl.ca"),
        ("{client: better-sqlite3, connection: {directory: '${NONE}'}}", "connection.directory"),
        ("{client: '${NONE}'}", "client"),
    ] {
        let error = app_config(&format!("backend:\n  database: {text}\n")).error();
        let expected = format!(": backend.database.{key}: the environment variable `NONE` is not set");
        assert!(error.contains(&expected), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn file_targets_start_from_the_backend_package_or_the_file() {
    let text = "catalog:
  locations:
    - {type: file, target: ../../examples/*.yaml}
    - {type: file, target: /abs/./x/../y.yaml}
";
    let fixture = app_config(text).file("packages/backend/package.json", "{}");
    let targets = |fixture: &Fixture| {
        let locations = fixture.load().config.catalog.locations;
        locations.into_iter().map(|it| it.target).collect::<Vec<_>>()
    };
    let path = fixture.path().display().to_string();
    assert_eq!(targets(&fixture), [format!("{path}/examples/*.yaml"), "/abs/y.yaml".to_owned()]);
    let fixture = app_config("").file("sub/c.yaml", "catalog: {$include: more/catalog.yaml}\n").config("sub/c.yaml");
    let fixture = fixture.file("sub/more/catalog.yaml", "locations: [{type: file, target: ./a.yaml}]\n");
    assert_eq!(targets(&fixture), [format!("{}/sub/a.yaml", fixture.path().display())]);
}

#[test]
fn locations_and_rules_are_read() {
    let config = app_config(
        "catalog:
  orphanStrategy: keep
  processingInterval: {minutes: 30}
  rules:
    - allow: [Component, {kind: Template, spec.type: service}]
    - allow: [User]
      locations: [{type: file, exact: ./users.yaml}, {type: url, pattern: https://github.com/acme/**}, {type: url}]
  locations:
    - type: url
      target: https://github.com/acme/all/blob/main/all.yaml
      rules: [{allow: [User, Group]}, {allow: [Domain]}]
",
    );
    let folder = config.path().display().to_string();
    let catalog = config.load().config.catalog;
    assert_eq!((catalog.orphans, catalog.interval), (OrphanStrategy::Keep, Some(Duration::from_secs(1800))));
    let location = &catalog.locations[0];
    let allowed: Vec<&str> = location.allow.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!((location.kind, allowed), (LocationType::Url, vec!["User", "Group", "Domain"]));
    assert_eq!((location.place.line, location.place.key.as_str()), (10, "catalog.locations[0].target"));
    assert_eq!(catalog.rules[0].allow[1].spec_type.as_deref(), Some("service"));
    let matches = &catalog.rules[1].locations;
    assert!(matches!(&matches[0].target, Some(TargetMatch::Exact(path)) if *path == format!("{folder}/users.yaml")));
    assert!(matches!(&matches[1].target, Some(TargetMatch::Pattern(glob)) if glob == "https://github.com/acme/**"));
    assert!(matches[2].target.is_none());
}

#[test]
fn a_rule_never_allows_more_than_it_says() {
    for (text, expected) in [
        ("{allow: [User], locations: []}", "catalog.rules[0].locations: found an empty list"),
        (
            "{allow: [User], locations: [{type: url, exact: '${NONE}'}]}",
            "catalog.rules[0].locations[0].exact: the environment variable `NONE` is not set",
        ),
        (
            "{allow: [User], locations: [{type: url, exact: x, pattern: y}]}",
            "catalog.rules[0].locations[0].exact: `exact` and `pattern` cannot stand together",
        ),
        (
            "{allow: [User], locations: [{type: url, pattern: '['}]}",
            "catalog.rules[0].locations[0].pattern: found `[`; expected a glob",
        ),
        ("{allow: [5]}", "catalog.rules[0].allow[0]: found `5`; expected a kind"),
    ] {
        let error = app_config(&format!("catalog: {{rules: [{text}]}}\n")).error();
        assert!(error.contains(&format!(": {expected}")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn intervals_are_read_in_all_their_spellings() {
    for (text, expected) in [
        ("false", Some(None)),
        ("90", Some(Some(90))),
        ("{hours: 1, minutes: '30'}", Some(Some(5_400))),
        ("PT5M", Some(Some(300))),
        ("5 minutes", Some(Some(300))),
        ("true", None),
        ("{fortnights: 1}", None),
        ("0.5", None),
        ("soon", None),
        ("{}", None),
    ] {
        let fixture = app_config(&format!("catalog:\n  processingInterval: {text}\n"));
        match expected {
            Some(seconds) => {
                let interval = fixture.load().config.catalog.interval;
                assert_eq!(interval, seconds.map(Duration::from_secs), "{text}");
            }
            None => assert!(fixture.error().contains("catalog.processingInterval: found "), "{}", fixture.error()),
        }
    }
}

#[test]
fn everything_wrong_is_named_at_once_with_its_place() {
    let text = "app:
  title: 5
backend:
  baseUrl: ftp://x
  listen: {port: 99999}
  auth: {dangerouslyDisableDefaultAuthPolicy: perhaps}
  database: {client: mysql}
catalog:
  orphanStrategy: forget
  rules: [{}, x]
  locations:
    - type: file
    - {type: files, target: x}
    - {type: url, target: 'https://user:hunter2@x'}
    - {type: file, target: '${NONE}'}
integrations: {github: {host: x}}
";
    assert_eq!(
        app_config(text).error(),
        "app-config.yaml:2:3: app.title: found `5`; expected a string that is not empty
app-config.yaml:4:3: backend.baseUrl: found `ftp://x`; expected an `http` or `https` URL without a user
app-config.yaml:5:12: backend.listen.port: found `99999`; expected a port from 0 to 65535
app-config.yaml:6:10: backend.auth.dangerouslyDisableDefaultAuthPolicy: found `perhaps`; expected `true` or `false`
app-config.yaml:7:14: backend.database.client: found `mysql`; expected `better-sqlite3` or `pg`
app-config.yaml:9:3: catalog.orphanStrategy: found `forget`; expected `keep` or `delete`
app-config.yaml:10:11: catalog.rules[0].allow: it is missing; expected a list of kinds
app-config.yaml:10:15: catalog.rules[1]: found `x`; expected a map
app-config.yaml:12:7: catalog.locations[0].target: it is missing; expected a path or a URL
app-config.yaml:13:8: catalog.locations[1].type: found `files`; expected `file` or `url`
app-config.yaml:14:19: catalog.locations[2].target: found a string; expected an `http` or `https` URL; a token \
         belongs under `integrations`
app-config.yaml:15:28: catalog.locations[3].target: the environment variable `NONE` is not set; expected a path or a URL
app-config.yaml:16:16: integrations.github: found a map; expected a list"
    );
}

#[test]
fn what_is_not_implemented_is_noticed_once_a_key() {
    let text = "proxy: {endpoints: {/x: http://x}}
techdocs: {builder: local, publisher: {type: local}}
backend:
  cors: {origin: 'https://x.example', maxAge: 5}
  auth: {keys: [], dangerouslyDisableDefaultAuthPolicy: yes}
  cache: {store: memory}
catalog:
  providers: {github: {a: {organization: acme, orgEnabled: true}}, ldapOrg: {y: 1}}
  stitchingStrategy: {mode: immediate}
  locations: [{type: github-discovery, target: https://github.com/acme}, {type: file, target: x, schedule: {}}]
integrations: {github: [{host: github.com, token: t}, {}], gitlab: []}
sonarqube: {baseUrl: x}
";
    let fixture = app_config(text);
    let later = |key: &str, line: u32| {
        format!("app-config.yaml:{line} `{key}` is not implemented yet; Plinth goes on without it")
    };
    assert_eq!(
        fixture.notices(),
        [
            later("proxy", 1),
            later("techdocs", 2),
            later("backend.cors.maxAge", 4),
            later("backend.auth.keys", 5),
            later("catalog.providers.github.a.orgEnabled", 8),
            later("catalog.providers.ldapOrg", 8),
            later("catalog.stitchingStrategy", 9),
            "app-config.yaml:10 locations of type `github-discovery` are not implemented yet; Plinth goes on without it"
                .to_owned(),
            later("catalog.locations[1].schedule", 10),
            later("integrations.gitlab", 11),
        ]
    );
    let config = fixture.load().config;
    assert!(config.backend.development);
    let hosts: Vec<&str> = config.repository_hosts.iter().map(|it| it.host.as_str()).collect();
    assert_eq!(hosts, ["github.com", "github.com"]);
}

#[test]
fn pages_of_other_origins_are_those_listed() {
    let of = |cors: &str| app_config(&format!("backend: {{cors: {cors}}}\n")).load().config.backend.cors;
    assert_eq!(of("false"), None);
    let both = "[http://localhost:3000/, 'https://Portal.example.com']";
    let cors = of(&format!("{{origin: {both}, credentials: true}}")).unwrap();
    assert_eq!(cors.origins, ["http://localhost:3000", "https://portal.example.com"]);
    assert_eq!((cors.methods, cors.credentials), (vec!["GET".to_owned(), "POST".to_owned()], true));
    let cors = of("{origin: 'http://localhost:3000', methods: [POST]}").unwrap();
    assert_eq!((cors.origins.len(), cors.methods, cors.credentials), (1, vec!["POST".to_owned()], false));
    assert_eq!(of("{origin: false}").unwrap().origins, [""; 0]);
    let text = "backend: {cors: {origin: ['*', 'https://*.example.com', 'https://a.example/x', true], methods: get}}\n";
    let expected = "expected an origin such as `https://portal.example.com`, with no path and no `*`";
    assert_eq!(
        app_config(text).error(),
        format!(
            "app-config.yaml:1:27: backend.cors.origin[0]: found `*`; {expected}\n\
             app-config.yaml:1:32: backend.cors.origin[1]: found `https://*.example.com`; {expected}\n\
             app-config.yaml:1:57: backend.cors.origin[2]: found `https://a.example/x`; {expected}\n\
             app-config.yaml:1:80: backend.cors.origin[3]: found `true`; expected a string that is not empty\n\
             app-config.yaml:1:87: backend.cors.methods: found `get`; expected a method such as `POST`"
        )
    );
}
