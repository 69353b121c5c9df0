//! The pair checker passes a right history of parts and catches a broken one for each of its rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::collections::HashMap;
use std::fmt::Write;

use proptest::prelude::*;
use sluice_testkit::pair::{self, Rule, Violation};

/// Parts of a segment of 2 s, in milliseconds.
const PARTS: [u64; 6] = [333, 334, 333, 333, 334, 333];
/// What a version is: six times one part more, and once a segment closed.
const VERSIONS: usize = PARTS.len() + 1;
/// A frame, in microseconds.
const FRAME_US: u64 = 33_333;

/// The first so many parts of segment `n`.
fn parts(n: usize, count: usize) -> String {
    let mut text = String::new();
    for (part, ms) in PARTS.iter().enumerate().take(count) {
        let number = n * PARTS.len() + part;
        let independent = if part == 0 { ",INDEPENDENT=YES" } else { "" };
        writeln!(
            text,
            "#EXT-X-PART:DURATION=0.{ms},URI=\"parts/a-{number}.ts\"{independent}"
        )
        .unwrap();
    }
    text
}

/// What stands before the parts of segment `n`; the third begins a session.
fn start(n: usize) -> String {
    let tag = if n == 2 { "#EXT-X-DISCONTINUITY\n" } else { "" };
    format!("{tag}#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:{:02}.250Z\n", n * 2)
}

/// The version with so many closed segments and so many parts of the next.
fn version(closed: usize, open: usize) -> String {
    let first = closed.saturating_sub(7);
    let left = usize::from(first > 2);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n\
         #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.101,CAN-SKIP-UNTIL=12.000\n\
         #EXT-X-PART-INF:PART-TARGET=0.367\n\
         #EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-DISCONTINUITY-SEQUENCE:{left}\n"
    );
    for n in first..closed {
        // The third before the newest ends six seconds behind the edge once a segment is closed.
        let listed = if n + 3 >= closed { PARTS.len() } else { 0 };
        let (start, parts) = (start(n), parts(n, listed));
        write!(text, "{start}{parts}#EXTINF:2.000,\nsegments/{n}.ts\n").unwrap();
    }
    if open > 0 {
        text.push_str(&start(closed));
        text.push_str(&parts(closed, open));
    }
    writeln!(
        text,
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/a-{}.ts\"",
        closed * PARTS.len() + open
    )
    .unwrap();
    text
}

fn ended(closed: usize) -> String {
    let text = version(closed, 0);
    let is_of_edge = |line: &&str| !["PART", "CONTROL", "HINT"].iter().any(|word| line.contains(word));
    let kept: Vec<_> = text.lines().filter(is_of_edge).collect();
    kept.join("\n") + "\n#EXT-X-ENDLIST\n"
}

/// A show of twelve segments, a version for each part and one for each segment that is closed, and its end.
fn history() -> Vec<(u64, String)> {
    let steps = (0..12).flat_map(|closed| (1..=VERSIONS).map(move |step| (closed, step)));
    let texts = steps.map(|(closed, step)| match step {
        VERSIONS => version(closed + 1, 0),
        open => version(closed, open),
    });
    (0..).step_by(333).zip(texts.chain([ended(12)])).collect()
}

/// Which version lists so many parts of segment `n`.
fn at(n: usize, parts: usize) -> usize {
    n * VERSIONS + parts - 1
}

/// The history with a replacement in every version from `from` on, where there is something to replace, or in `from`
/// alone.
fn broken(from: usize, alone: bool, right: &str, wrong: &str) -> Vec<(u64, String)> {
    let mut history = history();
    let until = if alone { from + 1 } else { history.len() };
    assert!(
        history[from].1.contains(right),
        "{right:?} is not in {}",
        history[from].1
    );
    for (_, text) in &mut history[from..until] {
        *text = text.replacen(right, wrong, 1);
    }
    history
}

fn all(versions: &[(u64, String)]) -> Vec<Violation> {
    let mut violations = pair::check(versions);
    violations.extend(pair::check_parts(versions, FRAME_US));
    violations
}

