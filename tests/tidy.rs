//! The house's own rules: arrows between crates, SQL and foreign libraries in their rooms, sizes, no `mod.rs`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::app::repository;

/// Which rooms each room may name in `[dependencies]`: the arrows of ARCHITECTURE.md.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("yaml", &[]),
    ("egress", &[]),
    ("github", &["egress", "model"]),
    ("storage", &["model"]),
    ("auth", &["model", "storage"]),
    ("catalog", &["auth", "egress", "github", "model", "storage", "yaml"]),
    ("graphql", &["auth", "catalog", "model", "yaml"]),
    ("config", &["auth", "catalog", "egress", "github", "model", "storage", "yaml"]),
    ("server", &["auth", "catalog", "config", "egress", "github", "graphql", "model", "storage"]),
];

/// Which rooms may name a foreign library.
const FOREIGN: &[(&str, &[&str])] = &[
    ("async-graphql", &["graphql"]),
    ("async-graphql-value", &["graphql"]),
    ("axum", &["server"]),
    ("saphyr-parser", &["yaml"]),
    ("sqlx", &["storage", "auth", "catalog"]),
    ("anyhow", &["server"]),
    ("notify", &["catalog"]),
    ("tantivy", &["catalog"]),
    ("reqwest", &["egress"]),
];

/// Lines of a file without its inline tests.
const LONGEST: usize = 600;

fn rooms() -> Vec<String> {
    let mut rooms: Vec<String> = fs::read_dir(repository().join("api"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    rooms.sort();
    rooms
}

/// The names in a manifest's `[dependencies]`.
fn dependencies(room: &str) -> Vec<String> {
    let manifest = fs::read_to_string(repository().join("api").join(room).join("Cargo.toml")).unwrap();
    let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap_or_default();
    let section = after.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn sources() -> Vec<PathBuf> {
    fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for room in rooms() {
        gather(&repository().join("api").join(room).join("src"), &mut found);
    }
    found
}

#[test]
fn arrows_between_rooms_point_where_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for room in rooms() {
        let may = allowed.get(room.as_str()).unwrap_or_else(|| panic!("`{room}` is not in ARROWS"));
        for dependency in dependencies(&room) {
            if let Some(other) = dependency.strip_prefix("plinth-") {
                assert!(may.contains(&other), "`{room}` may not use `{other}`");
            }
            for (library, homes) in FOREIGN {
                assert!(dependency != *library || homes.contains(&room.as_str()), "`{room}` may not use `{library}`");
            }
        }
    }
}

#[test]
fn sql_stands_in_stores() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let place = path.display().to_string();
        let is_home = place.contains("api/storage/") || place.contains("/store/") || place.ends_with("/store.rs");
        assert!(is_home || !text.contains("sqlx::query"), "{place} holds SQL");
    }
}

#[test]
fn files_are_short_and_no_module_is_a_mod_rs() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap().lines().count();
        assert!(code <= LONGEST, "{} has {code} lines", path.display());
        assert!(!path.ends_with("mod.rs"), "{}", path.display());
    }
}

#[test]
fn every_file_is_a_module_of_another() {
    for path in sources() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if matches!(name.as_str(), "lib" | "main") {
            continue;
        }
        let folder = path.parent().unwrap();
        let beside = folder.with_extension("rs");
        let parents = [folder.join("lib.rs"), beside];
        let is_named = parents
            .iter()
            .filter_map(|parent| fs::read_to_string(parent).ok())
            .any(|text| text.contains(&format!("mod {name};")));
        assert!(is_named, "{} is compiled by nothing", path.display());
    }
}

#[test]
fn migrations_have_the_same_names_on_both_databases() {
    let names = |database: &str| {
        let folder = repository().join("migrations").join(database);
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
