//! What is asked for, and what came of it.

use std::path::PathBuf;
use std::time::Duration;

use sluice_domain::Millis;
use sluice_domain::clip::Mode;

/// A closed segment to cut from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// An MPEG-TS file that begins with a keyframe.
    pub path: PathBuf,
    /// The wall clock at its first frame.
    pub started_at: Millis,
    /// Microseconds of media.
    pub duration_us: i64,
    /// Its timestamps do not go on from the segment before it.
    pub discontinuity: bool,
}

/// A clip to make.
///
/// A frame is in it when its wall clock, in whole milliseconds, is at or after `start` and before `end`. A fast one
/// begins at the keyframe before, and may have a few frames more at its end.
#[derive(Clone, Debug)]
pub struct Cut {
    /// In the order of time. Those that lie outside are looked into, but cost nothing else; the one after the end
    /// should be there if it exists, for a segment's last sound is written at the head of the next.
    pub segments: Vec<Source>,
    /// Of the first frame.
    pub start: Millis,
    /// Behind the last frame.
    pub end: Millis,
    /// How exactly.
    pub mode: Mode,
    /// Goes into the file.
    pub title: Option<String>,
    /// Where the MP4 is written.
    pub out: PathBuf,
    /// Where a JPEG of the first frame is written. None is where a show has no picture.
    pub poster: PathBuf,
    /// A directory for what is needed on the way; whoever asks removes it.
    pub scratch: PathBuf,
    /// When it is given up.
    pub time_limit: Duration,
    /// The encoder.
    pub ffmpeg: Ffmpeg,
}

/// The ffmpeg program and what of the machine it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ffmpeg {
    /// A path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    /// Threads of each decoder and each encoder.
    pub threads: u8,
}

impl Default for Ffmpeg {
    /// `ffmpeg` out of `PATH`, with two threads: playlists need the rest of the machine.
    fn default() -> Self {
        Self {
            program: "ffmpeg".into(),
            threads: 2,
        }
    }
}

/// A clip that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The wall clock at its first frame.
    pub actual_start: Millis,
    /// How long it plays, in milliseconds.
    pub duration_ms: i64,
    /// The MP4's length.
    pub bytes: u64,
    /// In pixels; 0 without a picture.
    pub width: u32,
    /// In pixels; 0 without a picture.
    pub height: u32,
    /// Frames in a thousand seconds; 0 without a picture.
    pub frame_rate_milli: u32,
    /// There is a poster.
    pub has_poster: bool,
}
