//! A generated organisation: components, APIs, resources, and the systems, domains and teams that they belong to.

use std::{fmt::Write, path::Path};

use anyhow::Result;

const TEAMS: usize = 100;
const SYSTEMS: usize = 200;
const DOMAINS: usize = 20;
/// Files of each run: above, several documents share one.
const MOST_FILES: usize = 10_000;
/// A word of the description each, and none of them is another one with a typing error.
const TOPICS: [&str; 8] =
    ["payments", "catalogues", "shipping", "invoices", "identity", "recommendations", "warehouse", "telemetry"];
const LIFECYCLES: [&str; 5] = ["production", "production", "production", "experimental", "deprecated"];
const TYPES: [&str; 4] = ["service", "website", "library", "job"];
const LANGUAGES: [&str; 5] = ["rust", "go", "java", "python", "typescript"];
const CHINESE: [&str; 3] = ["用户管理服务", "订单支付平台", "日志分析系统"];

/// What one of the numbered documents is.
#[derive(PartialEq, Eq)]
enum Sort {
    Component,
    Api,
    Resource,
}

/// Writes files with so many entities, all told.
pub(crate) fn generate(folder: &Path, size: usize) -> Result<()> {
    let count = numbered(size);
    let documents_of_file = count.div_ceil(MOST_FILES);
    for file in 0..count.div_ceil(documents_of_file) {
        let place = folder.join(format!("s{}/c{file}", file / 100));
        std::fs::create_dir_all(&place)?;
        let first = file * documents_of_file;
        let documents = (first..count.min(first + documents_of_file)).map(|number| document(number, count));
        std::fs::write(place.join("catalog-info.yaml"), documents.collect::<Vec<_>>().join("---\n"))?;
    }
    std::fs::create_dir_all(folder.join("org"))?;
    Ok(std::fs::write(folder.join("org/catalog-info.yaml"), others(size)?)?)
}

/// A further entity, which changes.
pub(crate) fn changed(version: usize) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: changed, title: Version {version}}}\n\
         spec: {{type: service, lifecycle: production, owner: team-1}}\n"
    )
}

/// How many components there are whose description has the word `telemetry`.
pub(crate) fn components_of_telemetry(size: usize) -> usize {
    (0..numbered(size)).filter(|number| sort(*number) == Sort::Component && topic(*number) == "telemetry").count()
}

/// How many entities are numbered: those beside teams, systems and domains.
fn numbered(size: usize) -> usize {
    size.saturating_sub(if has_systems(size) { TEAMS + SYSTEMS + DOMAINS } else { TEAMS }).max(1)
}

/// A small organisation has teams only.
fn has_systems(size: usize) -> bool {
    size >= 1_000
}

fn sort(number: usize) -> Sort {
    match number % 20 {
        17 => Sort::Api,
        18 => Sort::Resource,
        _ => Sort::Component,
    }
}

fn topic(number: usize) -> &'static str {
    TOPICS[number / 3 % TOPICS.len()]
}

fn document(number: usize, count: usize) -> String {
    let (kind, name) = match sort(number) {
        Sort::Component => ("Component", format!("service-{number}")),
        Sort::Api => ("API", format!("api-{number}")),
        Sort::Resource => ("Resource", format!("store-{number}")),
    };
    let title = match number % 10 {
        3 => format!("{} {number}", CHINESE[number / 10 % CHINESE.len()]),
        _ => format!("Service {number}"),
    };
    let (team, system, topic) = (number % TEAMS, number * 3 % SYSTEMS, topic(number));
    let (language, tier, area) = (LANGUAGES[number / 2 % LANGUAGES.len()], number % 4, number / 7 % 40);
    let spec = match sort(number) {
        Sort::Api => format!(
            "  type: openapi\n  lifecycle: production\n  definition: |\n    openapi: 3.1.0\n    info: {{title: {topic} {number}, \
             version: 1.0.{number}}}\n    paths: {{/{topic}/{number}: {{get: {{operationId: get{number}}}}}}}\n"
        ),
        Sort::Resource => "  type: database\n".to_owned(),
        Sort::Component => component(number, count),
    };
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  title: {title}\n  \
         description: The number {number} of what does {topic}, as such things do.\n  \
         tags: [{language}, tier-{tier}, area-{area}]\n  annotations:\n    github.com/project-slug: example/{name}\n  links:\n    \
         - url: https://example.com/{number}\n      title: Dashboard\nspec:\n  owner: team-{team}\n  system: system-{system}\n{spec}"
    )
}

fn component(number: usize, count: usize) -> String {
    // The twenty that another number lies in begin with components and have one API and one resource.
    let twenty = |other: usize| other % count / 20 * 20;
    let (near, far) = (twenty(number) + (number + 1) % 17, twenty(number * 7) + number % 17);
    let mut needs = format!("component:service-{near}, component:service-{far}");
    let mut apis = String::new();
    if twenty(number) + 19 < count {
        let _ = write!(needs, ", resource:store-{}", twenty(number) + 18);
        let _ = writeln!(apis, "  consumesApis: [api-{}]", twenty(number) + 17);
    }
    format!(
        "  type: {}\n  lifecycle: {}\n{apis}  dependsOn: [{needs}]\n",
        TYPES[number / 11 % TYPES.len()],
        LIFECYCLES[number / TEAMS % LIFECYCLES.len()]
    )
}

fn others(size: usize) -> Result<String> {
    let mut text = String::new();
    let mut entity = |kind: &str, name: String, spec: &str| {
        writeln!(
            text,
            "---\napiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}"
        )
    };
    for team in 0..TEAMS {
        entity("Group", format!("team-{team}"), "type: team, children: []")?;
    }
    if has_systems(size) {
        for system in 0..SYSTEMS {
            let spec = format!("owner: team-{}, domain: domain-{}", system % TEAMS, system % DOMAINS);
            entity("System", format!("system-{system}"), &spec)?;
        }
        for domain in 0..DOMAINS {
            entity("Domain", format!("domain-{domain}"), &format!("owner: team-{domain}"))?;
        }
    }
    Ok(text)
}
