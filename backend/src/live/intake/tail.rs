//! One session's segment, read while nginx writes it.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path, sync::Arc};

use actix_web::web::Bytes;
use sluice_hls::parts::{Cutter, Part};

use crate::live::{
    parts::InFlight,
    shelf::{Cut, PartFile},
};

/// Timestamps count 90,000 a second, in 33 bits.
const WRAP: i64 = 1 << 33;
/// Timestamps that are off by more than this do not continue those before: half a second.
const JUMP: u64 = 45_000;

/// Cuts the segments of one session, one after the other.
pub(super) struct Tail {
    grid_us: u64,
    reading: Option<Reading>,
    /// Where the segment before ends, in ticks; nothing where there is none or it is not known.
    end: Option<i64>,
    has_video: Option<bool>,
}

/// A segment that is being read.
struct Reading {
    name: String,
    opened_at_ms: i64,
    file: Arc<File>,
    /// It is the first of its session.
    is_first: bool,
    /// How far it was read.
    bytes: u64,
    /// Nothing once the segment is closed.
    cutter: Option<Cutter>,
    tables: Bytes,
    first_dts: Option<i64>,
    /// Parts that were not handed on yet.
    ready: Vec<Cut>,
}

impl Tail {
    /// For a session whose newest closed segment ends at `end`, in ticks of 1/90,000 s, if there is one.
    pub(super) fn new(grid_us: u64, end: Option<i64>) -> Self {
        Self {
            grid_us,
            reading: None,
            end,
            has_video: None,
        }
    }

    /// The segment that is being read: when nginx opened its file, in milliseconds since the epoch.
    pub(super) fn opened_at_ms(&self) -> Option<i64> {
        self.reading.as_ref().map(|reading| reading.opened_at_ms)
    }

    /// Whether this file is being read.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.name == name)
    }

    /// Begins with a file; what was read of another is forgotten.
    pub(super) fn open(&mut self, path: &Path, opened_at_ms: i64, is_first: bool) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.reading = Some(Reading {
            name,
            opened_at_ms,
            file: Arc::new(File::open(path)?),
            is_first,
            bytes: 0,
            cutter: Some(Cutter::new(self.grid_us, self.has_video)),
            tables: Bytes::new(),
            first_dts: None,
            ready: Vec::new(),
        });
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
        reading.read_on(buffer)?;
        if let Some(cutter) = reading.cutter.take() {
            self.has_video = cutter.has_video().or(self.has_video);
            let rest = cutter.finish(duration_us);
            reading.take(rest);
        }
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

    /// Whether the timestamps of the segment that is being read do not continue those of the one before.
    pub(super) fn is_discontinuous(&self) -> bool {
        let Some(reading) = &self.reading else {
            return false;
        };
        let jumps = reading
            .first_dts
            .zip(self.end)
            .map(|(dts, end)| distance(dts, end) > JUMP);
        reading.is_first || jumps.unwrap_or(false)
    }

    /// The segment that is being read is on the timeline, so long in microseconds; the next may be opened.
    pub(super) fn closed(&mut self, duration_us: u64) {
        let first = self.reading.take().and_then(|reading| reading.first_dts);
        self.end = first.map(|dts| end(dts, duration_us));
    }
}

impl Reading {
    fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        while let Some(cutter) = &mut self.cutter {
            let read = match self.file.read_at(buffer, self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if read == 0 {
                break;
            }
            self.bytes += read as u64;
            let parts = cutter.push(buffer.get(..read).unwrap_or_default());
            self.first_dts = cutter.first_dts();
            if self.tables.is_empty() {
                self.tables = cutter.tables().map(Bytes::copy_from_slice).unwrap_or_default();
            }
            self.take(parts);
        }
        Ok(())
    }

    fn take(&mut self, parts: Vec<Part>) {
        for part in parts {
            let prefix = if part.offset == 0 {
                Bytes::new()
            } else {
                self.tables.clone()
            };
            self.ready.push(Cut {
                duration_us: part.duration_us,
                independent: part.independent,
                file: PartFile {
                    file: Arc::clone(&self.file),
                    offset: part.offset,
                    len: part.bytes,
                    prefix,
                    in_flight: InFlight::default(),
                },
            });
        }
    }
}

/// Where the media of a segment ends that begins with this timestamp.
pub(super) fn end(first_dts: i64, duration_us: u64) -> i64 {
    let ticks = i64::try_from(duration_us.saturating_mul(9) / 100).unwrap_or(0);
    first_dts.saturating_add(ticks)
}

/// How far two timestamps are apart, across the wrap.
fn distance(one: i64, other: i64) -> u64 {
    let forward = one.wrapping_sub(other).rem_euclid(WRAP);
    forward.min(WRAP - forward).unsigned_abs()
}
