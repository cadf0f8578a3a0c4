//! `catalog.providers.githubOrg`.

use plinth_catalog::{Finds, People, Provider};
use plinth_egress::host_and_port;
use plinth_github::Integration;

use super::{Reader, frequency, integrated, note_others, texts};
use crate::{
    item::{Item, Value},
    read::web_url,
};

const ORGANISATIONS: &str = "the names of organisations, as in `[acme]`; Plinth does not look for them by itself";

/// One provider, or a list of them.
pub(super) fn people(reader: &mut Reader<'_>, integrations: &[Integration]) -> Vec<Provider> {
    let Some(item) = reader.root.get("catalog.providers.githubOrg") else { return Vec::new() };
    let items = match &item.value {
        Value::Map(_) => vec![item],
        Value::List(_) => reader.maps_of(item),
        _ => {
            reader.wrong(item, "a map, or a list of maps");
            return Vec::new();
        }
    };
    let is_alone = items.len() == 1;
    let mut found: Vec<Provider> = Vec::new();
    for item in items {
        let Some(provider) = provider(reader, item, integrations, is_alone) else { continue };
        if found.iter().any(|it| it.target() == provider.target()) {
            let place = item.member("id").unwrap_or(item).place.clone();
            reader.refuse_at(place, format!("another provider has the `id` `{}`; give each its own", provider.id));
        }
        found.push(provider);
    }
    found
}

fn provider(reader: &mut Reader<'_>, item: &Item, integrations: &[Integration], is_alone: bool) -> Option<Provider> {
    let id = reader.needed(item, "id", "a name of its own, such as `production`")?;
    let id = reader.text_of(id)?;
    let host = host(reader, item, integrations)?;
    let organisations = organisations(reader, item)?;
    let frequency = frequency(reader, item)?;
    note_others(reader, item, &["id", "githubUrl", "orgs", "schedule"]);
    // As with Backstage: where there is one organisation, nothing can be mistaken for that of another one.
    let has_namespaces = !is_alone || organisations.len() > 1;
    let finds = Finds::People(People { organisations, has_namespaces });
    Some(Provider { id, place: item.place.clone(), host, frequency, finds })
}

/// The host of `githubUrl`.
fn host(reader: &mut Reader<'_>, item: &Item, integrations: &[Integration]) -> Option<String> {
    const EXPECTED: &str = "the URL of a host of `integrations.github`, such as `https://github.com`";
    let member = reader.needed(item, "githubUrl", EXPECTED)?;
    let text = reader.text_of(member)?;
    let Some(url) = web_url(&text) else {
        reader.wrong(member, EXPECTED);
        return None;
    };
    let host = host_and_port(&url);
    integrated(reader, member, &host, integrations);
    Some(host)
}

/// `orgs`, each once.
fn organisations(reader: &mut Reader<'_>, item: &Item) -> Option<Vec<String>> {
    let member = reader.needed(item, "orgs", ORGANISATIONS)?;
    let Value::List(members) = &member.value else {
        reader.wrong(member, ORGANISATIONS);
        return None;
    };
    let is_name = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
    for it in members.iter().filter(|it| matches!(&it.value, Value::String(text) if !text.is_empty() && !is_name(text)))
    {
        reader.wrong(it, "the name of an organisation, such as `acme`");
    }
    let mut organisations: Vec<String> = Vec::new();
    for name in texts(reader, Some(member)) {
        if !organisations.iter().any(|it| it.eq_ignore_ascii_case(&name)) {
            organisations.push(name);
        }
    }
    if members.is_empty() {
        reader.wrong(member, ORGANISATIONS);
        return None;
    }
    Some(organisations)
}
