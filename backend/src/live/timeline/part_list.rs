//! The parts at a channel's live edge: those of the newest closed segments, and those of the segment that is being
//! written. Pure.

use std::collections::VecDeque;

use sluice_hls::{
    media::{ListedPart, Open, SegmentParts},
    timeline::Segment,
};

/// For how many target durations behind the edge parts stay listed (rfc8216bis 4.4.4.9).
const LISTED_TARGETS: u64 = 3;

/// The parts that a channel lists, oldest first.
#[derive(Clone, Debug)]
pub(super) struct PartList {
    /// The longest that a part may be, in microseconds.
    pub(super) part_target_us: u64,
    open: Option<OpenSegment>,
    parts: VecDeque<SegmentParts>,
}

/// The segment being written.
#[derive(Clone, Debug)]
struct OpenSegment {
    session: String,
    opened_at_ms: i64,
    open: Open,
}

impl PartList {
    pub(super) fn new(part_target_us: u64) -> Self {
        Self {
            part_target_us,
            open: None,
            parts: VecDeque::new(),
        }
    }

    /// What is known of the segment being written, once it has a part.
    pub(super) fn open(&self) -> Option<Open> {
        self.open.as_ref().map(|segment| segment.open)
    }

    /// Whether the segment being written is this file of this session.
    pub(super) fn is_open(&self, session: &str, opened_at_ms: i64) -> bool {
        let open = self.open.as_ref();
        open.is_some_and(|segment| segment.session == session && segment.opened_at_ms == opened_at_ms)
    }

    /// A segment is being written. What was listed of one that was never closed is gone: its number is this one's.
    pub(super) fn begin(&mut self, session: &str, opened_at_ms: i64, open: Open) {
        self.parts.retain(|of| of.msn < open.msn);
        self.open = Some(OpenSegment {
            session: session.to_owned(),
            opened_at_ms,
            open,
        });
    }

    /// Adds parts of the segment being written.
    pub(super) fn push(&mut self, parts: Vec<ListedPart>) {
        let Some(msn) = self.open().map(|open| open.msn) else {
            return;
        };
        match self.parts.back_mut().filter(|of| of.msn == msn) {
            Some(of) => of.parts.extend(parts),
            None => self.parts.push_back(SegmentParts { msn, parts }),
        }
    }

    /// A segment is closed: `is_whole` says that all its parts are here. Half a segment in parts would be worse than
    /// none.
    pub(super) fn close(&mut self, msn: u64, is_whole: bool) {
        self.open = None;
        self.parts.retain(|of| of.msn < msn || is_whole && of.msn == msn);
    }

    /// Lists nothing any more.
    pub(super) fn clear(&mut self) {
        self.open = None;
        self.parts.clear();
    }

    /// Drops the parts of segments that end farther from the edge than parts are listed. `segments` are the newest of
    /// the show, oldest first.
    pub(super) fn trim<'a>(&mut self, segments: impl DoubleEndedIterator<Item = &'a Segment>, target_s: u32) {
        let listed_us = u64::from(target_s) * LISTED_TARGETS * 1_000_000;
        let mut later_us: u64 = self.of_open().iter().map(|part| part.duration_us).sum();
        let mut first = None;
        for segment in segments.rev() {
            if later_us > listed_us {
                break;
            }
            first = Some(segment.msn);
            later_us = later_us.saturating_add(segment.duration_us);
        }
        let open = self.open().map(|open| open.msn);
        if let Some(first) = first.or(open) {
            self.parts.retain(|of| of.msn >= first);
        }
    }

    /// How many parts of a segment are listed.
    pub(super) fn count(&self, msn: u64) -> usize {
        let of = self.parts.iter().rev().find(|of| of.msn == msn);
        of.map_or(0, |of| of.parts.len())
    }

    /// The name of the oldest part.
    pub(super) fn oldest(&self) -> Option<&str> {
        let part = self.parts.front()?.parts.first()?;
        Some(&part.name)
    }

    /// The parts, segment by segment.
    pub(super) fn parts(&mut self) -> &[SegmentParts] {
        self.parts.make_contiguous()
    }

    fn of_open(&self) -> &[ListedPart] {
        let newest = self
            .parts
            .back()
            .filter(|of| Some(of.msn) == self.open().map(|open| open.msn));
        newest.map_or(&[], |of| &of.parts)
    }
}

#[cfg(test)]
mod tests {
    use sluice_hls::nginx_playlist::Spooled;

    use super::*;
    use crate::live::timeline::{Incoming, Opening, Timeline};

    /// Parts of the segment that a session has opened then.
    fn write(timeline: &mut Timeline, session: &str, opened_at_ms: i64, names: &[&str]) {
        let parts = names.iter().map(|name| ListedPart {
            name: (*name).to_owned(),
            duration_us: 500_000,
            independent: false,
        });
        let opening = Opening {
            session,
            opened_at_ms,
            discontinuity: false,
        };
        timeline.add_parts(opening, parts.collect());
    }

