//! What ffmpeg takes by itself for the same stretch.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::recording::{Recording, START_S};

/// Copies it, as near as that goes.
pub(crate) fn copy(recording: &Recording) -> Duration {
    run(recording, &["-c", "copy"])
}

/// Encodes all of it.
pub(crate) fn encode(recording: &Recording) -> Duration {
    run(recording, &["-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac"])
}

fn run(recording: &Recording, codecs: &[&str]) -> Duration {
    let out = recording.dir.path().join("raw.mp4");
    let began = Instant::now();
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-ss", &START_S.to_string(), "-i"])
        .arg(recording.playlist())
        .args(["-t", "30"])
        .args(codecs)
        .args(["-movflags", "+faststart"])
        .arg(&out)
        .status();
    assert!(made.expect("ffmpeg is installed").success());
    began.elapsed()
}
