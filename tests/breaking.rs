//! What clients rely on stays, unless it was decided otherwise.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::app::repository;

fn compare(before: &Path, after: &Path, list: &Path) -> Output {
    let script = repository().join("tests/node/breaking.mjs");
    Command::new("node").arg(script).args([before, after, list]).output().unwrap()
}

#[test]
fn the_schema_breaks_no_client_of_the_released_one_and_that_one_is_up_to_date() {
    let released = repository().join("tests/schema/released.graphql");
    let current = repository().join("schema.graphql");
    let said = compare(&released, &current, &repository().join("tests/schema/breaking-changes.txt"));
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "clients would break; list it in tests/schema/breaking-changes.txt:\n{text}");
    let same = fs::read_to_string(released).unwrap() == fs::read_to_string(current).unwrap();
    assert!(same, "run `make schema`, so that what is new is kept from now on");
}

#[test]
fn a_field_that_goes_is_found_unless_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let before = write("before.graphql", "type Query {a: Int b(x: Int): Int!}");
    let after = write("after.graphql", "type Query {b(x: Int!): Int}");
    let nothing = write("nothing.txt", "# only a comment\n");
    let found = compare(&before, &after, &nothing);
    let text = String::from_utf8(found.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(!found.status.success() && lines.len() == 3, "{text}");
    let list = write("list.txt", &lines.iter().map(|line| format!("{line} # decided\n")).collect::<String>());
    assert!(compare(&before, &after, &list).status.success());
}
