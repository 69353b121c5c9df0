//! Cuts a segment into partial segments while it is written.
//!
//! Enter by [`Cutter`]: it is told the bytes as they come and answers with the parts that have become whole. It
//! keeps a partial packet, the two tables and a few counters, never media, and knows nothing of files or playlists.
//! A byte costs the same work whatever the stream says, and the same bytes give the same parts however they come.
//!
//! - Parts are ranges of bytes that follow one another: audio that nginx-rtmp writes late comes where it stands.
//! - No frame is in two parts.
//! - A part ends at the frame that is nearest to the next line of a grid, and is there as soon as its last frame is
//!   whole: when the next one will begin is foreseen from those before. So lengths are those of media time, and what
//!   was foreseen wrong, a millisecond as a rule, is the next part's.
//! - Where the segment is expected to end, its last part is there with its close, and whole.
//! - No part is longer than [`part_target_us`], and none but the last is shorter than 85% of it. Where time is missing
//!   between two frames, or frames are rarer than parts, those that follow get parts of their own until the time
//!   listed is the time written; a segment without the frames for that is told too short.

mod clock;
mod frames;
mod grid;
mod open;

use clock::Clock;
use frames::Frames;
use grid::{Grid, Moment};
use open::{Open, Unit};

use crate::ts::packet::{BYTES, Packet};
use crate::ts::tables::{Kind, Table};

/// How long a session's first segment is sound alone until it is believed to be so, in microseconds. Encoders on mobile
/// devices send sound for some tenths of a second before they know of their picture; a player that began with such a
/// part would have no place for the picture.
const SOUND_ALONE_US: i64 = 1_000_000;

/// The shortest part, in microseconds: what is left when nothing is.
const SHORTEST_US: i64 = 1000;

/// A partial segment: a range of the segment's bytes, beginning where the one before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, in bytes from the segment's beginning.
    pub offset: u64,
    /// How many bytes it has; never 0.
    pub bytes: u64,
    /// Its length in microseconds, never 0 and never more than [`part_target_us`].
    pub duration_us: u64,
    /// A player can begin with it: its first video frame is a keyframe, or the session has no video at all.
    pub independent: bool,
}

/// The longest that a part may be declared, PART-TARGET, in microseconds: a tenth more than the grid's step, in whole
/// milliseconds.
pub fn part_target_us(grid_us: u64) -> u64 {
    (grid_us / 10)
        .saturating_add(grid_us)
        .div_ceil(1000)
        .saturating_mul(1000)
}

/// Cuts one segment, from its first byte to its last.
#[derive(Clone, Debug)]
pub struct Cutter {
    grid: Grid,
    has_video: Option<bool>,
    frames: Frames,
    clock: Clock,
    open: Open,
    /// The time at which the open part begins, in microseconds from the segment's beginning: the sum of those cut.
    from_us: i64,
    /// The length that the segment is expected to have.
    expected_us: Option<i64>,
    /// The bytes of whole packets so far.
    offset: u64,
    /// The beginning of a packet.
    partial: Vec<u8>,
    /// Parts of sound of which it is not known yet whether one can begin with them.
    held: Vec<Part>,
    association: Option<[u8; BYTES]>,
    tables: Option<[u8; 2 * BYTES]>,
}

impl Cutter {
    /// A cutter for a segment that begins. Parts are about `grid_us` microseconds long. `has_video` is what is known
    /// of the session so far; nothing in its first segment.
    pub fn new(grid_us: u64, has_video: Option<bool>) -> Self {
        let grid = Grid::new(grid_us);
        Self {
            grid,
            has_video,
            frames: Frames::default(),
            clock: Clock::new(grid.step_us()),
            open: Open::default(),
            from_us: 0,
            expected_us: None,
            offset: 0,
            partial: Vec::with_capacity(BYTES),
            held: Vec::new(),
            association: None,
            tables: None,
        }
    }

    /// The segment is expected to be so long, in microseconds, as the one before it was. The part that ends there waits
    /// for another picture or for the close: nginx-rtmp writes the sound that it still has when it closes a segment, and
    /// that would be a part of its own, of no length, in every segment.
    #[must_use]
    pub fn expecting(mut self, duration_us: u64) -> Self {
        self.expected_us = i64::try_from(duration_us).ok();
        self
    }