fn readable(violations: &[Violation]) -> String {
    violations.iter().fold(String::new(), |mut text, violation| {
        writeln!(text, "{violation}").unwrap();
        text
    })
}

/// Holds that the history breaks the rule in that version.
fn assert_caught(history: &[(u64, String)], rule: Rule, at: usize) {
    let violations = all(history);
    let caught = violations.iter().any(|v| (v.rule, v.version) == (rule, at));
    assert!(caught, "{rule:?} in version {at}, found: {}", readable(&violations));
}

#[test]
fn a_right_history_of_parts_passes() {
    assert_eq!(readable(&all(&history())), "");
}

#[test]
fn versions_that_were_missed_do_not_make_a_right_history_wrong() {
    for step in 2..=50 {
        let seen: Vec<_> = history().into_iter().step_by(step).collect();
        assert_eq!(readable(&all(&seen)), "", "every {step}th");
    }
}

#[test]
fn a_version_whose_parts_are_wrong_by_themselves_is_caught() {
    let version = at(5, 4);
    for (right, wrong, rule) in [
        ("#EXT-X-PART-INF:PART-TARGET=0.367\n", "", Rule::Control),
        (",PART-HOLD-BACK=1.101", "", Rule::Control),
        ("HOLD-BACK=1.101", "HOLD-BACK=1.100", Rule::Control),
        ("CAN-BLOCK-RELOAD=YES,", "", Rule::Control),
        ("CAN-SKIP-UNTIL=12.000", "CAN-SKIP-UNTIL=11.999", Rule::Control),
        ("DURATION=0.333,", "DURATION=0.368,", Rule::PartDuration),
        ("DURATION=0.334,", "DURATION=0.311,", Rule::PartDuration),
        ("a-31.ts", "a-30.ts", Rule::PartDoubled),
        (
            "TYPE=PART,URI=\"parts/a-34.ts\"",
            "TYPE=PART,URI=\"parts/a-33.ts\"",
            Rule::Hint,
        ),
        ("DURATION=0.333,", "DURATION=short,", Rule::Syntax),
        ("DURATION=0.333,", "", Rule::Syntax),
        (",INDEPENDENT=YES", ",INDEPENDENT=NO", Rule::Syntax),
        (",INDEPENDENT=YES", ",INDEPENDENT", Rule::Syntax),
        ("URI=\"parts/a-31.ts\"", "URI=\"parts/a-31.ts", Rule::Syntax),
        ("TYPE=PART,", "TYPE=MAP,", Rule::Syntax),
        ("CAN-BLOCK-RELOAD=YES", "CAN-BLOCK-RELOAD", Rule::Syntax),
        (
            "#EXT-X-MEDIA",
            "#EXT-X-PART-INF:PART-TARGET=0.367\n#EXT-X-MEDIA",
            Rule::Header,
        ),
        (
            "segments/1.ts\n",
            "segments/1.ts\n#EXT-X-PART-INF:PART-TARGET=0.367\n",
            Rule::Header,
        ),
        (
            "#EXTINF:2.000,\nsegments/4",
            "#EXTINF:2.000,\n#EXT-X-PART:DURATION=0.333,URI=\"x\"\nsegments/4",
            Rule::Syntax,
        ),
        (
            "#EXT-X-PART:DURATION=0.334,URI=\"parts/a-31.ts\"\n",
            "#EXT-X-PART:DURATION=0.334,URI=\"parts/a-31.ts\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:10.583Z\n",
            Rule::Syntax,
        ),
    ] {
        assert_caught(&broken(version, true, right, wrong), rule, version);
    }
}

#[test]
fn a_short_part_may_be_a_segments_last_or_independent() {
    let mut history = history();
    for (_, text) in &mut history {
        *text = text
            .replace(
                "DURATION=0.333,URI=\"parts/a-29.ts\"",
                "DURATION=0.303,URI=\"parts/a-29.ts\"",
            )
            .replace(
                "DURATION=0.333,URI=\"parts/a-30.ts\"",
                "DURATION=0.303,URI=\"parts/a-30.ts\"",
            );
    }
    assert_eq!(readable(&all(&history)), "");
}

