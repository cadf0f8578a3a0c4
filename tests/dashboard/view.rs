//! What is seen.

use std::fmt::Write;

use serde_json::json;

use super::{Dashboard, change, reference, titled};
use crate::app::{component, repository};

#[tokio::test]
async fn the_sample_organisation_stands_there_by_kind_and_a_saved_file_appears() {
    let sample = repository().join("deploy/sample/catalog-info.yaml");
    let locations = format!(", {{type: file, target: {}}}", sample.display());
    let mut dashboard = Dashboard::beside(&locations, &[("catalog/own.yaml", &component("own", ""))], true).await;
    dashboard.open().await;
    dashboard.is("Live").await;
    dashboard.browser.see("#count", "95").await;
    let kinds = ["Component", "API", "Resource", "System", "Domain", "Template", "Group", "User", "Location"];
    assert_eq!(dashboard.browser.texts(".kind h3").await, kinds);
    dashboard.browser.see(".kind[data-kind=Component] .number", "28").await;
    dashboard.browser.see(".card .owner", "owned by Payment Team").await;

    dashboard.app.write("catalog/new.yaml", &titled("new", "Parcel lockers"));
    dashboard.browser.see(".card[data-mark=new] .name", "Parcel lockers").await;
    let changed = titled("new", "Parcel lockers").replace("lifecycle: production", "lifecycle: deprecated");
    dashboard.app.write("catalog/new.yaml", &changed);
    dashboard.browser.see(".change li", "lifecycle: production → deprecated").await;
    assert_eq!(dashboard.changes().await, [change("changed", "new"), change("new", "new")]);
    dashboard.browser.see("#said", "Parcel lockers: changed").await;
    dashboard.browser.order(json!({"do": "choose", "selector": "#order", "value": "change"})).await;
    dashboard.browser.see(".kind[data-kind=Component] li:first-child .name", "Parcel lockers").await;

    if let Some(folder) = std::env::var_os("PLINTH_PICTURES") {
        let folder = std::path::PathBuf::from(folder);
        let path = |name: &str| folder.join(format!("dashboard-{name}.png"));
        for picture in [
            json!({"do": "picture", "path": path("light")}),
            json!({"do": "picture", "path": path("dark"), "scheme": "dark"}),
            json!({"do": "picture", "path": path("narrow"), "width": 390, "height": 844}),
        ] {
            dashboard.browser.order(picture).await;
        }
    }
    dashboard.was_well().await;
}

#[tokio::test]
async fn of_a_large_catalog_the_first_are_drawn_and_the_others_are_found_or_asked_for() {
    let many = (0..1000).fold(String::new(), |mut text, number| {
        write!(text, "---\n{}", component(&format!("c{number:03}"), "")).unwrap();
        text
    });
    let mut dashboard = Dashboard::live(&[("catalog/many.yaml", &many)]).await;
    dashboard.browser.see("#count", "1,000").await;
    assert_eq!(dashboard.cards().await.len(), 48);
    dashboard.browser.fill("#find", "Component c99 TEAM-A").await;
    dashboard.browser.see(".number", "10 of 1,000").await;
    let found: Vec<_> = (990..1000).map(|it| reference(&format!("c{it}"))).collect();
    assert_eq!(dashboard.cards().await, found);
    dashboard.browser.fill("#find", "nothing of that").await;
    dashboard.browser.see("#none", "Nothing of that is in the catalog.").await;
    dashboard.browser.fill("#find", "").await;
    dashboard.browser.see(".more", "Show 192 more of Component").await;
    dashboard.browser.click(".more").await;
    dashboard.browser.see(".card .name", "c239").await;
    assert_eq!(dashboard.cards().await.len(), 240);

    // One revision of a thousand changes comes in many events, and is applied as one.
    dashboard.app.write("catalog/many.yaml", &many.replace("lifecycle: production", "lifecycle: deprecated"));
    dashboard.browser.see(".change li", "lifecycle: production → deprecated").await;
    assert_eq!(dashboard.browser.texts("#said").await, ["1,000 changes"]);
    assert_eq!(dashboard.browser.texts(".lifecycle[data-is=production]").await, [""; 0]);
    assert_eq!(dashboard.changes().await.len(), 200);
    dashboard.was_well().await;
}
