//! Who may import whom.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::tree;

/// Pure rooms: they import nothing of ours and do no I/O.
const PURE: [&str; 2] = ["domain", "hls"];
/// Rooms with one door to the outside each; they may import `domain`.
const DOORS: [&str; 4] = ["store", "objects", "media", "config"];
/// With any of these a room could do I/O, or read a clock behind the caller's back.
const IO: [&str; 11] = [
    "tokio",
    "actix-web",
    "sqlx",
    "reqwest",
    "nix",
    "rand",
    "tempfile",
    "ffmpeg-sidecar",
    "dotenvy",
    "lettre",
    "uuid",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(tree::top().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// The packages of the workspace by their short names.
fn packages() -> Vec<(String, Package)> {
    let named = |package: Package| (short(&package.name), package);
    metadata().packages.into_iter().map(named).collect()
}

fn short(name: &str) -> String {
    name.strip_prefix("sluice-").unwrap_or(name).to_owned()
}

/// What of ours a package imports, outside of its tests.
fn imports(package: &Package) -> BTreeSet<String> {
    let real = package
        .dependencies
        .iter()
        .filter(|import| import.kind != DependencyKind::Development);
    real.filter(|import| import.path.is_some())
        .map(|import| short(&import.name))
        .collect()
}

/// What a package may import; nothing is said about one that is not known.
fn allowed(package: &str, is_worker: bool) -> BTreeSet<&'static str> {
    let libraries = PURE.iter().chain(&DOORS).copied();
    match package {
        pure if PURE.contains(&pure) => BTreeSet::new(),
        door if DOORS.contains(&door) => BTreeSet::from(["domain"]),
        "process" => BTreeSet::from(["domain", "config", "store", "objects"]),
        "backend" | "kit" => libraries.chain(["process"]).collect(),
        "testkit" => libraries.chain(["process", "backend"]).collect(),
        _ if is_worker => libraries.chain(["process", "kit"]).collect(),
        unknown => panic!("say here what {unknown} may import"),
    }
}

#[test]
fn every_package_imports_only_what_its_place_allows() {
    for (name, package) in packages() {
        let is_worker = package.manifest_path.as_str().contains("/workers/");
        let allowed = allowed(&name, is_worker);
        let stray: Vec<_> = imports(&package)
            .into_iter()
            .filter(|import| !allowed.contains(import.as_str()))
            .collect();
        assert!(stray.is_empty(), "{name} may not import {stray:?}");
    }
}

#[test]
fn only_tests_import_the_kit_for_tests() {
    for (name, package) in packages() {
        assert!(
            !imports(&package).contains("testkit"),
            "{name} imports testkit outside of its tests"
        );
    }
}

#[test]
fn domain_and_hls_can_do_no_io() {
    for (name, package) in packages().into_iter().filter(|(name, _)| PURE.contains(&name.as_str())) {
        let real = package
            .dependencies
            .iter()
            .filter(|import| import.kind == DependencyKind::Normal);
        let io: Vec<_> = real
            .map(|import| import.name.as_str())
            .filter(|import| IO.contains(import))
            .collect();
        assert!(io.is_empty(), "{name} imports {io:?}");
    }
    for file in tree::files(&["rs"]) {
        let pure = PURE
            .iter()
            .any(|room| file.path.starts_with(&format!("backend/crates/{room}/src/")));
        let words = [
            "std::fs",
            "std::net",
            "std::io::stdin",
            "std::process",
            "Instant::now",
            "SystemTime",
        ];
        let io = words.iter().find(|word| pure && file.code().contains(**word));
        assert!(io.is_none(), "{} uses {io:?}", file.path);
    }
}

#[test]
fn only_the_store_speaks_to_databases() {
    for (name, package) in packages() {
        let real = package
            .dependencies
            .iter()
            .filter(|import| import.kind == DependencyKind::Normal);
        let speaks = real.into_iter().any(|import| import.name == "sqlx");
        assert!(
            !speaks || ["store", "testkit"].contains(&name.as_str()),
            "{name} imports sqlx"
        );
    }
}
