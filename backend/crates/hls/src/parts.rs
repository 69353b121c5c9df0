//! Cuts a segment into partial segments while it is written.
//!
//! Enter by [`Cutter`]: it is told the bytes as they come and answers with the parts that have become whole. It
//! keeps a partial packet and a few counters, never media, and knows nothing of files or playlists.

/// A partial segment: a range of the segment's bytes, beginning where the one before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins, in bytes from the segment's beginning.
    pub offset: u64,
    /// How many bytes it has; never 0.
    pub bytes: u64,
    /// Its length in microseconds, never more than [`part_target_us`].
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
    has_video: Option<bool>,
    bytes: u64,
}

impl Cutter {
    /// A cutter for a segment that begins. Parts are about `grid_us` microseconds long. `has_video` is what is known
    /// of the session so far; nothing in its first segment.
    pub fn new(_grid_us: u64, has_video: Option<bool>) -> Self {
        Self { has_video, bytes: 0 }
    }

    /// Takes bytes that follow those so far, any number of them, and gives the parts that have become whole.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Part> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        Vec::new()
    }

    /// The segment is closed, all its bytes were pushed and it is so long, in microseconds: gives what is left of it.
    pub fn finish(self, duration_us: u64) -> Vec<Part> {
        let rest = Part {
            offset: 0,
            bytes: self.bytes,
            duration_us,
            independent: false,
        };
        (self.bytes > 0).then_some(rest).into_iter().collect()
    }

    /// The packets of the program association and the program map, 376 bytes, once they were pushed.
    pub fn tables(&self) -> Option<&[u8]> {
        None
    }

    /// The decoding time of the first video frame, or of the first audio where there is no video, in ticks of
    /// 1/90,000 s modulo 2^33; nothing until it is known.
    pub fn first_dts(&self) -> Option<i64> {
        None
    }

    /// What is known now of whether the session has video: for the cutter of its next segment.
    pub fn has_video(&self) -> Option<bool> {
        self.has_video
    }
}
