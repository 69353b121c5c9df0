//! Some hundred segments in a row.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use super::zip::{self, Zipped};
use crate::recorded::{self, Place, Recorded, Style};

/// Segments of a block. With each version of a playlist the two blocks at its ends are compressed again, and each block
/// on its own compresses the worse the smaller it is: with so many by 5%.
pub(super) const BLOCK: usize = 256;

/// Segments in a row, a few hundred at most, and their lines in gzip once somebody has asked for them.
#[derive(Clone, Debug)]
pub(super) struct Block {
    first: u64,
    /// How many discontinuities the channel had before these.
    discontinuities: u64,
    rows: Vec<Row>,
    zipped: OnceLock<Arc<Zipped>>,
}

/// What is held of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) started_at_ms: i64,
    pub(super) duration_us: u32,
    pub(super) place: Place,
    discontinuity: bool,
}

impl Block {
    /// An empty block. `discontinuities`: how many the channel had before it.
    pub(super) fn new(first: u64, discontinuities: u64) -> Self {
        Self {
            first,
            discontinuities,
            rows: Vec::with_capacity(BLOCK),
            zipped: OnceLock::new(),
        }
    }

    /// Adds the next segment.
    pub(super) fn put(&mut self, segment: &Recorded) {
        self.rows.push(Row::of(segment));
        self.zipped = OnceLock::new();
    }

    /// Says where a segment is; false where it is not one of these.
    pub(super) fn set_place(&mut self, msn: u64, place: Place) -> bool {
        let at = msn.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        let row = at.and_then(|at| self.rows.get_mut(at));
        self.zipped = OnceLock::new();
        row.map(|row| row.place = place).is_some()
    }

    pub(super) fn row(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }

    pub(super) const fn is_full(&self) -> bool {
        self.rows.len() == BLOCK
    }

    /// The numbers of its segments.
    pub(super) const fn range(&self) -> Range<u64> {
        self.first..self.end()
    }

    /// One more than the number of its newest segment.
    pub(super) const fn end(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    /// Some of its segments.
    pub(super) fn segments(&self, range: Range<u64>) -> impl Iterator<Item = Recorded> {
        let mut discontinuity_seq = self.discontinuities;
        let numbered = (self.first..).zip(&self.rows).map(move |(msn, row)| {
            discontinuity_seq += u64::from(row.discontinuity);
            Recorded {
                msn,
                started_at_ms: row.started_at_ms,
                duration_us: row.duration_us.into(),
                discontinuity: row.discontinuity,
                discontinuity_seq,
                place: row.place,
            }
        });
        numbered.filter(move |segment| range.contains(&segment.msn))
    }

    /// Writes some of its segments.
    pub(super) fn push(&self, text: &mut String, range: Range<u64>, style: Style<'_>) {
        self.segments(range)
            .for_each(|segment| recorded::push(text, &segment, style));
    }

    /// All its segments in gzip.
    pub(super) fn zipped(&self, style: Style<'_>) -> Arc<Zipped> {
        Arc::clone(self.zipped.get_or_init(|| {
            let mut text = String::with_capacity(self.rows.len() * recorded::BYTES);
            self.push(&mut text, self.range(), style);
            Arc::new(zip::piece(&text))
        }))
    }
}

impl Row {
    /// A segment longer than an hour is held as one of an hour; nginx cuts at twenty seconds.
    pub(super) fn of(segment: &Recorded) -> Self {
        Self {
            started_at_ms: segment.started_at_ms,
            duration_us: u32::try_from(segment.duration_us).unwrap_or(u32::MAX),
            place: segment.place,
            discontinuity: segment.discontinuity,
        }
    }

    /// Where it ends, in microseconds since the epoch.
    pub(super) fn end_us(&self) -> i64 {
        let start_us = self.started_at_ms.saturating_mul(1000);
        start_us.saturating_add(self.duration_us.into())
    }
}
