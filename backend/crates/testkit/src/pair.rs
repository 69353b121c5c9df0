//! Judges the successive versions of a live media playlist: each alone, and each against all before it.
//!
//! Validators look at one playlist; what stalls players is a change between two. Enter by [`check`] with every version
//! a channel has served, in order; no violation is a pass. [`cadence`] is apart, as a loaded machine shows in it.
//! [`check_parts`] and [`check_bytes`] are apart too: a server that starts again has forgotten the parts it listed.
//! Nothing here knows how Sluice makes its playlists. Section numbers are RFC 8216's, with `bis` those of
//! draft-pantos-hls-rfc8216bis-22.

mod alone;
mod history;
mod parts;
mod reader;
mod values;

use std::collections::HashMap;
use std::fmt;

use history::{History, Kind};
use parts::Parts;
use reader::Known;

/// A rule that a version breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Every line is a known tag with a value of its shape, or a segment's address after its tags (4).
    Syntax,
    /// Version, target duration, media sequence and discontinuity sequence stand once each, before the first
    /// segment (4.3.3).
    Header,
    /// The version is what the tags ask for, no less and no more (7).
    Version,
    /// A playlist that slides has no PLAYLIST-TYPE (4.3.3.5).
    PlaylistType,
    /// No segment, rounded to seconds, is longer than the target duration (4.3.3.1).
    Duration,
    /// Every segment has a program date-time.
    DateTimeMissing,
    /// Program date-times follow the lengths of segments, but across discontinuities, to a millisecond each.
    DateTimeDrift,
    /// A date-time means one picture: no segment begins before the one before it ends, in whatever version.
    DateTimeAmbiguous,
    /// The media sequence number never falls (6.2.2).
    SequenceFell,
    /// A segment keeps its address, length, date-time and discontinuity as long as it is listed (6.2.1).
    SegmentChanged,
    /// Segments leave from the beginning only (6.2.2).
    SegmentVanished,
    /// A segment keeps its number: one address stands for one (6.2.2).
    Renumbered,
    /// The discontinuity sequence grows by the tags that leave, and by nothing else (6.2.2).
    DiscontinuitySequence,
    /// The target duration does not change within a show (6.2.1).
    TargetChanged,
    /// While segments leave, three target durations (6.2.2) and six segments (Apple's authoring specification) stay.
    TooShort,
    /// After ENDLIST nothing changes (4.3.3.4), but for a new show, which begins behind all that was listed.
    AfterEnd,
    /// What players are offered is enough: PART-HOLD-BACK, CAN-SKIP-UNTIL, CAN-BLOCK-RELOAD (bis 4.4.3.8); a list
    /// that is over offers nothing.
    Control,
    /// No part is longer than the part target, nor shorter than 85% of it, but a segment's last or an independent one
    /// (bis 4.4.3.7).
    PartDuration,
    /// The part target does not change (bis 4.4.3.7).
    PartTargetChanged,
    /// A part stands once: one address for one place in one segment.
    PartDoubled,
    /// A part keeps its address, length and independence, and a closed segment gets no other.
    PartChanged,
    /// Parts stay listed until they are three target durations behind the edge (bis 6.2.2).
    PartVanished,
    /// The part that is hinted is hinted until it comes, and comes next (bis 4.4.5.3).
    Hint,
    /// A segment's parts are together as long as it is, give or take a frame.
    PartSum,
    /// A segment's bytes are those of its parts.
    PartBytes,
    /// The next segment comes within 1.5 target durations (6.2.2), or the list ends.
    Cadence,
}

/// What is wrong with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The version, counted from 0.
    pub version: usize,
    /// When it was seen, in milliseconds, as told to [`check`].
    pub at_ms: u64,
    /// What it breaks.
    pub rule: Rule,
    /// How, with the numbers and addresses at fault.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "version {} at {} ms, {:?}: {}",
            self.version, self.at_ms, self.rule, self.detail
        )
    }
}

/// All that is wrong with these versions of one channel's live playlist: when each was first seen (milliseconds, any
/// origin) and its text, oldest first.
///
/// Versions that were missed between two make the judgement milder, never wrong.
pub fn check<T: AsRef<str>>(versions: &[(u64, T)]) -> Vec<Violation> {
    judged(Judge::live(), versions)
}

/// The same of a playlist of all that a channel can be rewound to: it is closed while the channel is off air, and goes
/// on when it is on air again.
pub fn check_window<T: AsRef<str>>(versions: &[(u64, T)]) -> Vec<Violation> {
    judged(Judge::window(), versions)
}

