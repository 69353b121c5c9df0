//! The pair checker passes a right history and catches a broken one for each of its rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::fmt::Write;

use proptest::prelude::*;
use sluice_hls::timeline::{self, Segment, Window};
use sluice_hls::wall_clock::{self, Arrival, Clock};
use sluice_hls::{media, target};
use sluice_testkit::pair::{self, Rule};

/// The segments with a discontinuity: 14 begins the second show, 7 and 16 come 5 s late after a reconnect.
const JUMPS: [u64; 4] = [1, 7, 14, 16];

/// Segment `n`, of 2 s.
fn segment(n: u64) -> String {
    let lost_s = JUMPS.iter().filter(|jump| (2..=n).contains(*jump)).count() as u64 * 5;
    let at_s = n * 2 + lost_s;
    let tag = if JUMPS.contains(&n) {
        "#EXT-X-DISCONTINUITY\n"
    } else {
        ""
    };
    let (minute, second) = (at_s / 60, at_s % 60);
    format!(
        "{tag}#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:{minute:02}:{second:02}.250Z\n#EXTINF:2.000,\nsegments/{n}.ts\n"
    )
}

/// The version that lists these segments.
fn version(first: u64, last: u64) -> String {
    let left = JUMPS.iter().filter(|jump| **jump < first).count();
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{first}\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:{left}\n"
    );
    (first..=last).for_each(|n| text.push_str(&segment(n)));
    text
}

/// A show of thirteen segments (version `n` ends with segment `n + 1`), ended in versions 13 and 14, and the
/// beginning of the next from version 15 on; each version lists up to seven segments.
fn history() -> Vec<(u64, String)> {
    let first_show = (1..=13_u64).map(|last| version(last.saturating_sub(6).max(1), last));
    let ended = version(7, 13) + "#EXT-X-ENDLIST\n";
    let second_show = (14..=24_u64).map(|last| version((last - 6).max(14), last));
    let texts = first_show.chain([ended.clone(), ended]).chain(second_show);
    (0..).step_by(2000).zip(texts).collect()
}

/// The history with a replacement in every version from `from` on, or in `from` alone.
fn broken(from: usize, alone: bool, right: &str, wrong: &str) -> Vec<(u64, String)> {
    let mut history = history();
    let until = if alone { from + 1 } else { history.len() };
    assert!(history[from].1.contains(right), "{right:?} is not in version {from}");
    for (_, text) in &mut history[from..until] {
        *text = text.replacen(right, wrong, 1);
    }
    history
}

fn readable(violations: &[pair::Violation]) -> String {
    violations.iter().fold(String::new(), |mut text, violation| {
        writeln!(text, "{violation}").unwrap();
        text
    })
}

/// Holds that the history breaks the rule in that version.
fn assert_caught(history: &[(u64, String)], rule: Rule, at: usize) {
    let violations = pair::check(history);
    let caught = violations.iter().any(|v| (v.rule, v.version) == (rule, at));
    assert!(caught, "{rule:?} in version {at}, found: {}", readable(&violations));
}

#[test]
fn a_right_history_with_reconnects_and_a_second_show_passes() {
    assert_eq!(readable(&pair::check(&history())), "");
    assert_eq!(readable(&pair::cadence(&history(), 3000)), "");
}

#[test]
fn versions_that_were_missed_do_not_make_a_right_history_wrong() {
    for step in 2..=12 {
        let seen: Vec<_> = history().into_iter().step_by(step).collect();
        assert_eq!(readable(&pair::check(&seen)), "", "every {step}th");
    }
}

