//! The source tree as the tests look at it.

use std::fs;
use std::path::{Path, PathBuf};

/// Made by building or running, never part of the tree. Dot files are left out as well.
const NOT_OURS: [&str; 4] = ["target", "node_modules", "dist", "data"];

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What lies in a directory, without what is not ours.
pub(crate) fn entries(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        !name.starts_with('.') && !NOT_OURS.contains(&name.as_ref())
    };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(ours).collect();
    entries.sort();
    entries
}

/// A text file of ours.
pub(crate) struct File {
    /// Its path from the top, with `/` between elements.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl File {
    /// Lies in a directory of tests, benchmarks or examples, or in the kit for tests.
    pub(crate) fn is_test(&self) -> bool {
        let dirs = ["/tests/", "/benches/", "/examples/", "/testkit/"];
        dirs.iter().any(|dir| self.path.contains(dir))
    }

    /// The text without comments, and without the unit tests that end a file by the house's habit.
    pub(crate) fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().map(|line| match line.trim_start().starts_with("//") {
            true => "",
            false => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Every text file whose name ends in one of `extensions`: MPEG's transport streams end as TypeScript does.
pub(crate) fn files(extensions: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut dirs = vec![top()];
    while let Some(dir) = dirs.pop() {
        for path in entries(&dir) {
            let extension = path.extension().and_then(|extension| extension.to_str());
            if path.is_dir() {
                dirs.push(path);
            } else if extension.is_some_and(|extension| extensions.contains(&extension)) {
                let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let Ok(text) = String::from_utf8(bytes) else { continue };
                let path = path.strip_prefix(top()).unwrap().to_str().unwrap().to_owned();
                found.push(File { path, text });
            }
        }
    }
    assert!(
        !found.is_empty(),
        "no files with {extensions:?} below {}",
        top().display()
    );
    found
}
