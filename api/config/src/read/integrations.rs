//! `integrations`.

use super::{Reader, RepositoryHost};

const DEFAULT_HOST: &str = "github.com";

const EXPECTED: &str = "a host such as `github.com`";

/// The hosts that repositories lie on.
pub(super) fn hosts(reader: &mut Reader<'_>) -> Vec<RepositoryHost> {
    let items = reader.maps("integrations.github");
    let mut hosts = Vec::new();
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
                if host.contains(['/', '@', '?', '#']) || url::Url::parse(&format!("https://{host}")).is_err() {
                    reader.wrong(member, EXPECTED);
                }
                host
            }
        };
        hosts.push(RepositoryHost { host, kind: "github".to_owned() });
    }
    if let Some(item) = reader.root.get("integrations.github").filter(|_| !hosts.is_empty()) {
        reader.notice(&item.place, "the hosts are known, but files on them cannot be read yet");
    }
    hosts
}
