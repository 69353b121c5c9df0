//! The show that is sent, and what ffmpeg takes for it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const LENGTH_S: u32 = 20;

/// A show on disk.
pub(crate) struct Show {
    dir: TempDir,
}

impl Show {
    /// Encodes it as a streamer's program does: x264, 6 Mb/s, B-frames.
    pub(crate) fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let x264 = "-c:v libx264 -preset veryfast -b:v 6M -maxrate 6M -bufsize 12M -pix_fmt yuv420p -g 60 -keyint_min 60 \
                    -sc_threshold 0 -bf 2 -c:a aac -b:a 160k -f hls -hls_time 2 -hls_list_size 0";
        let made = Command::new("ffmpeg")
            .args("-nostdin -v error -f lavfi -i testsrc2=size=1920x1080:rate=30,noise=alls=12:allf=t".split(' '))
            .args("-f lavfi -i sine=frequency=440:sample_rate=48000 -t".split(' '))
            .arg(LENGTH_S.to_string())
            .args(x264.split_ascii_whitespace())
            .arg(dir.path().join("index.m3u8"))
            .status();
        assert!(made.expect("ffmpeg is installed").success());
        Self { dir }
    }

    /// Its segments, again and again.
    pub(crate) fn segment(&self, number: i64) -> PathBuf {
        let number = number % i64::from(LENGTH_S / 2);
        self.dir.path().join(format!("index{number}.ts"))
    }

    /// What ffmpeg takes to decode it as fast as it is sent, in percent of a core.
    pub(crate) fn decode_percent(&self) -> f64 {
        let used = || {
            let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).unwrap();
            let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
            seconds(usage.user_time()) + seconds(usage.system_time())
        };
        let before = used();
        let decoded = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-threads", "1", "-i"])
            .arg(self.dir.path().join("index.m3u8"))
            .args(["-an", "-f", "null", "-"])
            .status();
        assert!(decoded.unwrap().success());
        (used() - before) / f64::from(LENGTH_S) * 100.0
    }
}
