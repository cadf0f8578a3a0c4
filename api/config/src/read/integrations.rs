//! `integrations`.

use plinth_github::{App, AppKey, Integration, Secret};
use url::Url;

use super::{Reader, RepositoryHost, provider::texts, web_url};
use crate::item::{Item, Value};

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
    let apps = item.member("apps").map(|apps| reader.maps_of(apps)).unwrap_or_default();
    let apps = apps.into_iter().filter_map(|it| app(reader, it)).collect();
    Some(Integration { host: host.to_owned(), api, token, apps })
}

/// A member of `apps[]`. The keys are those of the file that Backstage's `create-github-app` writes, so that it may be included.
fn app(reader: &mut Reader<'_>, item: &Item) -> Option<App> {
    let id = reader.needed(item, "appId", "the App's number")?;
    let number = match &id.value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        reader.wrong(id, "the App's number");
    }
    let secret = |reader: &mut Reader<'_>, key| item.member(key).and_then(|it| reader.text_of(it)).map(Secret::new);
    let (client_secret, webhook_secret) = (secret(reader, "clientSecret"), secret(reader, "webhookSecret"));
    let client_id = item.member("clientId").and_then(|it| reader.text_of(it));
    // Without it the App would be used everywhere, which is more than was meant.
    reader.refuse_unset_below(item, "allowedInstallationOwners");
    let allowed_owners = item.member("allowedInstallationOwners").map(|owners| texts(reader, Some(owners)));
    let has_public_access = item.member("publicAccess").and_then(|it| reader.flag_of(it)).unwrap_or(false);
    let key = key(reader, item);
    Some(App { id: number?, client_id, client_secret, key: key?, webhook_secret, allowed_owners, has_public_access })
}

/// `privateKey`. Nothing of it is shown, also where it is wrong.
fn key(reader: &mut Reader<'_>, item: &Item) -> Option<AppKey> {
    let member =
        reader.needed(item, "privateKey", "the key that GitHub gave out for the App, as in `$file: app.pem`")?;
    let text = reader.text_of(member)?;
    match AppKey::from_pem(&text) {
        Ok(key) => Some(key),
        Err(error) => {
            reader.refuse_at(member.place.clone(), error.to_string());
            None
        }
    }
}