    /// Takes bytes that follow those so far, any number of them, and gives the parts that have become whole.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Part> {
        let mut parts = std::mem::take(&mut self.held);
        self.packets(bytes, &mut parts);
        if self.has_video().is_none() {
            self.held = parts;
            return Vec::new();
        }
        parts
    }

    fn packets(&mut self, mut bytes: &[u8], parts: &mut Vec<Part>) {
        if !self.partial.is_empty() {
            let missing = bytes.len().min(BYTES - self.partial.len());
            let (head, rest) = bytes.split_at(missing);
            self.partial.extend_from_slice(head);
            bytes = rest;
            if self.partial.len() < BYTES {
                return;
            }
            let packet = std::mem::take(&mut self.partial);
            self.packet(&packet, parts);
            self.partial = packet;
            self.partial.clear();
        }
        let mut packets = bytes.chunks_exact(BYTES);
        for packet in &mut packets {
            self.packet(packet, parts);
        }
        self.partial.extend_from_slice(packets.remainder());
    }

    /// One can begin with any part of a segment in which no picture came, as far as it was seen when the part was whole.
    fn decide<'p>(&self, parts: impl Iterator<Item = &'p mut Part>) {
        if self.has_video.or(self.clock.has_video()) == Some(false) && self.has_video() != Some(true) {
            parts.for_each(|part| part.independent = true);
        }
    }

    /// The segment is closed, all its bytes were pushed and it is so long, in microseconds: gives what is left of it.
    pub fn finish(mut self, duration_us: u64) -> Vec<Part> {
        self.open.boundary(self.offset + self.partial.len() as u64);
        let duration_us = i64::try_from(duration_us).unwrap_or(i64::MAX);
        let mut parts = std::mem::take(&mut self.held);
        while self.open.pieces() > 0 {
            let left_us = duration_us.saturating_sub(self.from_us);
            // Time is missing at the end: as many of the last pieces as are needed become parts of their own.
            let more = left_us.saturating_sub(1).max(0) / self.grid.target_us();
            let more = usize::try_from(more).unwrap_or(usize::MAX);
            let units = self.open.pieces().saturating_sub(more).max(1);
            parts.extend(self.cut(units, left_us.clamp(SHORTEST_US, self.grid.target_us())));
        }
        self.decide(parts.iter_mut());
        parts
    }

    /// The packets of the program association and the program map, 376 bytes, once they were pushed.
    pub fn tables(&self) -> Option<&[u8]> {
        self.tables.as_ref().map(<[u8; 2 * BYTES]>::as_slice)
    }

    /// The decoding time of the first video frame, or of the first audio where there is no video, in ticks of
    /// 1/90,000 s modulo 2^33; nothing until it is known.
    pub fn first_dts(&self) -> Option<i64> {
        self.clock.origin()
    }

    /// What is known now of whether the session has video: for the cutter of its next segment.
    pub fn has_video(&self) -> Option<bool> {
        match (self.has_video, self.clock.has_video()) {
            (_, Some(true)) => Some(true),
            (None, Some(false)) => (self.from_us >= SOUND_ALONE_US).then_some(false),
            (known, _) => known,
        }
    }

    /// Takes a packet, and decides at once what it tells of the parts so far: a push may carry what comes much later.
    fn packet(&mut self, bytes: &[u8], parts: &mut Vec<Part>) {
        let (before, known) = (parts.len(), self.has_video().is_some());
        self.take(bytes, parts);
        if self.has_video().is_some() {
            self.decide(parts.iter_mut().skip(if known { before } else { 0 }));
        }
    }

    fn take(&mut self, bytes: &[u8], parts: &mut Vec<Part>) {
        let begin = self.offset;
        self.offset += BYTES as u64;
        let Some(packet) = Packet::read(bytes) else { return };
        let seen = self.frames.take(&packet);
        if let Some(table) = seen.table {
            self.keep(table, bytes);
        }
        if let Some(start) = seen.start {
            let moment = start.dts.and_then(|dts| self.clock.starts(start.kind, dts));
            if start.at_boundary {
                self.open.boundary(begin);
                parts.extend(moment.and_then(|moment| self.cut_at(moment)));
            }
            self.open.frame(start.kind, start.key);
        }
        if let Some(kind) = seen.end {
            self.open.boundary(self.offset);
            let foreseen = self.clock.ends(kind).filter(|end| !self.is_close(kind, *end));
            parts.extend(foreseen.and_then(|moment| self.cut_at(moment)));
        }
    }

    /// The segment is expected to be closed now.
    fn is_close(&self, kind: Kind, end: Moment) -> bool {
        let off_us = self.expected_us.map(|us| us.saturating_sub(end.at_us).saturating_abs());
        kind == Kind::Video && off_us.is_some_and(|us| us < end.step_us / 2)
    }

    fn cut_at(&mut self, moment: Moment) -> Option<Part> {
        if !self.grid.is_due(self.from_us, moment) {
            return None;
        }
        let us = self.grid.length_us(self.from_us, moment);
        self.cut(self.open.pieces(), us)
    }

    /// Cuts the open part's first units off, as a part of this length.
    fn cut(&mut self, units: usize, duration_us: i64) -> Option<Part> {
        let offset = self.open.begin();
        let Unit { end, key } = self.open.cut(units)?;
        self.from_us = self.from_us.saturating_add(duration_us);
        Some(Part {
            offset,
            bytes: end - offset,
            duration_us: duration_us.unsigned_abs(),
            independent: key.unwrap_or(false),
        })
    }

    /// Keeps the first of each table.
    fn keep(&mut self, table: Table, bytes: &[u8]) {
        let Ok(packet) = <[u8; BYTES]>::try_from(bytes) else {
            return;
        };
        match (table, self.association) {
            (Table::Association, None) => self.association = Some(packet),
            (Table::Map, Some(association)) if self.tables.is_none() => {
                let mut tables = [0; 2 * BYTES];
                let (first, second) = tables.split_at_mut(BYTES);
                first.copy_from_slice(&association);
                second.copy_from_slice(&packet);
                self.tables = Some(tables);
            }
            _ => (),
        }
    }
}
