//! One segment, read while nginx writes it.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path, sync::Arc};

use actix_web::web::Bytes;
use sluice_hls::parts::{Cutter, Part};

use super::lead;
use crate::live::{
    parts::InFlight,
    shelf::{Cut, PartFile},
};

/// More parts than this no segment has: nginx closes it after 20 s, and parts are 200 ms long at least. What timestamps
/// that jump about would make of it is not listed.
const PARTS_MOST: usize = 200;

/// A segment that is being read.
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) opened_at_ms: i64,
    file: Arc<File>,
    /// It is the first of its session.
    pub(super) is_first: bool,
    /// How far it was read.
    bytes: u64,
    /// Nothing once the segment is closed.
    cutter: Option<Cutter>,
    tables: Bytes,
    pub(super) first_dts: Option<i64>,
    /// How many parts it has so far.
    parts: usize,
    /// Parts that were not handed on yet.
    pub(super) ready: Vec<Cut>,
}

impl Reading {
    /// Begins with a file.
    pub(super) fn open(path: &Path, opened_at_ms: i64, is_first: bool, cutter: Cutter) -> io::Result<Self> {
        Ok(Self {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            opened_at_ms,
            // Of a session's first segment a part may be blanked.
            file: Arc::new(File::options().read(true).write(is_first).open(path)?),
            is_first,
            bytes: 0,
            cutter: Some(cutter),
            tables: Bytes::new(),
            first_dts: None,
            parts: 0,
            ready: Vec::new(),
        })
    }

    /// Reads what was written since the last time.
    pub(super) fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<()> {
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
            if self.is_first && self.first_dts.is_none() && cutter.first_dts().is_some() {
                lead::blank(&self.file)?;
            }
            self.first_dts = cutter.first_dts();
            if self.tables.is_empty() {
                self.tables = cutter.tables().map(Bytes::copy_from_slice).unwrap_or_default();
            }
            self.take(parts)?;
        }
        Ok(())
    }

    /// Reads the rest of a file that is closed and so long, in microseconds. Tells whether it has a picture, as far as
    /// that is known.
    pub(super) fn finish(&mut self, duration_us: u64, buffer: &mut [u8]) -> io::Result<Option<bool>> {
        self.read_on(buffer)?;
        let Some(cutter) = self.cutter.take() else {
            return Ok(None);
        };
        let has_video = cutter.has_video();
        let rest = cutter.finish(duration_us);
        self.take(rest)?;
        Ok(has_video)
    }

    fn take(&mut self, parts: Vec<Part>) -> io::Result<()> {
        self.parts += parts.len();
        if self.parts > PARTS_MOST {
            return Err(io::Error::other(format!("it would have more than {PARTS_MOST} parts")));
        }
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
        Ok(())
    }
}