#[test]
fn a_list_that_is_over_offers_nothing() {
    let last = history().len() - 1;
    for offer in [
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n",
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/a-72.ts\"\n",
    ] {
        let history = broken(last, true, "#EXT-X-MEDIA", &format!("{offer}#EXT-X-MEDIA"));
        assert_caught(&history, Rule::Control, last);
    }
}

#[test]
fn a_part_target_that_changes_is_caught() {
    let from = at(5, 4);
    assert_caught(
        &broken(from, false, "TARGET=0.367", "TARGET=0.365"),
        Rule::PartTargetChanged,
        from,
    );
}

#[test]
fn a_part_that_changes_while_it_is_listed_is_caught() {
    let from = at(5, 4);
    for (right, wrong) in [
        ("0.334,URI=\"parts/a-31.ts\"", "0.333,URI=\"parts/a-31.ts\""),
        ("a-30.ts\",INDEPENDENT=YES", "a-30.ts\""),
    ] {
        assert_caught(&broken(from, false, right, wrong), Rule::PartChanged, from);
    }
}

#[test]
fn a_part_that_is_lost_is_caught() {
    let line = "#EXT-X-PART:DURATION=0.334,URI=\"parts/a-31.ts\"\n";
    // Before it was ever listed, while its segment is written, when it is closed, and later.
    assert_caught(&broken(at(5, 2), true, line, ""), Rule::Hint, at(5, 2));
    for from in [at(5, 4), at(5, 7), at(6, 3)] {
        assert_caught(&broken(from, true, line, ""), Rule::PartVanished, from);
    }
    let renamed = broken(at(5, 4), false, "a-31.ts\"", "b-31.ts\"");
    assert_caught(&renamed, Rule::PartVanished, at(5, 4));
    assert_caught(&renamed, Rule::PartChanged, at(5, 4));
    assert_caught(&broken(at(5, 2), false, line, ""), Rule::PartSum, at(5, 7));
}

#[test]
fn parts_that_leave_before_they_are_three_target_durations_behind_are_caught() {
    let mut history = history();
    // Those of segment 3, which ends 5.666 s behind the edge.
    let early = at(6, 5);
    history[early].1 = history[early].1.replace(&parts(3, PARTS.len()), "");
    assert_caught(&history, Rule::PartVanished, early);
    // And all at once.
    let mut history = self::history();
    history[early].1 = ended(6).replace("#EXT-X-ENDLIST\n", "");
    assert_caught(&history, Rule::PartVanished, early);
}

#[test]
fn parts_that_are_added_to_a_closed_segment_are_caught() {
    let from = at(6, 3);
    let more = "#EXT-X-PART:DURATION=0.001,URI=\"parts/late.ts\"\n#EXTINF:2.000,\nsegments/5.ts";
    let history = broken(from, false, "#EXTINF:2.000,\nsegments/5.ts", more);
    assert_caught(&history, Rule::PartChanged, from);
}

#[test]
fn an_address_that_stands_for_two_parts_is_caught() {
    let history = broken(at(6, 3), false, "parts/a-38.ts", "parts/a-20.ts");
    assert_caught(&history, Rule::PartDoubled, at(6, 3));
}

#[test]
fn a_hint_that_is_not_what_comes_next_is_caught() {
    let hint = |number: usize| format!("HINT:TYPE=PART,URI=\"parts/a-{number}.ts\"");
    let wrong = at(5, 4);
    assert_caught(&broken(wrong, true, &hint(34), &hint(35)), Rule::Hint, wrong + 1);
    // It is another while the part has not come, across the segment's close.
    let close = at(5, 7);
    assert_caught(&broken(close, true, &hint(36), &hint(37)), Rule::Hint, close);
    let none = broken(wrong, true, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/a-34.ts\"\n", "");
    assert_caught(&none, Rule::Hint, wrong);
}

