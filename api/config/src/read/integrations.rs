//! `integrations`.

use plinth_github::{Integration, Secret};
use url::Url;

use super::{Reader, RepositoryHost, web_url};
use crate::item::Item;

const DEFAULT_HOST: &str = "github.com";

const EXPECTED: &str = "a host such as `github.com`";

/// The hosts that repositories lie on, and how they are asked.
pub(super) fn hosts(reader: &mut Reader<'_>) -> (Vec<RepositoryHost>, Vec<Integration>) {
    let items = reader.maps("integrations.github");
    let (mut hosts, mut integrations) = (Vec::new(), Vec::new());
    for item in items {
        let unset = reader.unset(&format!("{}.host", item.place.key)).is_some();
        let host = match item.member("host") {
            None if unset => {
                reader.needed(item, "host", EXPECTED);
                continue;
            }
            None => DEFAULT_HOST.to_owned(),
            Some(member) => {
                let Some(host) = reader.text_of(member) else { continue };
                if host.contains(['/', '@', '?', '#']) || Url::parse(&format!("https://{host}")).is_err() {
                    reader.wrong(member, EXPECTED);
                }
                host
            }
        };
        integrations.extend(integration(reader, item, &host));
        hosts.push(RepositoryHost { host, kind: "github".to_owned() });
    }
    (hosts, integrations)
}

fn integration(reader: &mut Reader<'_>, item: &Item, host: &str) -> Option<Integration> {
    let api = match item.member("apiBaseUrl") {
        None => Integration::default_api(host)?,
        Some(member) => {
            let text = reader.text_of(member)?;
            let Some(url) = web_url(&text) else {
                reader.wrong(member, "an `http` or `https` URL such as `https://github.example.com/api/v3`");
                return None;
            };
            url
        }
    };
    let mut token = None;
    if let Some(member) = item.member("token") {
        let text = reader.text_of(member)?;
        if text.bytes().any(|it| !it.is_ascii_graphic()) {
            // What it is instead is not shown.
            reader.refuse_at(member.place.clone(), "expected a token: visible ASCII characters without spaces");
        }
        token = Some(Secret::new(text));
    }
    if let Some(apps) = item.member("apps") {
        reader.notice(&apps.place, "GitHub Apps are not implemented yet; give a `token`");
    }
    Some(Integration { host: host.to_owned(), api, token })
}
