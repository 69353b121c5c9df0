//! Cuts a clip out of a show.

use std::path::PathBuf;
use std::time::Duration;

use sluice_domain::Millis;
use sluice_domain::clip::Mode;
use sluice_media::{Cut, CutError, Ffmpeg, Made, Source, cut};
use tempfile::TempDir;

use crate::show::Show;

/// A clip and where it is.
pub(crate) struct Clip {
    pub(crate) dir: TempDir,
    pub(crate) made: Made,
}

impl Clip {
    pub(crate) fn mp4(&self) -> PathBuf {
        self.dir.path().join("clip.mp4")
    }

    pub(crate) fn poster(&self) -> PathBuf {
        self.dir.path().join("clip.jpg")
    }
}

/// What is asked of a show, into `dir`. Segments that lie outside are left out, as whoever asks does.
pub(crate) fn asked(show: &Show, (start, end): (i64, i64), mode: Mode, dir: &TempDir) -> Cut {
    let near = |source: &&Source| {
        let ends = source.started_at.0 + source.duration_us / 1000;
        ends >= start && source.started_at.0 <= end + 300
    };
    Cut {
        segments: show.segments.iter().filter(near).cloned().collect(),
        start: Millis(start),
        end: Millis(end),
        mode,
        title: Some("A \"moment\" — für alle".to_owned()),
        out: dir.path().join("clip.mp4"),
        poster: dir.path().join("clip.jpg"),
        scratch: dir.path().to_owned(),
        time_limit: Duration::from_secs(60),
        ffmpeg: Ffmpeg::default(),
    }
}

/// Cuts from `start` to `end`, in milliseconds of the wall clock.
pub(crate) async fn make(show: &Show, start: i64, end: i64, mode: Mode) -> Result<Clip, CutError> {
    let dir = TempDir::new().unwrap();
    let made = cut(asked(show, (start, end), mode, &dir), |_| ()).await?;
    Ok(Clip { dir, made })
}
