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