#[test]
fn a_version_that_is_wrong_by_itself_is_caught() {
    for (right, wrong, rule) in [
        ("#EXTM3U\n", "", Rule::Syntax),
        ("#EXTINF:2.000,", "#EXTINF:two,", Rule::Syntax),
        ("#EXTINF:2.000,", "#EXTINF:2.000", Rule::Syntax),
        ("#EXTINF:2.000,", "#EXTINF:2.000,on air, live", Rule::Syntax),
        ("#EXTINF:2.000,\n", "", Rule::Syntax),
        ("segments/2.ts\n", "", Rule::Syntax),
        ("segments/4.ts\n", "", Rule::Syntax),
        ("segments/4.ts\n", "segments/4.ts", Rule::Syntax),
        ("segments/2.ts", "segments/2 .ts", Rule::Syntax),
        ("10:00:04.250Z", "10:00:04.250", Rule::Syntax),
        ("VERSION:3\n", "VERSION:3\n#EXT-X-SURPRISE\n", Rule::Syntax),
        ("TARGETDURATION:2", "TARGETDURATION:2.5", Rule::Syntax),
        ("#EXT-X-DISCONTINUITY-SEQUENCE:0\n", "", Rule::Header),
        ("#EXT-X-TARGETDURATION:2\n", "", Rule::Header),
        ("SEQUENCE:1\n", "SEQUENCE:1\n#EXT-X-MEDIA-SEQUENCE:1\n", Rule::Header),
        ("segments/1.ts\n", "segments/1.ts\n#EXT-X-VERSION:3\n", Rule::Header),
        ("VERSION:3", "VERSION:9", Rule::Version),
        ("VERSION:3", "VERSION:2", Rule::Version),
        (
            "VERSION:3\n",
            "VERSION:3\n#EXT-X-PLAYLIST-TYPE:EVENT\n",
            Rule::PlaylistType,
        ),
        ("#EXTINF:2.000,", "#EXTINF:2.500,", Rule::Duration),
        (
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T10:00:04.250Z\n",
            "",
            Rule::DateTimeMissing,
        ),
        ("10:00:04.250Z", "10:00:04.300Z", Rule::DateTimeDrift),
        ("10:00:04.250Z", "10:00:01.250Z", Rule::DateTimeDrift),
        ("segments/4.ts\n", "#EXT-X-ENDLIST\nsegments/4.ts\n", Rule::AfterEnd),
    ] {
        assert_caught(&broken(3, true, right, wrong), rule, 3);
    }
}

#[test]
fn a_media_sequence_that_falls_is_caught() {
    assert_caught(
        &broken(9, true, "MEDIA-SEQUENCE:4", "MEDIA-SEQUENCE:2"),
        Rule::SequenceFell,
        9,
    );
    let mut restarted = history();
    restarted[10].1 = version(1, 7);
    assert_caught(&restarted, Rule::SequenceFell, 10);
}

#[test]
fn a_segment_that_changes_while_it_is_listed_is_caught() {
    for (right, wrong) in [
        ("segments/5.ts", "segments/5b.ts"),
        ("10:00:10.250Z", "10:00:10.251Z"),
        ("#EXTINF:2.000,", "#EXTINF:1.999,"),
        ("#EXT-X-DISCONTINUITY\n", ""),
    ] {
        assert_caught(&broken(9, false, right, wrong), Rule::SegmentChanged, 9);
    }
}

#[test]
fn a_segment_that_leaves_from_the_end_is_caught() {
    let mut history = history();
    history[9].1 = version(3, 8);
    assert_caught(&history, Rule::SegmentVanished, 9);
}

#[test]
fn a_segment_that_gets_another_number_is_caught() {
    assert_caught(
        &broken(9, true, "MEDIA-SEQUENCE:4", "MEDIA-SEQUENCE:5"),
        Rule::Renumbered,
        9,
    );
    assert_caught(&broken(9, false, "segments/9.ts", "segments/8.ts"), Rule::Renumbered, 9);
}

#[test]
fn a_discontinuity_sequence_that_misses_a_tag_or_counts_one_too_many_is_caught() {
    // The tag of segment 1 leaves with version 7; version 15 begins a show that must know of the tags before it.
    for (at, right, wrong) in [(7, "Y-SEQUENCE:1", "Y-SEQUENCE:0"), (7, "Y-SEQUENCE:1", "Y-SEQUENCE:2")] {
        assert_caught(&broken(at, true, right, wrong), Rule::DiscontinuitySequence, at);
    }
    assert_caught(
        &broken(9, false, "Y-SEQUENCE:1", "Y-SEQUENCE:0"),
        Rule::DiscontinuitySequence,
        9,
    );
    assert_caught(
        &broken(15, false, "Y-SEQUENCE:2", "Y-SEQUENCE:0"),
        Rule::DiscontinuitySequence,
        15,
    );
}

#[test]
fn a_target_duration_that_changes_within_a_show_is_caught_and_in_the_next_it_may() {
    assert_caught(
        &broken(9, false, "TARGETDURATION:2", "TARGETDURATION:3"),
        Rule::TargetChanged,
        9,
    );
    let next_show = broken(15, false, "TARGETDURATION:2", "TARGETDURATION:3");
    assert_eq!(readable(&pair::check(&next_show[..17])), "");
}

#[test]
fn segments_that_leave_too_early_are_caught() {
    let mut history = history();
    history[4].1 = version(3, 5);
    assert_caught(&history, Rule::TooShort, 4);
}

#[test]
fn a_wall_clock_that_steps_back_is_caught_even_across_a_discontinuity() {
    let moved = |from: &'static str, to: &'static str| {
        let texts = history()
            .into_iter()
            .map(|(at_ms, text)| (at_ms, text.replace(from, to)));
        texts.collect::<Vec<_>>()
    };
    assert_caught(&moved("10:00:19.250Z", "10:00:13.250Z"), Rule::DateTimeAmbiguous, 6);
    assert_caught(&moved("10:00:38.250Z", "10:00:20.250Z"), Rule::DateTimeAmbiguous, 15);
}

