//! One session's segments, read while nginx writes them: which of them is being read, and what it continues.

use std::{io, path::Path};

use sluice_hls::parts::Cutter;

use super::reading::Reading;
use crate::live::shelf::Cut;

/// Timestamps count 90,000 a second, in 33 bits.
const WRAP: i64 = 1 << 33;
/// Timestamps that are off by more than this do not continue those before: half a second.
const JUMP: u64 = 45_000;

/// Cuts the segments of one session, one after the other.
pub(super) struct Tail {
    grid_us: u64,
    reading: Option<Reading>,
    before: Before,
    has_video: Option<bool>,
}

/// The segment before, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    /// Where it ends, in ticks of 1/90,000 s.
    pub(super) end: Option<i64>,
    /// How long it is, in microseconds.
    pub(super) duration_us: Option<u64>,
}

impl Before {
    /// A segment that begins with this timestamp, if it is known, and is so long, in microseconds.
    pub(super) fn of(first_dts: Option<i64>, duration_us: u64) -> Self {
        let ticks = i64::try_from(duration_us.saturating_mul(9) / 100).unwrap_or(0);
        Self {
            end: first_dts.map(|dts| dts.saturating_add(ticks)),
            duration_us: Some(duration_us),
        }
    }
}

impl Tail {
    /// For a session whose newest closed segment is `before`.
    pub(super) fn new(grid_us: u64, before: Before) -> Self {
        Self {
            grid_us,
            reading: None,
            before,
            has_video: None,
        }
    }

    /// The segment that is being read: when nginx opened its file, in milliseconds since the epoch.
    pub(super) fn opened_at_ms(&self) -> Option<i64> {
        self.reading.as_ref().map(|reading| reading.opened_at_ms)
    }

    /// Whether a segment is being read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Whether this file is being read.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.name == name)
    }

    /// Begins with a file; what was read of another is forgotten.
    pub(super) fn open(&mut self, path: &Path, opened_at_ms: i64, is_first: bool) -> io::Result<()> {
        let cutter = Cutter::new(self.grid_us, self.has_video);
        let cutter = match self.before.duration_us {
            Some(duration_us) => cutter.expecting(duration_us),
            None => cutter,
        };
        self.reading = Some(Reading::open(path, opened_at_ms, is_first, cutter)?);
        Ok(())
    }

    /// Reads what was written since the last time.
    pub(super) fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        match &mut self.reading {
            Some(reading) => reading.read_on(buffer),
            None => Ok(()),
        }
    }

    /// Reads the rest: nginx has closed the file and says that it is so long, in microseconds.
    pub(super) fn finish(&mut self, duration_us: u64, buffer: &mut [u8]) -> io::Result<()> {
        let Some(reading) = &mut self.reading else {
            return Ok(());
        };
        self.has_video = reading.finish(duration_us, buffer)?.or(self.has_video);
        Ok(())
    }

    /// The parts that were not handed on yet.
    pub(super) fn ready(&self) -> &[Cut] {
        self.reading.as_ref().map_or(&[], |reading| &reading.ready)
    }

    /// The parts that are ready were handed on.
    pub(super) fn handed_on(&mut self) {
        if let Some(reading) = &mut self.reading {
            reading.ready.clear();
        }
    }

    /// Whether the timestamps of the segment that is being read do not continue those of the one before; nothing where
    /// nobody knows those.
    pub(super) fn is_discontinuous(&self) -> Option<bool> {
        let reading = self.reading.as_ref()?;
        if reading.is_first {
            return Some(true);
        }
        let (dts, end) = reading.first_dts.zip(self.before.end)?;
        Some(distance(dts, end) > JUMP)
    }

    /// The segment that is being read will never be on the timeline.
    pub(super) fn skipped(&mut self) {
        self.reading = None;
    }

    /// The segment that is being read is on the timeline, so long in microseconds; the next may be opened.
    pub(super) fn closed(&mut self, duration_us: u64) {
        let first = self.reading.take().and_then(|reading| reading.first_dts);
        self.before = Before::of(first, duration_us);
    }
}

