//! Tells what a clip shows and sounds like, by decoding it.

use std::path::Path;
use std::process::Command;

use crate::picture::{Size, read};

/// What is seen and heard.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The numbers in the order of presentation.
    pub(crate) numbers: Vec<usize>,
    /// When each is presented, in seconds.
    pub(crate) times: Vec<f64>,
    /// When flashes begin that have a picture without before them.
    pub(crate) flashes: Vec<f64>,
    /// When clicks begin.
    pub(crate) clicks: Vec<f64>,
}

impl Seen {
    pub(crate) fn of(clip: &Path, size: Size) -> Self {
        let luma = output(
            "ffmpeg",
            &["-v", "error", "-i"],
            clip,
            "-map 0:v -fps_mode passthrough -enc_time_base -1 -f rawvideo -pix_fmt gray -",
        );
        let pictures: Vec<(usize, bool)> = luma
            .chunks_exact(size.0 * size.1)
            .map(|luma| read(luma, size))
            .collect();
        let times = seconds(clip, "v:0", "frame=best_effort_timestamp_time");
        assert_eq!(times.len(), pictures.len());
        let flashes = (1..pictures.len()).filter(|at| pictures[*at].1 && !pictures[at - 1].1);
        Self {
            numbers: pictures.iter().map(|(number, _)| *number).collect(),
            flashes: flashes.map(|at| times[at]).collect(),
            clicks: clicks(clip),
            times,
        }
    }

    /// The longest step from one picture to the next, in seconds; panics where one does not move on.
    pub(crate) fn longest_step(&self) -> f64 {
        let steps = self.times.windows(2).map(|pair| pair[1] - pair[0]);
        steps
            .inspect(|step| assert!(*step > 0.0, "{:?}", self.times))
            .fold(0.0, f64::max)
    }

    /// How far flashes and clicks lie apart at the most, in seconds. Those at the very ends are not looked at.
    pub(crate) fn offset(&self) -> Option<f64> {
        let end = self.times.last().copied().unwrap_or(0.0);
        let inside = self.flashes.iter().filter(|flash| **flash > 0.1 && **flash < end - 0.1);
        let distances = inside.map(|flash| {
            self.clicks
                .iter()
                .map(|click| (click - flash).abs())
                .fold(f64::INFINITY, f64::min)
        });
        distances.reduce(f64::max)
    }
}

/// When sound begins after silence.
pub(crate) fn clicks(clip: &Path) -> Vec<f64> {
    let Some(start) = seconds(clip, "a:0", "packet=pts_time")
        .into_iter()
        .find(|time| *time > -0.001)
    else {
        return Vec::new();
    };
    // The decoder leaves out what the edit list skips, and the first sample that is left is at zero.
    let offset = if start < 0.05 { 0.0 } else { start };
    let pcm = output(
        "ffmpeg",
        &["-v", "error", "-i"],
        clip,
        "-map 0:a -ac 1 -ar 48000 -f s16le -",
    );
    let samples = pcm
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs());
    let mut clicks = Vec::new();
    // A clip may begin within a click; one click more does no harm.
    let mut quiet = 48_000;
    for (at, level) in samples.enumerate() {
        if level > 7000 {
            if quiet > 4800 {
                clicks.push(at as f64 / 48_000.0 + offset);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    clicks
}

/// One value of each frame or packet.
fn seconds(clip: &Path, stream: &str, entry: &str) -> Vec<f64> {
    let options = [
        "-v",
        "error",
        "-select_streams",
        stream,
        "-of",
        "csv=p=0",
        "-show_entries",
        entry,
    ];
    let text = String::from_utf8(output("ffprobe", &options, clip, "")).unwrap();
    let value = |line: &str| {
        line.trim_end_matches(',')
            .parse()
            .unwrap_or_else(|_| panic!("{line:?}"))
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(value).collect()
}

/// What one of ffmpeg's programs answers; its complaints, which there must not be, fail the test.
pub(crate) fn output(program: &str, before: &[&str], file: &Path, after: &str) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(before).arg(file).args(after.split_ascii_whitespace());
    let output = command.output().expect("ffmpeg is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    output.stdout
}
