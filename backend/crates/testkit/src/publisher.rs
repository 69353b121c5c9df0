//! Real encoders: ffmpeg with a test picture and a tone.

use std::{path::PathBuf, time::Duration};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{
    process::{Child, Launch},
    wait::wait_for,
};

/// What the picture is compressed with. For HEVC see [`crate::rtmp`]: this ffmpeg's FLV has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Video {
    /// H.264, as everybody sends it.
    H264,
    /// Sorenson H.263, which the media server carries and no player takes.
    Sorenson,
    /// No picture at all.
    Off,
}

/// What the sound is compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// AAC, as everybody sends it.
    Aac,
    /// MP3, which the segmenter does not take.
    Mp3,
    /// No sound at all.
    Off,
}

/// How an encoder is set up. The default is small and cheap: 320 × 180 at 30 frames a second, a keyframe every
/// second, 400 kb/s and a tone, in real time, until it is stopped.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// Frames a second.
    pub fps: u32,
    /// A thousandth slower, as in countries that once had NTSC: 29.97 for 30.
    pub ntsc: bool,
    /// Frames from one keyframe to the next.
    pub gop: u32,
    /// Frames between two that are not built on later ones; 0 is what live encoders send as a rule.
    pub b_frames: u32,
    /// Bits of picture a second, in thousands.
    pub kbps: u32,
    /// The picture's codec.
    pub video: Video,
    /// The sound's codec.
    pub audio: Audio,
    /// As fast as media plays; otherwise as fast as the machine can.
    pub realtime: bool,
    /// Stops by itself after this much media.
    pub length: Option<Duration>,
    /// The network namespace it runs in ([`crate::netns`]).
    pub netns: Option<String>,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            size: (320, 180),
            fps: 30,
            ntsc: false,
            gop: 30,
            b_frames: 0,
            kbps: 400,
            video: Video::H264,
            audio: Audio::Aac,
            realtime: true,
            length: None,
            netns: None,
        }
    }
}

impl Encoder {
    /// Starts to publish to an address such as `rtmp://127.0.0.1:1935/live/KEY`.
    pub fn publish(&self, url: &str) -> Publisher {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let progress = dir.path().join("progress");
        let mut args = self.args(&progress.display().to_string());
        args.extend(["-f".into(), "flv".into(), url.to_owned()]);
        Publisher {
            child: self.launch(dir.path().join("ffmpeg.log")).args(args).start(),
            progress,
            _dir: dir,
        }
    }

    fn launch(&self, log: PathBuf) -> Launch {
        match &self.netns {
            None => Launch::new("ffmpeg", log),
            Some(name) => Launch::new("ip", log).args(["netns", "exec", name, "ffmpeg"]),
        }
    }

    pub(crate) fn args(&self, progress: &str) -> Vec<String> {
        let (width, height) = self.size;
        let mut text = format!("-hide_banner -nostdin -nostats -loglevel info -stats_period 0.2 -progress {progress}");
        if self.video != Video::Off {
            let (frames, seconds) = if self.ntsc {
                (self.fps * 1000, 1001)
            } else {
                (self.fps, 1)
            };
            let pace = self.pace();
            text += &format!("{pace} -f lavfi -i testsrc2=s={width}x{height}:r={frames}/{seconds}");
        }
        if self.audio != Audio::Off {
            text += &format!("{} -f lavfi -i sine=f=440:r=44100", self.pace());
        }
        text += match self.video {
            Video::H264 if self.b_frames > 0 => " -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
            Video::H264 => " -c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -pix_fmt yuv420p",
            Video::Sorenson => " -c:v flv1",
            Video::Off => " -vn",
        };
        text += &format!(
            " -g {} -keyint_min {} -sc_threshold 0 -b:v {}k",
            self.gop, self.gop, self.kbps
        );
        if self.b_frames > 0 {
            text += &format!(" -bf {} -b_strategy 0", self.b_frames);
        }
        text += match self.audio {
            Audio::Aac => " -c:a aac -b:a 96k",
            Audio::Mp3 => " -c:a libmp3lame -b:a 96k",
            Audio::Off => " -an",
        };
        if let Some(length) = self.length {
            text += &format!(" -t {}", length.as_secs_f64());
        }
        text.split_whitespace().map(str::to_owned).collect()
    }

    const fn pace(&self) -> &'static str {
        if self.realtime { " -re" } else { "" }
    }
}

/// An encoder that runs. Dropped, it is killed.
#[derive(Debug)]
pub struct Publisher {
    child: Child,
    progress: PathBuf,
    _dir: TempDir,
}

impl Publisher {
    /// Frames handed to the network so far; with sound alone, always 0.
    pub fn frames(&self) -> u64 {
        self.last("frame")
    }

    /// Media handed to the network so far.
    pub fn sent(&self) -> Duration {
        Duration::from_micros(self.last("out_time_us"))
    }

    /// It was let in and has not ended: media flows, or did until now.
    pub fn is_connected(&mut self) -> bool {
        self.sent() > Duration::ZERO && self.child.is_running()
    }

    /// It has not ended.
    pub fn is_running(&mut self) -> bool {
        self.child.is_running()
    }

    /// Waits until media flows.
    ///
    /// # Panics
    /// When it ended instead, with what it printed.
    pub async fn connected(&mut self) {
        wait_for(Duration::from_secs(30), "the encoder sends", async || {
            assert!(
                self.child.is_running(),
                "the encoder was not let in: {}",
                self.child.log()
            );
            self.is_connected().then_some(())
        })
        .await;
    }

    /// Waits until the server has thrown it out, or never let it in.
    ///
    /// # Panics
    /// When it still runs after `bound`.
    pub async fn thrown_out(&mut self, bound: Duration) {
        wait_for(bound, "the encoder is thrown out", async || self.child.status()).await;
    }

    /// Ends it as its user would, with a proper good-bye to the server.
    pub fn stop(&mut self) {
        self.child.end_by(Signal::SIGINT);
    }

    /// Ends it without a good-bye; the system still closes its connection.
    pub fn kill(&mut self) {
        self.child.kill();
    }

    /// Stops it in its tracks, connection open.
    pub fn freeze(&mut self) {
        self.child.signal(Signal::SIGSTOP);
    }

    /// Lets a frozen one go on.
    pub fn thaw(&mut self) {
        self.child.signal(Signal::SIGCONT);
    }

    /// What ffmpeg printed.
    pub fn log(&self) -> String {
        self.child.log()
    }

    fn last(&self, field: &str) -> u64 {
        let text = std::fs::read_to_string(&self.progress).unwrap_or_default();
        let values = text
            .lines()
            .rev()
            .filter_map(|line| line.strip_prefix(field)?.strip_prefix('='));
        values.filter_map(|value| value.trim().parse().ok()).next().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_encoder_counts_what_it_sends_and_ends_when_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("out.flv");
        let mut publisher = Encoder::default().publish(&file.display().to_string());
        publisher.connected().await;
        wait_for(Duration::from_secs(20), "frames", async || {
            (publisher.frames() > 0).then_some(())
        })
        .await;
        publisher.stop();
        assert!(!publisher.is_running());
        assert!(std::fs::metadata(&file).unwrap().len() > 0);
    }
}
