//! A day of shows in a few minutes: every version of `dvr.m3u8` is judged, and put together from delta updates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::collections::VecDeque;

use sluice_hls::dvr::Index;
use sluice_hls::recorded::{Kind, Place, Recorded, Style};
use sluice_hls::wall_clock::{self, Arrival, Clock};
use sluice_testkit::{delta, pair::Judge};

const LENGTH_MS: i64 = 6_000;
const HOUR_MS: i64 = 3_600_000;
/// A day's segments of six seconds.
const DAY: u64 = 14_400;
/// Versions that a player may have a copy of: half the Skip Boundary of 300 s.
const COPIES: usize = 25;
const BEGIN_MS: i64 = 1_795_213_253_850;

/// A channel whose segments come as fast as they can be taken.
struct Replay {
    window_ms: i64,
    index: Index,
    clock: Clock,
    ended: bool,
    next: Recorded,
    /// What the machine's clock says.
    now_ms: i64,
    seen: u64,
    judge: Judge,
    copies: VecDeque<String>,
    merged: usize,
    random: u64,
}

impl Replay {
    fn begin(window_ms: i64) -> Self {
        Self {
            window_ms,
            index: Index::default(),
            clock: Clock::default(),
            ended: false,
            next: Recorded {
                msn: 1,
                started_at_ms: 0,
                duration_us: 0,
                discontinuity: true,
                discontinuity_seq: 1,
                place: Place::Here,
            },
            now_ms: BEGIN_MS,
            seen: 0,
            judge: Judge::window(),
            copies: VecDeque::new(),
            merged: 0,
            random: 42,
        }
    }

    /// A segment is closed.
    fn segment(&mut self) {
        let mut segment = self.next;
        // An encoder's frames do not fill six seconds to the millisecond.
        segment.duration_us = 6_000_000 - segment.msn % 3 * 33;
        let arrival = Arrival {
            opened_at_ms: self.now_ms,
            duration_us: segment.duration_us,
            anchors: segment.discontinuity,
        };
        segment.started_at_ms = wall_clock::place(&mut self.clock, arrival);
        self.ended = false;
        self.now_ms += LENGTH_MS;
        self.index.push(segment, 6);
        let newest_ms = self.index.end_ms().unwrap();
        self.index.slide(newest_ms.max(self.now_ms) - self.window_ms);
        self.next.msn += 1;
        self.next.discontinuity = false;
        self.version();
    }

    fn segments(&mut self, count: u64) {
        (0..count).for_each(|_| self.segment());
    }

    /// The encoder goes; another session comes after a while, which is negative where the machine's clock is set back.
    fn session(&mut self, after_ms: i64) {
        self.next.discontinuity = true;
        self.next.discontinuity_seq += 1;
        self.now_ms += after_ms;
    }

    fn end_show(&mut self) {
        self.ended = true;
        self.version();
        // Whoever has a copy was told that nothing more comes.
        self.copies.clear();
    }

    /// Judges the version that there is now, and puts it together from a copy that a player may have.
    fn version(&mut self) {
        let kind = if self.ended { Kind::Quiet } else { Kind::Window };
        let range = self.index.range();
        let head = self.index.head(kind, range.clone()).unwrap();
        let full = self.index.text(&head, range, Style::default());
        self.seen += 1;
        self.judge.next(self.seen, &full);
        let delta = self.index.delta(&head, Style::default()).filter(|_| !self.ended);
        if let Some(delta) = delta.filter(|_| !self.copies.is_empty()) {
            self.random = self
                .random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let copy = usize::try_from(self.random >> 33).unwrap() % self.copies.len();
            let merged = delta::merge(&self.copies[copy], &delta);
            assert!(merged.as_ref() == Ok(&full), "{:?} for:\n{delta}", merged.err());
            self.merged += 1;
        }
        self.copies.push_back(full);
        if self.copies.len() > COPIES {
            self.copies.pop_front();
        }
    }
}

#[test]
fn no_version_of_some_hours_breaks_a_rule_and_each_is_what_its_delta_updates_stand_for() {
    sent(8, HOUR_MS / 2);
}

#[test]
#[ignore = "ten minutes and more without optimisation: run it with --release"]
fn no_version_of_a_day_breaks_a_rule_and_each_is_what_its_delta_updates_stand_for() {
    assert!(sent(1, 24 * HOUR_MS) >= 10_000);
}

/// Sends the n-th part of a day, and a little more; gives how many versions were put together from delta updates.
fn sent(part: u64, window_ms: i64) -> usize {
    let mut replay = Replay::begin(window_ms);
    replay.segments(3_000 / part);
    // A show is over, and another begins half an hour later.
    replay.end_show();
    replay.session(1_800_000);
    replay.segments(3_500 / part);
    // An encoder comes back after ten seconds.
    replay.session(10_000);
    replay.segments(3_000 / part);
    // The machine's clock is set back by an hour while an encoder comes back.
    replay.session(-3_600_000);
    replay.segments(2_000 / part);
    replay.end_show();
    // Another show, two hours later.
    replay.session(3_600_000 + 7_200_000);
    replay.segments((DAY - 11_500) / part + 500);
    let range = replay.index.range();
    assert!(
        range.start > 1 && range.end > DAY / part,
        "the day has begun to leave: {range:?}"
    );
    let violations = replay.judge.violations();
    let first = violations.first();
    assert!(first.is_none(), "{} violations, first: {first:?}", violations.len());
    replay.merged
}
