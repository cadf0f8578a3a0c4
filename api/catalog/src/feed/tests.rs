//! Readers that the log leaves behind.

use std::{path::Path, sync::Arc};

use plinth_auth::Caller;
use plinth_egress::{Egress, Limits, Policy};
use plinth_storage::{Db, now};

use super::{Feed, FeedStart, Follow, Reset, Told};
use crate::{Catalog, Config, LogLimits};

async fn catalog(folder: &Path) -> Catalog {
    // Whoever comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = Db::open(&plinth_storage::Config::Sqlite { directory: folder.to_owned() }).await.unwrap();
    let config = Config { log: LogLimits { rows: 1, ..LogLimits::default() }, ..Config::default() };
    let egress = Egress::new(Policy::default(), Limits::default()).unwrap();
    Catalog::open(db, (egress, plinth_github::GitHub::new(Vec::new()).unwrap()), config, now()).await.unwrap().0
}

fn follow(catalog: &Catalog, start: FeedStart) -> Feed {
    let caller = Caller::local_developer();
    let who = caller.clone();
    let follow = Follow { start, filter: None, goes_on: false, who: Arc::new(move || Some(who.clone())) };
    catalog.follow_from(&caller, follow).unwrap()
}

#[tokio::test]
async fn who_reads_more_slowly_than_the_log_is_pruned_is_told_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalog(folder.path()).await;
    assert!(catalog.take_lease().await.unwrap());
    let mut slow = follow(&catalog, FeedStart::Now);
    let place = slow.next().await.unwrap().unwrap().place;
    // More than is remembered.
    for number in 0..300 {
        let url = url::Url::parse(&format!("https://example.com/{number}")).unwrap();
        catalog.register(&Caller::local_developer(), &url).await.unwrap();
    }
    assert!(catalog.prune().await.unwrap() > 200);
    let mut late = follow(&catalog, FeedStart::After { place, or_snapshot: false });
    for (feed, reason) in [(&mut slow, Reset::TooSlow), (&mut late, Reset::TooOld)] {
        let told = feed.next().await.unwrap().unwrap().told;
        assert!(matches!(told, Told::Reset(it) if it == reason), "{told:?}");
        let told = feed.next().await.unwrap().unwrap().told;
        assert!(matches!(told, Told::Synced), "{told:?}");
    }
}
