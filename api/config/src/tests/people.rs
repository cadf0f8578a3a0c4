//! `catalog.providers.githubOrg`.

use std::time::Duration;

use plinth_catalog::{Finds, LocationType, People, Provider};

use super::fixture::{Fixture, app_config};

fn with(providers: &str) -> Fixture {
    app_config(&format!(
        "integrations: {{github: [{{token: t}}, {{host: 'ghe.example:8443', token: t}}]}}\ncatalog:\n  providers:\n    \
         githubOrg: {providers}\n"
    ))
}

fn people(provider: &Provider) -> &People {
    match &provider.finds {
        Finds::People(people) => people,
        Finds::Repositories(_) => panic!("{provider:?}"),
    }
}

#[test]
fn one_organisation_has_its_teams_in_the_default_namespace_and_several_have_their_own() {
    let one = "{id: production, githubUrl: 'https://github.com', orgs: [Acme, acme], \
               schedule: {frequency: PT1H, timeout: PT15M, initialDelay: PT10S}}";
    let fixture = with(one);
    let providers = fixture.load().config.catalog.providers;
    assert_eq!((providers[0].id.as_str(), providers[0].kind()), ("production", LocationType::GithubOrg));
    assert_eq!(providers[0].target(), "https://github.com/#production");
    assert_eq!((people(&providers[0]).organisations.len(), people(&providers[0]).has_namespaces), (1, false));
    assert_eq!(providers[0].frequency, Duration::from_secs(3_600));
    assert_eq!(fixture.notices(), [""; 0]);
    let two = "[{id: a, githubUrl: 'https://github.com', orgs: [acme, globex]}]";
    assert!(people(&with(two).load().config.catalog.providers[0]).has_namespaces);
    let lists = "[{id: a, githubUrl: 'https://github.com', orgs: [acme]}, \
                 {id: b, githubUrl: 'https://ghe.example:8443/', orgs: [acme], pageSizes: {}}]";
    let providers = with(lists).load().config.catalog.providers;
    assert!(providers.iter().all(|it| people(it).has_namespaces && it.frequency == Duration::from_secs(1_800)));
    assert_eq!(providers[1].host, "ghe.example:8443");
    let later = "`catalog.providers.githubOrg[1].pageSizes` is not implemented yet; Plinth goes on without it";
    assert_eq!(with(lists).notices(), [format!("app-config.yaml:4 {later}")]);
}

#[test]
fn what_is_wrong_with_a_provider_of_people_is_told_at_its_place() {
    let names = "the names of organisations, as in `[acme]`; Plinth does not look for them by itself";
    for (provider, expected) in [
        ("5", "githubOrg: found `5`; expected a map, or a list of maps".to_owned()),
        ("{githubUrl: 'https://github.com', orgs: [a]}", "githubOrg.id: it is missing; expected a name".to_owned()),
        ("{id: a, orgs: [a]}", "githubOrg.githubUrl: it is missing; expected the URL of a host".to_owned()),
        (
            "{id: a, githubUrl: github.com, orgs: [a]}",
            "githubOrg.githubUrl: found `github.com`; expected the".to_owned(),
        ),
        (
            "{id: a, githubUrl: 'https://x.example', orgs: [a]}",
            "githubOrg.githubUrl: `x.example` is not among `integrations.github`".to_owned(),
        ),
        ("{id: a, githubUrl: 'https://github.com'}", format!("githubOrg.orgs: it is missing; expected {names}")),
        (
            "{id: a, githubUrl: 'https://github.com', orgs: []}",
            format!("githubOrg.orgs: found a list; expected {names}"),
        ),
        ("{id: a, githubUrl: 'https://github.com', orgs: a}", format!("githubOrg.orgs: found `a`; expected {names}")),
        (
            "{id: a, githubUrl: 'https://github.com', orgs: [a, ../b]}",
            "githubOrg.orgs[1]: found `../b`; expected the name of an organisation".to_owned(),
        ),
        (
            "{id: a, githubUrl: 'https://github.com', orgs: [a], schedule: {frequency: {cron: '* * * * *'}}}",
            "githubOrg.schedule.frequency: found a map; expected one second at least".to_owned(),
        ),
        (
            "[{id: a, githubUrl: 'https://github.com', orgs: [a]}, {id: a, githubUrl: 'https://github.com', orgs: [b]}]",
            "githubOrg[1].id: another provider has the `id` `a`; give each its own".to_owned(),
        ),
    ] {
        let error = with(provider).error();
        assert!(error.contains(&format!(": catalog.providers.{expected}")), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