#[test]
fn a_list_that_goes_on_after_its_end_is_caught() {
    assert_caught(
        &broken(10, true, "segments/11.ts\n", "segments/11.ts\n#EXT-X-ENDLIST\n"),
        Rule::AfterEnd,
        11,
    );
    let mut reopened = history();
    reopened[14].1 = version(7, 13);
    assert_caught(&reopened, Rule::AfterEnd, 14);
}

#[test]
fn a_segment_that_comes_late_is_told_by_cadence_but_not_after_a_reconnect() {
    let late_from = |version: usize| {
        let mut history = history();
        history.truncate(13);
        history.iter_mut().skip(version).for_each(|(at_ms, _)| *at_ms += 1500);
        history
    };
    let told: Vec<_> = pair::cadence(&late_from(4), 100)
        .iter()
        .map(|v| (v.version, v.rule))
        .collect();
    assert_eq!(told, [(4, Rule::Cadence)]);
    assert_eq!(readable(&pair::cadence(&late_from(4), 600)), "");
    assert_eq!(
        readable(&pair::cadence(&late_from(6), 100)),
        "",
        "segment 7 is a discontinuity"
    );
}

#[test]
fn a_violation_says_where_and_how() {
    let violations = pair::check(&broken(3, true, "#EXTINF:2.000,", "#EXTINF:2.500,"));
    let told = "version 3 at 6000 ms, Duration: segment 1 has 2500000 us, the target is 2 s";
    assert_eq!(violations[0].to_string(), told);
}

/// The versions that Sluice would serve of a show with this target duration to begin with: one for each segment, and
/// the ended one.
fn served(arrivals: &[(i64, u64, bool)], first_msn: u64, mut target_s: u32) -> Vec<(u64, String)> {
    let (mut clock, mut discontinuity_seq, mut segments) = (Clock::default(), 3, Vec::new());
    let mut versions = Vec::new();
    for ((opened_at_ms, duration_us, discontinuity), msn) in arrivals.iter().copied().zip(first_msn..) {
        target_s = target::raised(target_s, duration_us);
        discontinuity_seq += u64::from(discontinuity);
        let arrival = Arrival {
            opened_at_ms,
            duration_us,
            anchors: discontinuity,
        };
        let started_at_ms = wall_clock::place(&mut clock, arrival);
        let name = timeline::name(started_at_ms, msn);
        segments.push(Segment {
            msn,
            name,
            started_at_ms,
            duration_us,
            discontinuity,
            discontinuity_seq,
            target_s,
        });
        let listed = Window {
            segments: 6,
            duration_us: 12_000_000,
        }
        .of(&segments);
        let version = |ended| {
            (
                msn,
                media::render(&media::Playlist {
                    segments: listed,
                    target_s,
                    ended,
                    edge: None,
                })
                .full,
            )
        };
        versions.push(version(false));
        if segments.len() == arrivals.len() {
            versions.push(version(true));
        }
    }
    versions
}

fn any_arrivals() -> impl Strategy<Value = Vec<(i64, u64, bool)>> {
    proptest::collection::vec((0..4_000_000_000_000_i64, 0..9_000_000_u64, any::<bool>()), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_show_that_sluice_serves_passes(arrivals in any_arrivals(), first_msn in 0..1_u64 << 40) {
        let longest = target::of(arrivals.iter().map(|(_, duration_us, _)| *duration_us));
        prop_assert_eq!(readable(&pair::check(&served(&arrivals, first_msn, longest))), "");
    }

    #[test]
    fn a_target_that_must_be_raised_breaks_no_other_rule(arrivals in any_arrivals(), first_msn in 0..1_u64 << 40) {
        let mut violations = pair::check(&served(&arrivals, first_msn, target::LEAST_S));
        violations.retain(|violation| violation.rule != Rule::TargetChanged);
        prop_assert_eq!(readable(&violations), "");
    }

    #[test]
    fn no_text_makes_the_checker_panic(
        lines in proptest::collection::vec(
            prop_oneof![
                "[#A-Z0-9:.,\\-\u{e9} ]{0,40}",
                prop::sample::select(history()[8].1.lines().map(str::to_owned).collect::<Vec<_>>()),
                "#EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE):[0-9]{1,20}",
                "#EXTINF:[0-9]{1,20}\\.[0-9]{0,7},",
                "#EXT-X-PROGRAM-DATE-TIME:-?[0-9]{4,6}-1[012]-[012]8T10:00:00Z",
            ],
            0..60,
        ),
    ) {
        let versions: Vec<_> = lines.chunks(20).map(|lines| (0, lines.join("\n"))).collect();
        let _ = (pair::check(&versions), pair::cadence(&versions, 0));
    }
}
