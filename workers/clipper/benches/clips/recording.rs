//! The show that is cut from.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_media::Source;
use tempfile::TempDir;

/// How long ago it began, in milliseconds: nobody waits for a live edge, and it is not too old to be kept.
const AGO: i64 = 600_000;
const LENGTH_S: i64 = 44;

pub(crate) struct Recording {
    pub(crate) dir: TempDir,
    pub(crate) segments: Vec<Source>,
    began: i64,
}

impl Recording {
    /// Encodes it as a streamer's program does: x264, 6 Mb/s, B-frames.
    pub(crate) fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-f", "lavfi"])
            .args(["-i", "testsrc2=size=1920x1080:rate=30,noise=alls=12:allf=t"])
            .args([
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=48000",
                "-t",
                &LENGTH_S.to_string(),
            ])
            .args([
                "-c:v", "libx264", "-preset", "veryfast", "-b:v", "6M", "-maxrate", "6M", "-bufsize", "12M",
            ])
            .args([
                "-pix_fmt",
                "yuv420p",
                "-g",
                "60",
                "-keyint_min",
                "60",
                "-sc_threshold",
                "0",
                "-bf",
                "2",
            ])
            .args([
                "-c:a",
                "aac",
                "-b:a",
                "160k",
                "-f",
                "hls",
                "-hls_time",
                "2",
                "-hls_list_size",
                "0",
            ])
            .args(["-hls_playlist_type", "vod"])
            .arg(dir.path().join("index.m3u8"))
            .status();
        assert!(made.expect("ffmpeg is installed").success());
        let began = clock::now().0 / 1000 * 1000 - AGO;
        let segment = |number: i64| Source {
            path: dir.path().join(format!("index{number}.ts")),
            started_at: Millis(began + 2000 * number),
            duration_us: 2_000_000,
            discontinuity: number == 0,
        };
        let segments: Vec<Source> = (0..LENGTH_S / 2).map(segment).collect();
        // Warm, as a show's latest segments are.
        segments
            .iter()
            .for_each(|segment| drop(fs::read(&segment.path).unwrap()));
        // Those that a clip is cut from.
        let (start, end) = range(began);
        let near = |source: &Source| source.started_at.0 > start.0 - 2000 && source.started_at.0 < end.0 + 400;
        Self {
            segments: segments.into_iter().filter(near).collect(),
            dir,
            began,
        }
    }

    pub(crate) fn playlist(&self) -> PathBuf {
        self.dir.path().join("index.m3u8")
    }

    /// Half a minute from the middle of one group to the middle of another.
    pub(crate) fn range(&self) -> (Millis, Millis) {
        range(self.began)
    }

    pub(crate) fn megabytes(&self) -> f64 {
        let bytes: u64 = self
            .segments
            .iter()
            .map(|source| fs::metadata(&source.path).unwrap().len())
            .sum();
        bytes as f64 / 1e6
    }
}

/// Seconds of the recording at which the clip begins.
pub(crate) const START_S: i64 = 7;

fn range(began: i64) -> (Millis, Millis) {
    let start = Millis(began + START_S * 1000);
    (start, start.plus(Millis(30_000)))
}
