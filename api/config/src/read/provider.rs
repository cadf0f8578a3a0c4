//! `catalog.providers`.

mod people;

use std::{sync::Arc, time::Duration};

use plinth_catalog::{Finds, Provider, Repositories, RepositoryFilters};
use plinth_github::Integration;
use regex::Regex;

use super::{Reader, catalog::a_second_at_least, notices::not_yet};
use crate::item::Item;

/// How often providers look where nothing is said of it, as in Backstage's examples.
const FREQUENCY: Duration = Duration::from_secs(30 * 60);
/// Where nothing is said of it, as with Backstage.
const PATH: &str = "/catalog-info.yaml";

/// All providers.
pub(super) fn providers(reader: &mut Reader<'_>, integrations: &[Integration]) -> Vec<Arc<Provider>> {
    let mut found = repositories(reader, integrations);
    found.extend(people::people(reader, integrations));
    found.into_iter().map(Arc::new).collect()
}

/// `catalog.providers.github`: one provider, or several by their names.
fn repositories(reader: &mut Reader<'_>, integrations: &[Integration]) -> Vec<Provider> {
    let Some(item) = reader.root.get("catalog.providers.github") else { return Vec::new() };
    let Some(members) = item.members() else {
        reader.wrong(item, "a map");
        return Vec::new();
    };
    if item.member("organization").is_some() {
        return provider(reader, "default", item, integrations).into_iter().collect();
    }
    members.iter().filter_map(|(id, item)| provider(reader, id, item, integrations)).collect()
}

fn provider(reader: &mut Reader<'_>, id: &str, item: &Item, integrations: &[Integration]) -> Option<Provider> {
    if item.members().is_none() {
        reader.wrong(item, "a map with `organization`");
        return None;
    }
    let organization = reader.needed(item, "organization", "the name of an organisation")?;
    let organization = reader.text_of(organization)?;
    let text = |reader: &mut Reader<'_>, key: &str| item.member(key).and_then(|it| reader.text_of(it));
    let host = text(reader, "host").unwrap_or_else(|| "github.com".to_owned());
    integrated(reader, item.member("host").unwrap_or(item), &host, integrations);
    let catalog_path = text(reader, "catalogPath").unwrap_or_else(|| PATH.to_owned());
    let must_exist = item.member("validateLocationsExist").and_then(|it| reader.flag_of(it)).unwrap_or(false);
    let filters = item.member("filters").map_or_else(|| Some(nothing_said()), |it| filters(reader, it))?;
    let frequency = frequency(reader, item)?;
    const READ: &[&str] = &["organization", "host", "catalogPath", "validateLocationsExist", "filters", "schedule"];
    note_others(reader, item, READ);
    let finds = Finds::Repositories(Repositories { organization, catalog_path, filters, must_exist });
    Some(Provider { id: id.to_owned(), place: item.place.clone(), host, frequency, finds })
}

/// Refuses a host that nothing says how to ask.
fn integrated(reader: &mut Reader<'_>, item: &Item, host: &str, integrations: &[Integration]) {
    if !integrations.iter().any(|it| it.host.eq_ignore_ascii_case(host)) {
        let message = format!("`{host}` is not among `integrations.github`; name it there: `- {{host: '{host}'}}`");
        reader.refuse_at(item.place.clone(), message);
    }
}

/// `schedule.frequency`.
fn frequency(reader: &mut Reader<'_>, item: &Item) -> Option<Duration> {
    let Some(frequency) = item.member("schedule").and_then(|it| it.member("frequency")) else { return Some(FREQUENCY) };
    let time = a_second_at_least(frequency);
    if time.is_none() {
        reader.wrong(frequency, "one second at least, as in `{minutes: 30}`, `30m` or `PT30M`");
    }
    time
}

/// Notes the members that are not read.
fn note_others(reader: &mut Reader<'_>, item: &Item, read: &[&str]) {
    for (_, member) in item.members().unwrap_or_default().iter().filter(|(key, _)| !read.contains(&key.as_str())) {
        not_yet(reader, member);
    }
}

fn nothing_said() -> RepositoryFilters {
    RepositoryFilters { forks: true, ..RepositoryFilters::default() }
}

fn filters(reader: &mut Reader<'_>, item: &Item) -> Option<RepositoryFilters> {
    let mut filters = nothing_said();
    for (key, member) in item.members().unwrap_or_default() {
        match key.as_str() {
            "branch" => filters.branch = Some(reader.text_of(member)?),
            "repository" => {
                let text = reader.text_of(member)?;
                // The whole name, as with Backstage.
                let Ok(pattern) = Regex::new(&format!("^(?:{})$", text.trim_start_matches('^').trim_end_matches('$')))
                else {
                    reader.wrong(member, "a regular expression");
                    return None;
                };
                filters.repository = Some(pattern);
            }
            "topic" => {
                filters.topics = texts(reader, member.member("include"));
                filters.no_topics = texts(reader, member.member("exclude"));
            }
            "allowForks" => filters.forks = reader.flag_of(member)?,
            "allowArchived" => filters.archived = reader.flag_of(member)?,
            "visibility" => filters.visibility = texts(reader, Some(member)),
            _ => not_yet(reader, member),
        }
    }
    Some(filters)
}

pub(super) fn texts(reader: &mut Reader<'_>, item: Option<&Item>) -> Vec<String> {
    let members = item.map(|item| reader.list_of(item)).unwrap_or_default();
    members.into_iter().filter_map(|member| reader.text_of(member)).collect()
}
