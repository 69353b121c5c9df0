//! What the files of a spool directory say.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sluice_hls::{
    nginx_playlist::{self, Spooled, opened_at_ms},
    ts,
};
use thiserror::Error;

use crate::{clock, live::spool::Candidate};

/// A segment file larger than this is not measured: 20 s at 200 Mb/s.
const MEASURED_MOST: u64 = 512 << 20;
/// How much of a segment is its head: half a minute of sound at 256 kb/s. What has no timestamp by then has none.
const HEAD: usize = 1 << 20;

/// Why segments have to wait in the spool.
#[derive(Debug, Error)]
pub(super) enum Error {
    /// The directory or a file in it.
    #[error("the spool cannot be read: {0}")]
    Io(#[from] io::Error),
    /// What nginx wrote.
    #[error("nginx's playlist cannot be read: {0}")]
    Playlist(#[from] nginx_playlist::Error),
    /// The disk, as a rule.
    #[error("the segment cannot be archived: {0}")]
    Archive(#[from] sluice_objects::Error),
}

impl Error {
    /// The archive's disk is full: whatever is tried next is refused as well, until there is room again.
    pub(super) fn is_no_room(&self) -> bool {
        let Self::Archive(error) = self else { return false };
        matches!(
            error.disk(),
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        )
    }
}

/// How long a segment is that no playlist lists.
pub(super) struct Measured {
    /// Its file.
    pub(super) file: PathBuf,
    /// 0 for a file without a frame, or with a single one, which has no length.
    pub(super) duration_us: u64,
}

/// What nginx's playlist says of a segment. nginx leaves the last frame of a publish out of its length: a lone closing
/// keyframe is listed with none, and is as good as not listed.
pub(super) fn listed(candidate: &Candidate) -> Option<Spooled> {
    candidate.listed.clone().filter(|listed| listed.duration_us > 0)
}

/// The same of a segment that was measured; nothing for one without a length.
pub(super) fn described(candidate: &Candidate, duration_us: u64) -> Option<Spooled> {
    (duration_us > 0).then(|| Spooled {
        seq: candidate.seq,
        file: candidate.file.clone(),
        opened_at_ms: candidate.opened_at_ms,
        duration_us,
        discontinuity: candidate.seq == 0,
    })
}

/// Measures a segment; as long as the disk takes to read it.
pub(super) fn measured(file: PathBuf) -> Result<Measured, Error> {
    let source = File::open(&file)?;
    if source.metadata()?.len() > MEASURED_MOST {
        return Ok(Measured { file, duration_us: 0 });
    }
    let duration_us = match ts::span(source) {
        Err(ts::Error::Unreadable(error)) => return Err(error.into()),
        span => span.map_or(0, |span| span.duration_us),
    };
    Ok(Measured { file, duration_us })
}

/// nginx's playlist; empty before its first commit.
pub(super) fn read_playlist(path: &Path) -> Result<Vec<Spooled>, Error> {
    match fs::read(path) {
        Ok(text) => Ok(nginx_playlist::parse(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// The names of the segment files in a directory; none where there is no directory.
pub(super) fn segment_files(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| opened_at_ms(name).is_some()).collect())
}

/// The size of a file; nothing where there is none.
pub(super) fn size(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The beginning of a segment: its tables, the sound in front of its first picture, and that picture's first packet.
pub(super) fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let mut read = 0;
    while let Some(rest) = head.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(read);
    Ok(head)
}

/// How long ago nginx committed.
pub(super) fn lag(playlist: &Path) -> Option<Duration> {
    let committed = fs::metadata(playlist).and_then(|metadata| metadata.modified()).ok()?;
    let committed = committed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(clock::now().0.unsigned_abs());
    Some(now.saturating_sub(committed))
}
