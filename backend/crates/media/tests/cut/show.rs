//! Shows as a media server records them: MPEG-TS segments that begin with keyframes, encoded by ffmpeg.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sluice_domain::Millis;
use sluice_media::Source;
use tempfile::TempDir;

use crate::picture::{Size, draw};

/// Samples of sound a second, as drawn.
const RATE: usize = 48_000;
/// When shows begin on the wall clock: a noon long past, so that no test's outcome turns with the calendar.
pub(crate) const NOON: i64 = 1_767_355_200_000;

/// One publish.
#[derive(Clone, Debug)]
pub(crate) struct Take {
    pub(crate) size: Size,
    /// Frames in `rate.1` seconds.
    pub(crate) rate: (usize, usize),
    /// In seconds.
    pub(crate) gop: usize,
    pub(crate) b_frames: usize,
    /// In seconds.
    pub(crate) length: usize,
    /// Whether there are pictures at all.
    pub(crate) pictures: bool,
    /// Of the sound as published; none without.
    pub(crate) audio: Option<(usize, usize)>,
    /// Between it and the one before, in milliseconds.
    pub(crate) pause_ms: i64,
    /// More of what libx264 is told.
    pub(crate) x264: &'static str,
}

impl Default for Take {
    fn default() -> Self {
        Self {
            size: Size(160, 96),
            rate: (30, 1),
            gop: 2,
            b_frames: 0,
            length: 12,
            pictures: true,
            audio: Some((RATE, 2)),
            pause_ms: 0,
            x264: "",
        }
    }
}

/// A show on disk.
pub(crate) struct Show {
    pub(crate) dir: TempDir,
    pub(crate) segments: Vec<Source>,
    pub(crate) frames: Vec<Frame>,
}

/// A frame that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) number: usize,
    pub(crate) wall_ms: i64,
    pub(crate) is_key: bool,
    pub(crate) size: Size,
}

impl Show {
    /// Records takes one after the other.
    pub(crate) fn record(takes: &[Take]) -> Self {
        let mut show = Self {
            dir: TempDir::new().unwrap(),
            segments: Vec::new(),
            frames: Vec::new(),
        };
        let mut wall_us = NOON * 1000;
        for (number, take) in takes.iter().enumerate() {
            wall_us += take.pause_ms * 1000;
            let dir = show.dir.path().join(format!("take-{number}"));
            fs::create_dir(&dir).unwrap();
            take.publish(&dir, show.frames.len());
            wall_us = show.add(take, &dir, wall_us);
        }
        show
    }

    /// Takes note of a take's segments as the intake does; returns where they end.
    fn add(&mut self, take: &Take, dir: &Path, mut wall_us: i64) -> i64 {
        let playlist = fs::read_to_string(dir.join("index.m3u8")).unwrap();
        let lines: Vec<&str> = playlist.lines().collect();
        let (frames, seconds) = take.rate;
        let mut discontinuity = true;
        for pair in lines.windows(2) {
            let Some(length) = pair[0].strip_prefix("#EXTINF:") else {
                continue;
            };
            let duration_us = (length.trim_end_matches(',').parse::<f64>().unwrap() * 1e6).round() as i64;
            let started_at = wall_us.div_euclid(1000);
            let count = (duration_us as usize * frames + 500_000 * seconds) / (1_000_000 * seconds);
            for at in 0..count {
                self.frames.push(Frame {
                    number: self.frames.len(),
                    wall_ms: started_at + ((at * 2000 * seconds + frames) / (2 * frames)) as i64,
                    is_key: at % (take.gop * frames / seconds) == 0,
                    size: take.size,
                });
            }
            self.segments.push(Source {
                path: dir.join(pair[1]),
                started_at: Millis(started_at),
                duration_us,
                discontinuity: std::mem::take(&mut discontinuity),
            });
            wall_us += duration_us;
        }
        wall_us
    }

    /// The frames that are presented from `start` to before `end`.
    pub(crate) fn between(&self, start: i64, end: i64) -> Vec<Frame> {
        let asked = |frame: &&Frame| (start..end).contains(&frame.wall_ms);
        self.frames.iter().filter(asked).copied().collect()
    }
}

impl Take {
    /// Publishes, the first frame having the number `first`.
    fn publish(&self, dir: &Path, first: usize) {
        let (frames, seconds) = self.rate;
        let count = self.length * frames / seconds;
        let flashes = self.flashes(count);
        let sound = dir.join("sound.pcm");
        fs::write(&sound, self.sound(count, &flashes)).unwrap();
        let gop = self.gop * frames / seconds;
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error"]);
        if self.pictures {
            command.args(["-f", "rawvideo", "-pix_fmt", "yuv420p"]);
            command.args(["-s", &format!("{}x{}", self.size.0, self.size.1)]);
            command.args(["-framerate", &format!("{frames}/{seconds}"), "-i", "pipe:0"]);
        }
        if let Some((rate, channels)) = self.audio {
            command
                .args(["-f", "s16le", "-ar", "48000", "-ac", "1", "-i"])
                .arg(&sound);
            command.args([
                "-c:a",
                "aac",
                "-b:a",
                "96k",
                "-ar",
                &rate.to_string(),
                "-ac",
                &channels.to_string(),
            ]);
        }
        let x264 = format!("keyint={gop}:min-keyint={gop}:scenecut=0{}", self.x264);
        command.args([
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-threads",
            "1",
            "-bf",
            &self.b_frames.to_string(),
        ]);
        command.args([
            "-x264-params",
            &x264,
            "-f",
            "hls",
            "-hls_time",
            "2",
            "-hls_list_size",
            "0",
        ]);
        command.arg(dir.join("index.m3u8")).stdin(Stdio::piped());
        let mut child = command.spawn().expect("ffmpeg is installed");
        let mut pipe = child.stdin.take().unwrap();
        let mut picture = Vec::new();
        for at in (0..count).filter(|_| self.pictures) {
            picture.clear();
            // A flash lasts three frames.
            let flash = flashes.iter().any(|flash| (*flash..flash + 3).contains(&at));
            draw(&mut picture, self.size, first + at, flash);
            pipe.write_all(&picture).unwrap();
        }
        drop(pipe);
        assert!(child.wait().unwrap().success());
    }

    /// The first frame of each second but the very first.
    fn flashes(&self, count: usize) -> Vec<usize> {
        let (frames, seconds) = self.rate;
        let starts = (1..).map(|second: usize| (second * frames).div_ceil(seconds));
        starts.take_while(|at| *at < count).collect()
    }

    /// A click of 30 ms with each flash.
    fn sound(&self, count: usize, flashes: &[usize]) -> Vec<u8> {
        let (frames, seconds) = self.rate;
        let mut samples = vec![0_i16; count * seconds * RATE / frames];
        for flash in flashes {
            let start = flash * seconds * RATE / frames;
            for (at, sample) in samples.iter_mut().skip(start).take(RATE * 3 / 100).enumerate() {
                *sample = if at / 24 % 2 == 0 { 24_000 } else { -24_000 };
            }
        }
        samples.into_iter().flat_map(i16::to_le_bytes).collect()
    }
}