#[test]
fn a_segment_that_is_closed_as_another_than_it_was_written_is_caught() {
    for (n, right, wrong) in [
        (5, "10:00:10.250Z", "10:00:10.251Z"),
        (2, "#EXT-X-DISCONTINUITY\n", ""),
        (
            5,
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:10",
            "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:10",
        ),
    ] {
        for from in [at(n, 4), at(n, 7)] {
            assert_caught(&broken(from, false, right, wrong), Rule::SegmentChanged, from);
        }
    }
}

#[test]
fn parts_that_are_not_as_long_as_their_segment_are_caught() {
    let close = at(5, 7);
    let longer = broken(
        close,
        false,
        "#EXTINF:2.000,\nsegments/5.ts",
        "#EXTINF:2.034,\nsegments/5.ts",
    );
    assert_caught(&longer, Rule::PartSum, close);
    assert_eq!(readable(&pair::check_parts(&longer, 34_000)), "");
}

/// What a player fetches of the history: each segment is two tables of two bytes each, and a byte for each part.
fn bodies() -> HashMap<String, Vec<u8>> {
    let byte = |number: usize| u8::try_from(number).unwrap();
    let mut bodies = HashMap::new();
    for n in 0..12 {
        let numbers = n * PARTS.len()..(n + 1) * PARTS.len();
        let segment: Vec<u8> = [0xfa; 4].into_iter().chain(numbers.clone().map(byte)).collect();
        bodies.insert(format!("segments/{n}.ts"), segment);
        for number in numbers {
            bodies.insert(
                format!("parts/a-{number}.ts"),
                vec![0xfa, 0xfa, 0xfa, 0xfa, byte(number)],
            );
        }
    }
    bodies
}

#[test]
fn the_bytes_of_a_segment_are_those_of_its_parts_without_what_is_put_in_front() {
    let compared = pair::check_bytes(&history(), &bodies(), 4);
    assert_eq!((readable(&compared.violations), compared.segments), (String::new(), 12));
    let mut some = bodies();
    some.remove("parts/a-20.ts");
    some.remove("segments/7.ts");
    assert_eq!(
        pair::check_bytes(&history(), &some, 4).segments,
        10,
        "what was not fetched is not compared"
    );
}

#[test]
fn bytes_that_are_lost_changed_or_doubled_are_caught() {
    for (address, body) in [
        ("parts/a-20.ts", &[0xfa, 0xfa, 0xfa, 0xfa][..]),
        ("parts/a-20.ts", &[0xfa, 0xfa, 0xfa, 0xfa, 21]),
        ("parts/a-20.ts", &[0xfa, 0xfa, 0xfa, 0xfb, 20]),
        ("parts/a-20.ts", &[0xfa, 0xfa, 0xfa, 0xfa, 20, 20]),
        ("parts/a-20.ts", &[20]),
        ("parts/a-18.ts", &[18]),
        ("segments/3.ts", &[0xfa, 0xfa, 0xfa, 0xfa, 18, 19, 20, 21, 22]),
    ] {
        let mut bodies = bodies();
        bodies.insert(address.to_owned(), body.to_vec());
        let found = pair::check_bytes(&history(), &bodies, 4).violations;
        assert_eq!(
            found.iter().map(|v| v.rule).collect::<Vec<_>>(),
            [Rule::PartBytes],
            "{address}: {body:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_checker_panic(
        lines in proptest::collection::vec(
            prop_oneof![
                prop::sample::select(history()[40].1.lines().map(str::to_owned).collect::<Vec<_>>()),
                "#EXT-X-(PART|PART-INF|SERVER-CONTROL|PRELOAD-HINT|MEDIA-SEQUENCE|TARGETDURATION):[A-Z\",=0-9.]{0,20}",
                "#EXT-X-PART:DURATION=[0-9]{1,16}\\.[0-9]{1,6},URI=\"[a-c]\"",
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"[a-c]\"",
                "#EXT-X-MEDIA-SEQUENCE:[0-9]{1,20}",
                "#EXT-X-TARGETDURATION:[0-9]{1,20}",
            ],
            0..80,
        ),
    ) {
        let versions: Vec<_> = lines.chunks(20).map(|lines| (0, lines.join("\n"))).collect();
        let _ = (all(&versions), pair::check_bytes(&versions, &bodies(), 4));
    }
}
