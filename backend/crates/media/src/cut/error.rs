//! Why a clip was not made.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use thiserror::Error;

use crate::Error;

/// How the system says that there is no room: ENOSPC, EDQUOT, EFBIG.
const FULL: [&str; 3] = ["No space left", "Disk quota exceeded", "File too large"];

/// Why there is no clip. The texts are for operators; they may name paths.
#[derive(Debug, Error)]
pub enum CutError {
    /// ffmpeg is not installed, or cannot encode H.264.
    #[error("the encoder is missing: {0}")]
    EncoderMissing(String),
    /// It took longer than it may.
    #[error("the clip was given up after {0} ms")]
    TimedOut(u128),
    /// There is no room for the clip, or for what is needed on the way.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// A segment cannot be read as what it should be.
    #[error("{} is damaged: {why}", segment.display())]
    Damaged {
        /// The segment, or the first of those that are.
        segment: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Not one frame lies in the range.
    #[error("there is nothing in the range")]
    Nothing,
    /// Whatever else; a fault of the machine or of this program.
    #[error("{0}")]
    Internal(String),
}

impl CutError {
    /// The stable code of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EncoderMissing(_) => "encoder_missing",
            Self::TimedOut(_) => "timed_out",
            Self::DiskFull(_) => "disk_full",
            Self::Damaged { .. } => "damaged_segment",
            Self::Nothing => "no_segments_in_range",
            Self::Internal(_) => "internal",
        }
    }

    /// A segment that is not what it should be.
    pub(crate) fn damaged(segment: &Path, why: impl Into<String>) -> Self {
        Self::Damaged {
            segment: segment.to_owned(),
            why: why.into(),
        }
    }

    /// What the system said about a file.
    pub(crate) fn io(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{doing} {}", path.display());
        move |error| match error.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOSPC | Errno::EDQUOT | Errno::EFBIG) => Self::DiskFull(format!("{what}: {error}")),
            _ => Self::Internal(format!("{what}: {error}")),
        }
    }
}

impl From<Error> for CutError {
    /// What ffmpeg said, or that it said nothing.
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Missing(_) => Self::EncoderMissing(text),
            Error::Refused { reason, .. } if reason.contains("Unknown encoder") => Self::EncoderMissing(text),
            Error::Refused { reason, .. } if FULL.iter().any(|words| reason.contains(words)) => Self::DiskFull(text),
            Error::Slow { after_ms, .. } => Self::TimedOut(after_ms),
            _ => Self::Internal(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_whoever_meets_it() {
        let full = CutError::io("writing", Path::new("/x"))(io::Error::from_raw_os_error(Errno::ENOSPC as i32));
        assert_eq!(full.code(), "disk_full");
        let ffmpeg = Error::Refused {
            program: "ffmpeg".into(),
            reason: "av_interleaved_write_frame(): No space left on device".to_owned(),
        };
        assert_eq!(CutError::from(ffmpeg).code(), "disk_full");
        let other = CutError::io("writing", Path::new("/x"))(io::Error::other("no"));
        assert_eq!(other.code(), "internal");
    }
}
