//! Tests are the specification, so their names are sentences.

use crate::tree;

const WORDS: usize = 4;

#[test]
fn four_tests_of_five_are_named_as_promises() {
    let names: Vec<_> = tree::files(&["rs"])
        .iter()
        .flat_map(|file| test_names(&file.text))
        .collect();
    let (promises, labels): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.split('_').count() >= WORDS);
    assert!(
        promises.len() * 5 >= names.len() * 4,
        "{} of {} names have fewer than {WORDS} words: {labels:?}",
        labels.len(),
        names.len(),
    );
}

#[test]
fn test_names_are_found_behind_every_kind_of_attribute() {
    let source = "#[test]\nfn a() {}\n#[tokio::test(start_paused = true)]\nasync fn b() {}\n#[rstest]\n#[case(1)]\nfn c() {}\nfn d() {}";
    assert_eq!(test_names(source), ["a", "b", "c"]);
}

fn test_names(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        let attribute = line.strip_prefix("#[").and_then(|line| line.split(['(', ']']).next());
        marked |= attribute.is_some_and(|name| name == "rstest" || name == "test" || name.ends_with("::test"));
        let function = line
            .trim_start_matches("pub ")
            .trim_start_matches("async ")
            .strip_prefix("fn ");
        if let Some(name) = function.filter(|_| marked) {
            names.extend(name.split(['(', '<']).next().map(str::to_owned));
            marked = false;
        }
    }
    names
}