/// How far two timestamps are apart, across the wrap.
fn distance(one: i64, other: i64) -> u64 {
    let forward = one.wrapping_sub(other).rem_euclid(WRAP);
    forward.min(WRAP - forward).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::Write,
        os::unix::fs::FileExt,
    };

    use super::*;

    /// Two seconds out of nginx-rtmp.
    const SEGMENT: &[u8] = include_bytes!("../../../crates/hls/tests/fixtures/nginx-rtmp-25-fps.ts");
    const STEP_US: u64 = 333_000;
    const TABLES: usize = 2 * 188;

    struct Spool {
        dir: tempfile::TempDir,
        tail: Tail,
        buffer: Vec<u8>,
    }

    impl Spool {
        fn new(before: Before) -> Self {
            Self {
                dir: tempfile::tempdir().unwrap(),
                tail: Tail::new(STEP_US, before),
                buffer: vec![0; 10_000],
            }
        }

        fn open(&mut self, opened_at_ms: i64, is_first: bool) -> File {
            let path = self.dir.path().join(format!("{opened_at_ms}.ts"));
            let file = File::create(&path).unwrap();
            self.tail.open(&path, opened_at_ms, is_first).unwrap();
            file
        }

        fn read_on(&mut self) -> Vec<Cut> {
            self.tail.read_on(&mut self.buffer).unwrap();
            self.hand_on()
        }

        fn finish(&mut self) -> Vec<Cut> {
            self.tail.finish(2_000_000, &mut self.buffer).unwrap();
            self.hand_on()
        }

        fn hand_on(&mut self) -> Vec<Cut> {
            let parts = self.tail.ready().to_vec();
            self.tail.handed_on();
            parts
        }

        /// Writes, reads and closes a whole segment.
        fn whole(&mut self, opened_at_ms: i64, is_first: bool) {
            self.open(opened_at_ms, is_first).write_all(SEGMENT).unwrap();
            self.finish();
        }
    }

    fn content(cut: &Cut) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(cut.file.len).unwrap()];
        cut.file.file.read_exact_at(&mut bytes, cut.file.offset).unwrap();
        bytes
    }

    #[test]
    fn the_parts_of_a_segment_that_grows_in_any_steps_are_its_bytes_behind_its_tables() {
        for step in [100, 188, 5_000, SEGMENT.len()] {
            let mut spool = Spool::new(Before::default());
            let mut file = spool.open(1_000, true);
            let mut parts = Vec::new();
            for piece in SEGMENT.chunks(step) {
                file.write_all(piece).unwrap();
                parts.extend(spool.read_on());
            }
            let before_close = parts.len();
            parts.extend(spool.finish());
            assert!(before_close >= 5, "only {before_close} parts before the close");
            let sum_us: u64 = parts.iter().map(|part| part.duration_us).sum();
            assert!(sum_us.abs_diff(2_000_000) <= 1_000, "{sum_us}");
            assert_eq!(parts.iter().flat_map(content).collect::<Vec<u8>>(), SEGMENT);
            let (first, later) = parts.split_first().unwrap();
            assert!(first.file.prefix.is_empty() && first.independent);
            assert!(
                later
                    .iter()
                    .all(|part| part.file.prefix == SEGMENT[..TABLES] && !part.independent)
            );
        }
    }

    #[test]
    fn a_segment_as_long_as_the_one_before_has_no_part_more_than_it_has_steps() {
        let mut spool = Spool::new(Before::default());
        for opened_at_ms in [1_000, 3_000, 5_000] {
            spool
                .open(opened_at_ms, opened_at_ms == 1_000)
                .write_all(SEGMENT)
                .unwrap();
            let parts = spool.finish();
            let before_is_known = opened_at_ms > 1_000;
            assert_eq!(parts.len() == 6, before_is_known, "{} parts", parts.len());
            spool.tail.closed(2_000_000);
        }
    }

    #[test]
    fn what_was_cut_can_be_read_when_the_file_has_left_the_spool() {
        let mut spool = Spool::new(Before::default());
        spool.open(1_000, true).write_all(SEGMENT).unwrap();
        let parts = spool.finish();
        fs::remove_file(spool.dir.path().join("1000.ts")).unwrap();
        assert_eq!(parts.iter().flat_map(content).collect::<Vec<u8>>(), SEGMENT);
    }

    #[test]
    fn a_segment_is_finished_once_and_its_last_parts_wait_until_they_are_handed_on() {
        let mut spool = Spool::new(Before::default());
        spool.open(1_000, true).write_all(SEGMENT).unwrap();
        spool.tail.finish(2_000_000, &mut spool.buffer).unwrap();
        let ready = spool.tail.ready().len();
        // The disk was full, say, and the segment is taken again.
        spool.tail.finish(2_000_000, &mut spool.buffer).unwrap();
        assert!(spool.tail.reads("1000.ts"));
        assert!(ready >= 6 && ready == spool.tail.ready().len());
        spool.tail.closed(2_000_000);
        assert_eq!((spool.tail.ready().len(), spool.tail.opened_at_ms()), (0, None));
    }

    #[test]
    fn timestamps_that_go_on_are_no_discontinuity_and_those_that_jump_are() {
        let mut spool = Spool::new(Before::default());
        spool.whole(1_000, true);
        assert_eq!(spool.tail.is_discontinuous(), Some(true), "the first of its session");
        let first = spool.tail.reading.as_ref().unwrap().first_dts.unwrap();
        // The same timestamps again stand for those that follow, where the segment before was of no length.
        for (duration_us, jumps) in [(0, false), (400_000, false), (600_000, true), (2_000_000, true)] {
            spool.tail.closed(duration_us);
            spool.whole(3_000, false);
            assert_eq!(spool.tail.is_discontinuous(), Some(jumps), "{duration_us}");
        }
        for (off, jumps) in [(0, false), (WRAP, false), (40_000 - WRAP, false), (50_000, true)] {
            let mut spool = Spool::new(Before::of(Some(first + off), 0));
            spool.whole(5_000, false);
            assert_eq!(spool.tail.is_discontinuous(), Some(jumps), "{off}");
        }
    }

    #[test]
    fn of_a_segment_before_which_nothing_is_known_nobody_says_whether_it_jumps() {
        let mut spool = Spool::new(Before::default());
        spool.whole(5_000, false);
        assert_eq!(spool.tail.is_discontinuous(), None);
    }
}
