//! What a channel can be rewound to, held compactly: sixteen bytes a segment, and about as many of its line in gzip.
//!
//! Enter by [`Index`]: segments are pushed as they come, slide out as they grow old, and are listed from any copy of it.
//! A copy costs a pointer for some hundred segments, so that whoever writes a playlist never holds up who adds to it.
//! Names are not held, as they follow from start and number.

mod block;
mod zip;

use std::{collections::VecDeque, ops::Range, sync::Arc};

use crate::{
    media::within,
    recorded::{self, Head, Kind, Place, Recorded, Style},
    target,
};

use self::block::{BLOCK, Block, Row};

/// The segments of one channel that can be listed, oldest first, with numbers that follow one another.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// All but the newest are full; the oldest may begin with segments that are listed no more.
    blocks: VecDeque<Arc<Block>>,
    /// The media sequence number of the oldest segment that is listed.
    first: u64,
    /// One more than that of the newest.
    next: u64,
    /// What the channel's newest segment says, listed or not.
    discontinuity_seq: u64,
    end_us: i64,
    target_s: u32,
}

impl Index {
    /// Adds the channel's next segment; one that is there already is left as it is. `target_s` is the target duration of
    /// its show.
    ///
    /// Numbers that were left out are filled with lost segments: a playlist counts its segments to number them.
    pub fn push(&mut self, segment: Recorded, target_s: u32) {
        let is_known = self.next > 0 && segment.msn < self.next;
        if is_known {
            return;
        }
        if !self.is_empty() {
            self.fill(&segment);
        } else {
            self.first = segment.msn;
            self.blocks.clear();
        }
        let least_s = target::raised(target_s.max(target::LEAST_S), segment.duration_us);
        self.target_s = self.target_s.max(least_s);
        self.put(segment);
    }

    /// Lists nothing that began before `moment` (milliseconds since the epoch), and does not begin with what is lost.
    /// True where that has changed anything.
    pub fn slide(&mut self, moment_ms: i64) -> bool {
        let old = self.partition(|row| row.started_at_ms < moment_ms);
        let first = self.partition_from(old, |row| row.place == Place::Lost);
        let has_slid = first > self.first;
        self.first = first;
        while self.blocks.front().is_some_and(|block| block.end() <= first) {
            self.blocks.pop_front();
        }
        has_slid
    }

    /// Says where a segment is. True where the segment is listed.
    pub fn set_place(&mut self, msn: u64, place: Place) -> bool {
        if !self.range().contains(&msn) {
            return false;
        }
        let block = self.position(msn).and_then(|(block, _)| self.blocks.get_mut(block));
        block.is_some_and(|block| Arc::make_mut(block).set_place(msn, place))
    }

    /// Where a segment is; nothing where it is not listed.
    pub fn place(&self, msn: u64) -> Option<Place> {
        let listed = self.range().contains(&msn);
        listed.then(|| self.row(msn).map(|row| row.place)).flatten()
    }

    /// The numbers of the segments that are listed.
    pub const fn range(&self) -> Range<u64> {
        self.first..self.next
    }

    /// Those of `range` that are listed.
    pub fn clip(&self, range: Range<u64>) -> Range<u64> {
        range.start.max(self.first)..range.end.min(self.next)
    }

    /// Whether nothing is listed.
    pub const fn is_empty(&self) -> bool {
        self.first >= self.next
    }

    /// The target duration in seconds. It is raised by a longer segment, and does not fall when that has left, for as long
    /// as the index is held.
    pub const fn target_s(&self) -> u32 {
        self.target_s
    }

    /// Where the newest segment ends, in milliseconds since the epoch.
    pub fn end_ms(&self) -> Option<i64> {
        (self.next > 0).then(|| self.end_us.div_euclid(1000))
    }

    /// The segments that have something between two moments (milliseconds since the epoch, the second left out).
    pub fn between(&self, from_ms: i64, until_ms: i64) -> Range<u64> {
        let from = self.partition(|row| row.end_us().div_euclid(1000) <= from_ms);
        let until = self.partition(|row| row.started_at_ms < until_ms);
        from..until.max(from)
    }

    /// The oldest of the segments that lie, be it in part, within `boundary_us` of the end of the newest.
    pub fn within(&self, boundary_us: u64) -> u64 {
        let newest_first = self.range().rev().map_while(|msn| self.row(msn));
        let within = within(boundary_us, newest_first.map(|row| row.duration_us.into()));
        self.next - within as u64
    }

    /// Listed segments.
    pub fn segments(&self, range: Range<u64>) -> impl Iterator<Item = Recorded> {
        let pieces = self.pieces(range);
        pieces.flat_map(|(block, within)| block.segments(within))
    }