fn judged<T: AsRef<str>>(mut judge: Judge, versions: &[(u64, T)]) -> Vec<Violation> {
    for (at_ms, text) in versions {
        judge.next(*at_ms, text.as_ref());
    }
    judge.violations()
}

/// Judges versions as they come, for histories that are too long to be held.
pub struct Judge {
    history: History,
    known: Known,
    report: Report,
}

impl Judge {
    /// A judge of a live playlist; see [`check`].
    pub fn live() -> Self {
        Self::of(Kind::Live)
    }

    /// A judge of all that a channel can be rewound to; see [`check_window`].
    pub fn window() -> Self {
        Self::of(Kind::Window)
    }

    fn of(kind: Kind) -> Self {
        Self {
            history: History::of(kind),
            known: Known::default(),
            report: Report::default(),
        }
    }

    /// Judges the next version, first seen at `at_ms`.
    pub fn next(&mut self, at_ms: u64, text: &str) {
        self.report.next(at_ms);
        let version = reader::read_known(text, &mut self.known, &mut self.report);
        alone::judge(&version, &mut self.report);
        self.history.judge(version, &mut self.report);
    }

    /// All that was wrong.
    pub fn violations(self) -> Vec<Violation> {
        self.report.violations
    }
}

/// What is wrong with the parts in these versions, as they follow one another: none is lost or doubled, each comes as
/// it was hinted and stays as long as it must, and a segment's are together as long as it is, give or take `frame_us`
/// microseconds. For a server that ran all the time; [`check`] has what a version says of its parts by itself.
///
/// Versions that were missed between two make the judgement milder, never wrong.
pub fn check_parts<T: AsRef<str>>(versions: &[(u64, T)], frame_us: u64) -> Vec<Violation> {
    all_parts(versions, frame_us).1.violations
}

/// What was found where bytes were compared.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// How many segments were compared: all that were listed in parts and fetched with all of them.
    pub segments: usize,
    /// What is wrong with them.
    pub violations: Vec<Violation>,
}

/// Compares the bytes of each segment that these versions list in parts with those of its parts. `bodies` has what was
/// fetched, by address as it is listed; each part but a segment's first has `prefix` bytes of its segment's head in
/// front.
pub fn check_bytes<T: AsRef<str>>(versions: &[(u64, T)], bodies: &HashMap<String, Vec<u8>>, prefix: usize) -> Compared {
    let (parts, mut report) = all_parts(versions, u64::MAX);
    report.violations.clear();
    let segments = parts::compare(&parts, bodies, prefix, &mut report);
    Compared {
        segments,
        violations: report.violations,
    }
}

fn all_parts<T: AsRef<str>>(versions: &[(u64, T)], frame_us: u64) -> (Parts, Report) {
    let (mut parts, mut report) = (Parts::default(), Report::default());
    for (at_ms, text) in versions {
        report.next(*at_ms);
        let version = reader::read(text.as_ref(), &mut Report::default());
        parts.judge(version, frame_us, &mut report);
    }
    (parts, report)
}

/// Where a segment came later than 1.5 target durations after the one before it, `slack_ms` for the observer's own
/// delay. Discontinuities excuse it, as a reconnect within a show has to be late.
pub fn cadence<T: AsRef<str>>(versions: &[(u64, T)], slack_ms: u64) -> Vec<Violation> {
    let mut report = Report::default();
    let mut latest: Option<(u64, u64)> = None;
    for (at_ms, text) in versions {
        report.next(*at_ms);
        let version = reader::read(text.as_ref(), &mut Report::default());
        let Some((newest, segment)) = version.numbered().last() else {
            continue;
        };
        let Some((known, since_ms)) = latest.replace((newest, *at_ms)) else {
            continue;
        };
        let late_ms = at_ms.saturating_sub(since_ms);
        let allowed_ms = version
            .target_s
            .unwrap_or(0)
            .saturating_mul(1500)
            .saturating_add(slack_ms);
        if newest == known {
            latest = Some((known, since_ms));
        } else if late_ms > allowed_ms && !segment.discontinuity {
            report.add(
                Rule::Cadence,
                format!("segment {newest} came {late_ms} ms after {known}"),
            );
        }
    }
    report.violations
}

/// Collects violations; knows which version is being judged.
#[derive(Default)]
struct Report {
    versions: usize,
    at_ms: u64,
    violations: Vec<Violation>,
}

impl Report {
    fn next(&mut self, at_ms: u64) {
        self.versions += 1;
        self.at_ms = at_ms;
    }

    fn add(&mut self, rule: Rule, detail: String) {
        let version = self.versions.saturating_sub(1);
        self.violations.push(Violation {
            version,
            at_ms: self.at_ms,
            rule,
            detail,
        });
    }
}
