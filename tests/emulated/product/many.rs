//! Many at once. The emulator answers, the list of an organisation is the proxy's; the proxy counts how many requests are at work
//! at a time.

use std::{cell::Cell, collections::HashMap};

use super::{Configured, components, problems, service};
use crate::{
    app::{App, Database, component},
    emulated::{GitHub, Repository, Seed},
};

/// Requests that GitHub is to have at work for us.
const AT_ONCE: usize = 8;

/// How many readings wait.
async fn waiting(app: &App) -> usize {
    let metrics = app.get("/metrics").await.text().await.unwrap();
    let line = metrics.lines().find_map(|it| it.strip_prefix("plinth_catalog_readings_waiting ")).unwrap();
    line.parse().unwrap()
}

#[tokio::test]
async fn five_hundred_locations_are_no_storm_at_the_start_nor_when_they_are_due() {
    let names: Vec<String> = (0..500).map(|number| format!("s{number:03}")).collect();
    // The emulator is slow where one folder holds much.
    let file = |name: &String| format!("{}/{name}.yaml", &name[3..]);
    let add = |all: Repository, name: &String| all.file(&file(name), &component(name, ""));
    let github = GitHub::start(Seed::default().repository(names.iter().fold(Repository::new("all"), add))).await;
    let pages = names.iter().map(|name| github.blob("all", &file(name)));
    let app = pages.fold(Configured::of(&github), |app, page| app.location(&page)).interval("PT20S");
    let app = app.start(Database::Sqlite).await;
    assert_eq!((components(&app).await, problems(&app).await), (names.clone(), Vec::new()));
    let most = Cell::new(0);
    app.until("each was due", async |app| {
        most.set(waiting(app).await.max(most.get()));
        let mut times: HashMap<String, usize> = HashMap::new();
        github.exchanges().into_iter().for_each(|it| *times.entry(it.path).or_default() += 1);
        times.len() == names.len() && times.values().all(|it| *it >= 2)
    })
    .await;
    assert!(most.get() < names.len() / 2, "{} waited at the same time", most.get());
    assert!((1..=AT_ONCE).contains(&github.peak()), "{}", github.peak());
}

#[tokio::test]
async fn repositories_on_several_pages_of_the_list_are_all_found() {
    let names: Vec<String> = (0..120).map(|number| format!("s{number:03}")).collect();
    let github = GitHub::start(names.iter().fold(Seed::default(), |seed, name| seed.repository(service(name)))).await;
    let app = Configured::of(&github).discovery("").start(Database::Sqlite).await;
    assert_eq!((components(&app).await, problems(&app).await), (names, Vec::new()));
    let lists = github.exchanges().into_iter().filter(|it| it.path.starts_with("/orgs/acme/repos"));
    let statuses: Vec<_> = lists.filter_map(|it| it.status).collect();
    assert_eq!(statuses, [200, 200, 304, 304], "two pages, read until two readings agree");
    assert!((1..=AT_ONCE).contains(&github.peak()), "{}", github.peak());
}