    fn close(timeline: &mut Timeline, session: &str, opened_at_ms: i64, in_parts: bool) -> Segment {
        let spooled = Spooled {
            seq: 1,
            file: format!("{opened_at_ms}.ts"),
            opened_at_ms,
            duration_us: 2_000_000,
            discontinuity: false,
        };
        let incoming = Incoming {
            session,
            spooled: &spooled,
            bytes: 500_000,
        };
        let place = timeline.place(incoming);
        let placed = timeline.append(incoming, in_parts);
        assert_eq!(place, placed);
        placed.segment
    }

    fn text(timeline: &mut Timeline) -> String {
        timeline.live_playlist("next").unwrap().full
    }

    /// What is listed, one letter a line: Discontinuity, Part, Segment, Hint.
    fn shape(timeline: &mut Timeline) -> String {
        let text = text(timeline);
        let letters = text.lines().filter_map(|line| match line.split(':').next()? {
            "#EXT-X-DISCONTINUITY" => Some('D'),
            "#EXT-X-PART" => Some('P'),
            "#EXTINF" => Some('S'),
            "#EXT-X-PRELOAD-HINT" => Some('H'),
            _ => None,
        });
        letters.collect()
    }

    #[test]
    fn a_segment_keeps_in_its_close_what_it_was_listed_with_while_it_was_open() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        close(&mut timeline, "one", 1_000_000, false);
        write(&mut timeline, "two", 1_005_000, &["a", "b"]);
        let open = text(&mut timeline);
        let segment = close(&mut timeline, "two", 1_005_000, true);
        let closed = text(&mut timeline);
        let lines = |text: &str| -> Vec<String> {
            let behind = text.split("00000001.ts\n").nth(1).unwrap();
            behind
                .lines()
                .filter(|line| !line.contains("HINT"))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(lines(&open).len(), 4, "{open}");
        assert_eq!(lines(&closed)[..4], lines(&open)[..]);
        assert!(segment.discontinuity && segment.started_at_ms == 1_005_000);
    }

    #[test]
    fn parts_are_counted_for_those_who_wait_for_them() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        close(&mut timeline, "one", 1_000_000, false);
        assert_eq!(timeline.edge().part_target_us, 550_000);
        write(&mut timeline, "one", 1_002_000, &["a", "b"]);
        let edge = timeline.edge();
        assert_eq!((edge.next_msn, edge.parts_of_next, edge.parts_of_last), (2, 2, 0));
        close(&mut timeline, "one", 1_002_000, true);
        let edge = timeline.edge();
        assert_eq!((edge.next_msn, edge.parts_of_next, edge.parts_of_last), (3, 0, 2));
    }

    #[test]
    fn a_show_lists_no_parts_before_its_first_segment_and_then_those_of_the_first_too() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        write(&mut timeline, "one", 1_000_000, &["a"]);
        assert!(timeline.live_playlist("next").is_none() && !timeline.lists_parts());
        close(&mut timeline, "one", 1_000_000, true);
        assert_eq!(shape(&mut timeline), "DPSH");
        timeline.end_show();
        write(&mut timeline, "two", 2_000_000, &["b"]);
        assert_eq!(shape(&mut timeline), "DS", "a closed playlist stays as it is");
        close(&mut timeline, "two", 2_000_000, true);
        assert_eq!(shape(&mut timeline), "DPSH");
    }

    #[test]
    fn a_reconnect_lists_the_new_sessions_parts_behind_a_discontinuity_and_keeps_the_old_ones() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        close(&mut timeline, "one", 1_000_000, false);
        write(&mut timeline, "one", 1_002_000, &["a"]);
        close(&mut timeline, "one", 1_002_000, true);
        write(&mut timeline, "two", 1_009_000, &["b"]);
        assert_eq!(shape(&mut timeline), "DSPSDPH");
    }

    #[test]
    fn the_parts_of_a_segment_that_never_closed_give_way_to_the_next() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        close(&mut timeline, "one", 1_000_000, false);
        write(&mut timeline, "one", 1_002_000, &["a"]);
        write(&mut timeline, "two", 1_009_000, &["b"]);
        assert_eq!(shape(&mut timeline), "DSDPH");
        assert!(text(&mut timeline).contains("parts/b.ts"));
        close(&mut timeline, "two", 1_009_000, false);
        assert_eq!(
            shape(&mut timeline),
            "DSDSH",
            "half a segment in parts is worse than none"
        );
    }

    #[test]
    fn parts_stay_for_three_target_durations_behind_the_edge() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        for at in (0..).step_by(2_000).take(5) {
            write(&mut timeline, "one", at, &["p"]);
            close(&mut timeline, "one", at, true);
        }
        assert_eq!(shape(&mut timeline), "DSPSPSPSPSH");
        write(&mut timeline, "one", 10_000, &["p"]);
        assert_eq!(shape(&mut timeline), "DSSPSPSPSPH");
    }

    #[test]
    fn nothing_of_parts_is_left_where_nobody_watches() {
        let mut timeline = Timeline::default();
        timeline.tail(550_000);
        close(&mut timeline, "one", 1_000_000, false);
        write(&mut timeline, "one", 1_002_000, &["a"]);
        timeline.untail();
        assert_eq!(shape(&mut timeline), "DS");
        write(&mut timeline, "one", 1_002_000, &["b"]);
        assert_eq!(shape(&mut timeline), "DS");
        assert_eq!(timeline.edge().part_target_us, 0);
    }
}
