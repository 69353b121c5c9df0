//! The bitrates of a show.

/// The bitrates of a show, over its segments, in bits per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// The highest of a single segment.
    pub peak_bps: u64,
    /// All bits by all seconds.
    pub average_bps: u64,
    bits: u64,
    duration_us: u64,
}

impl Rates {
    /// Takes in one more segment.
    pub fn add(&mut self, bytes: u64, duration_us: u64) {
        let bits = bytes.saturating_mul(8);
        self.bits = self.bits.saturating_add(bits);
        self.duration_us = self.duration_us.saturating_add(duration_us);
        self.peak_bps = self.peak_bps.max(per_second(bits, duration_us));
        self.average_bps = per_second(self.bits, self.duration_us);
    }
}

fn per_second(bits: u64, duration_us: u64) -> u64 {
    bits.saturating_mul(1_000_000).checked_div(duration_us).unwrap_or(0)
}
