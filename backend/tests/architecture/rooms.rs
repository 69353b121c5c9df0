//! The rooms of the house, and that each has its map.

use std::fs;
use std::path::PathBuf;

use crate::tree;

/// The user's own level: whoever adds to it takes a decision for everybody.
const TOP: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "backend",
    "frontend",
    "logs",
    "migrations",
    "nginx",
    "scripts",
    "workers",
];

#[test]
fn the_top_level_holds_exactly_the_rooms_of_the_design() {
    let found: Vec<_> = tree::entries(&tree::top())
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !name.starts_with("LICENSE"))
        .collect();
    assert_eq!(found, TOP);
    assert!(tree::top().join(".env.example").is_file());
}

#[test]
fn every_room_has_a_readme_that_says_something() {
    let lengths = rooms().into_iter().map(|room| {
        let text = fs::read_to_string(room.join("README.md")).unwrap_or_default();
        (room, text.len())
    });
    let silent: Vec<_> = lengths
        .filter(|(_, length)| *length < 100)
        .map(|(room, _)| room)
        .collect();
    assert!(silent.is_empty(), "without a README: {silent:?}");
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let manifests = tree::files(&["toml"])
        .into_iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    let loose: Vec<_> = manifests
        .filter(|manifest| !manifest.text.contains("[lints]\nworkspace = true"))
        .map(|manifest| manifest.path)
        .collect();
    assert!(loose.is_empty(), "without the workspace's lints: {loose:?}");
}

#[test]
fn undocumented_items_are_allowed_in_tests_only() {
    let sources = tree::files(&["rs"]).into_iter().filter(|file| !file.is_test());
    let silent: Vec<_> = sources
        .filter(|file| file.code().contains("missing_docs"))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "these allow items without a word: {silent:?}");
}

/// Directories somebody enters for a purpose of its own.
fn rooms() -> Vec<PathBuf> {
    let top = tree::top();
    let inner = ["backend/crates", "workers"].map(|dir| tree::entries(&top.join(dir)));
    let outer = [
        "",
        "backend",
        "workers",
        "migrations",
        "nginx",
        "frontend",
        "scripts",
        "logs",
    ]
    .map(|dir| top.join(dir));
    let rooms = outer.into_iter().chain(inner.into_iter().flatten());
    rooms.filter(|room| room.is_dir()).collect()
}
