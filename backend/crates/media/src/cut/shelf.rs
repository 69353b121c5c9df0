//! The media at hand: segments and what was encoded, taken apart when they are needed and kept for a while.

use std::collections::VecDeque;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::CutError;
use crate::ts::{Segment, Stream, Unit};
use crate::{aac, h264};

/// What is kept in memory. Half a minute at 6 Mb/s has 23 MB, and is then read once; a longer clip is read twice.
const KEPT_BYTES: usize = 48 << 20;

/// Files of media, by number, and the latest of them in memory.
#[derive(Debug)]
pub(crate) struct Shelf {
    files: Vec<File>,
    kept: VecDeque<(usize, Arc<Segment>)>,
    weight: usize,
    stopped: Arc<AtomicBool>,
}

/// What a file holds.
#[derive(Clone, Debug)]
enum File {
    /// A recorded segment.
    Recorded(PathBuf),
    /// Access units that begin with a delimiter each.
    Video(PathBuf),
    /// ADTS frames.
    Audio(PathBuf),
}

/// Where the bytes of a frame are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file's number.
    pub(crate) file: usize,
    /// The bytes in its stream.
    pub(crate) bytes: Range<usize>,
}

impl Shelf {
    /// Recorded segments, numbered in this order. Nothing is read any more once `stopped` is set.
    pub(crate) fn new(recorded: impl Iterator<Item = PathBuf>, stopped: Arc<AtomicBool>) -> Self {
        Self {
            files: recorded.map(File::Recorded).collect(),
            kept: VecDeque::new(),
            weight: 0,
            stopped,
        }
    }

    /// Adds what was encoded; returns its number.
    pub(crate) fn add_video(&mut self, path: PathBuf) -> usize {
        self.files.push(File::Video(path));
        self.files.len() - 1
    }

    /// Adds what was encoded; returns its number.
    pub(crate) fn add_audio(&mut self, path: PathBuf) -> usize {
        self.files.push(File::Audio(path));
        self.files.len() - 1
    }

    /// A file's media. [`CutError::Damaged`] where it is not what it should be.
    pub(crate) fn get(&mut self, number: usize) -> Result<Arc<Segment>, CutError> {
        if let Some((_, kept)) = self.kept.iter().find(|(kept, _)| *kept == number) {
            return Ok(Arc::clone(kept));
        }
        if self.stopped.load(Ordering::Relaxed) {
            return Err(CutError::Internal("nobody waits for the clip any more".to_owned()));
        }
        let file = self.files.get(number);
        let file = file.ok_or_else(|| CutError::Internal("no such file of media".to_owned()))?;
        let segment = Arc::new(file.read()?);
        self.keep(number, &segment);
        Ok(segment)
    }

    /// The path of a file.
    pub(crate) fn path(&self, number: usize) -> &Path {
        self.files.get(number).map_or(Path::new(""), File::path)
    }

    fn keep(&mut self, number: usize, segment: &Arc<Segment>) {
        self.weight += segment.weight();
        self.kept.push_back((number, Arc::clone(segment)));
        while self.weight > KEPT_BYTES && self.kept.len() > 1 {
            if let Some((_, oldest)) = self.kept.pop_front() {
                self.weight -= oldest.weight();
            }
        }
    }
}

impl File {
    fn path(&self) -> &Path {
        match self {
            Self::Recorded(path) | Self::Video(path) | Self::Audio(path) => path,
        }
    }

    fn read(&self) -> Result<Segment, CutError> {
        let path = self.path();
        let bytes = fs::read(path).map_err(CutError::io("reading", path))?;
        match self {
            Self::Recorded(_) => Segment::read(&bytes).map_err(|damage| CutError::damaged(path, damage.to_string())),
            Self::Video(_) => Ok(Segment {
                video: stream(h264::delimited(&bytes), bytes),
                ..Segment::default()
            }),
            Self::Audio(_) => {
                let frames = aac::frames(&bytes).unwrap_or_default();
                let whole = frames.into_iter().map(|frame| frame.start..frame.bytes.end);
                Ok(Segment {
                    audio: stream(whole.collect(), bytes),
                    ..Segment::default()
                })
            }
        }
    }
}

/// A stream that tells no times.
fn stream(units: Vec<Range<usize>>, bytes: Vec<u8>) -> Stream {
    let timeless = |bytes| Unit { pts: 0, dts: 0, bytes };
    Stream {
        units: units.into_iter().map(timeless).collect(),
        bytes,
    }
}
