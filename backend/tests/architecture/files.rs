//! Files short enough to be read in one go.

use crate::tree;

const LONGEST: usize = 700;

#[test]
fn no_file_is_longer_than_seven_hundred_lines() {
    let files = tree::files(&["rs", "ts", "js", "mjs", "svelte", "css", "sql", "conf", "sh", "md"]);
    let long: Vec<_> = files
        .iter()
        .map(|file| (file.text.lines().count(), &file.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "split by what they are about: {long:?}");
}
