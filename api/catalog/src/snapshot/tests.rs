//! What a change costs.

use allocation_counter::measure;
use serde_json::json;

use super::*;
use crate::fixture;

/// Entities of the catalog that is changed.
const SIZE: usize = 10_000;

fn service(number: usize, title: &str) -> Arc<Entity> {
    let metadata = json!({
        "name": format!("service-{number}"), "title": title, "tags": ["java", format!("team-{}", number % 100)],
        "labels": {"tier": format!("{}", number % 3)}, "annotations": {"example.org/number": format!("{number}")},
    });
    let owner = format!("team-{}", number % 100);
    let spec = json!({"type": "service", "lifecycle": "production", "owner": owner, "dependsOn": ["resource:store"]});
    fixture::of("Component", metadata, spec)
}

#[test]
fn a_change_allocates_less_than_a_twentieth_of_the_snapshot() {
    let mut snapshot = fixture::with(&Snapshot::default(), vec![service(0, "Before")]);
    // What is not the first is taken in by this thread, whose allocations are counted.
    let rest = || (1..SIZE).map(|number| service(number, "Before")).collect();
    let whole = measure(|| snapshot = fixture::with(&snapshot, rest())).bytes_current;
    let changes = |number: usize, revision| {
        let title = ["After", "Later"][number % 2];
        [
            (vec![service(number, title)], vec![]),
            (vec![service(SIZE + number, title)], vec![]),
            (vec![], vec![EntityRef::new("component", "default", &format!("service-{number}"))]),
        ]
        .map(|(upserted, removed)| Changes {
            revision: Revision(revision),
            upserted,
            removed,
            ..Changes::default()
        })
    };
    for number in (0..SIZE).step_by(499) {
        for change in changes(number, snapshot.revision().0 + 1) {
            let mut next = None;
            let cost = measure(|| next = Some(snapshot.apply(change))).bytes_total;
            snapshot = next.unwrap();
            assert!(i64::try_from(cost).unwrap() * 20 < whole, "{cost} of {whole} bytes");
        }
    }
    assert_eq!(snapshot.by_name().count(), SIZE);
}