    /// What stands in front of a playlist of listed segments; nothing where none of them can be played.
    pub fn head(&self, kind: Kind, range: Range<u64>) -> Option<Head> {
        let first = self.segments(range.start..range.start + 1).next()?;
        let playable = self.partition_from(range.start, |row| row.place == Place::Lost) < range.end;
        let target_s = match kind {
            Kind::Window | Kind::Quiet => self.target_s,
            Kind::Closed => target::of(self.segments(range).map(|segment| segment.duration_us)),
        };
        playable.then_some(Head {
            kind,
            target_s,
            msn: first.msn,
            discontinuity_seq: first.left(),
        })
    }

    /// The text of a playlist.
    pub fn text(&self, head: &Head, range: Range<u64>, style: Style<'_>) -> String {
        self.behind(head.text(), head, range, style)
    }

    /// The delta update of the whole, for whoever has a copy younger than half the Skip Boundary; nothing where there is
    /// nothing to skip.
    pub fn delta(&self, head: &Head, style: Style<'_>) -> Option<String> {
        let kept = self.within(recorded::skip_boundary_us(head.target_s));
        let skipped = kept - self.first;
        (skipped > 0).then(|| self.behind(head.delta(skipped), head, kept..self.next, style))
    }

    /// A playlist in gzip. What is made of full blocks is kept with them, so that the next version costs its ends.
    pub fn gzip(&self, head: &Head, range: Range<u64>, style: Style<'_>) -> Vec<u8> {
        let mut zipped = Vec::new();
        let mut text = head.text();
        for (block, within) in self.pieces(range) {
            if within == block.range() && block.is_full() {
                let before = std::mem::take(&mut text);
                zipped.push(Arc::new(zip::piece(&before)));
                zipped.push(block.zipped(style));
            } else {
                block.push(&mut text, within, style);
            }
        }
        text.push_str(head.foot());
        zipped.push(Arc::new(zip::piece(&text)));
        zip::gzip(&zipped)
    }

    fn behind(&self, mut text: String, head: &Head, range: Range<u64>, style: Style<'_>) -> String {
        let segments = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(0);
        text.reserve(segments * recorded::BYTES + 64);
        for (block, within) in self.pieces(range) {
            block.push(&mut text, within, style);
        }
        text.push_str(head.foot());
        text
    }

    /// The blocks of listed segments, each with those of its numbers that are meant.
    fn pieces(&self, range: Range<u64>) -> impl Iterator<Item = (&Arc<Block>, Range<u64>)> {
        let range = self.clip(range);
        let begin = self.position(range.start).map_or(self.blocks.len(), |(block, _)| block);
        let from_first = self.blocks.iter().skip(begin);
        from_first.map_while(move |block| {
            let within = block.range();
            let within = within.start.max(range.start)..within.end.min(range.end);
            (within.start < within.end).then_some((block, within))
        })
    }

    /// Missing segments share the time that is missing; discontinuities that are missing are the first ones'.
    fn fill(&mut self, next: &Recorded) {
        let missing = next.msn - self.next;
        let missing_us = next.started_at_ms.saturating_mul(1000).saturating_sub(self.end_us);
        let share_us = u64::try_from(missing_us).unwrap_or(0).checked_div(missing);
        let longest_us = u64::from(self.target_s) * 1_000_000;
        for _ in 0..missing {
            let discontinuity = self.discontinuity_seq < next.left();
            self.put(Recorded {
                msn: self.next,
                started_at_ms: self.end_us.div_euclid(1000),
                duration_us: share_us.unwrap_or(0).min(longest_us),
                discontinuity,
                discontinuity_seq: self.discontinuity_seq + u64::from(discontinuity),
                place: Place::Lost,
            });
        }
    }

    fn put(&mut self, segment: Recorded) {
        if self.blocks.back().is_none_or(|block| block.is_full()) {
            self.blocks.push_back(Arc::new(Block::new(segment.msn, segment.left())));
        }
        if let Some(block) = self.blocks.back_mut() {
            Arc::make_mut(block).put(&segment);
        }
        self.next = segment.msn + 1;
        self.discontinuity_seq = segment.discontinuity_seq;
        self.end_us = Row::of(&segment).end_us();
    }

    /// The first listed segment for which `is_before` does not hold; it holds for all up to one, and for none behind.
    fn partition(&self, is_before: impl Fn(&Row) -> bool) -> u64 {
        let (mut low, mut high) = (self.first, self.next.max(self.first));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.row(middle).is_some_and(&is_before) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    /// The first listed segment from `msn` on for which `is_passed` does not hold.
    fn partition_from(&self, msn: u64, is_passed: impl Fn(&Row) -> bool) -> u64 {
        let passed = (msn..self.next).take_while(|msn| self.row(*msn).is_some_and(&is_passed));
        msn + passed.count() as u64
    }

    fn row(&self, msn: u64) -> Option<&Row> {
        let (block, row) = self.position(msn)?;
        self.blocks.get(block)?.row(row)
    }

    /// The block that has a segment, and its place in it.
    fn position(&self, msn: u64) -> Option<(usize, usize)> {
        let from = msn.checked_sub(self.blocks.front()?.range().start)?;
        let from = usize::try_from(from).ok()?;
        Some((from / BLOCK, from % BLOCK))
    }
}
