//! Segments as nginx-rtmp writes them, without nginx: a file, then the playlist by rename.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sluice_backend::clock;
use tempfile::TempDir;

/// What each segment holds, in milliseconds.
pub(crate) const SEGMENT_MS: u64 = 2_000;

/// A segment of two seconds: 640 × 360 and a tone, one keyframe.
pub(crate) fn sample() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    encode(&dir, "sample.ts", "2", "mpegts")
}

/// The same picture and tone for as long as wanted, in a container of choice.
pub(crate) fn encode(dir: &TempDir, name: &str, seconds: &str, format: &str) -> Vec<u8> {
    let file = dir.path().join(name);
    let made = Command::new("ffmpeg")
        .args("-hide_banner -nostdin -loglevel error -f lavfi -i testsrc2=s=640x360:r=30".split(' '))
        .args("-f lavfi -i sine=f=440:r=44100 -c:v libx264 -preset ultrafast -pix_fmt yuv420p".split(' '))
        .args("-g 60 -keyint_min 60 -sc_threshold 0 -b:v 800k -c:a aac -b:a 96k".split(' '))
        .args(["-t", seconds, "-f", format])
        .arg(&file)
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::read(file).expect("the file was written")
}

/// One session's directory in the spool.
pub(crate) struct Feed {
    dir: PathBuf,
    opened_at_ms: u64,
    playlist: String,
}

impl Feed {
    /// The show begins now.
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            opened_at_ms: clock::now().0.unsigned_abs(),
            playlist: "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n\
                       #EXT-X-DISCONTINUITY\n"
                .to_owned(),
        }
    }

    /// Writes a segment and commits it.
    pub(crate) fn commit(&mut self, segment: &[u8]) {
        let name = format!("{}.ts", self.opened_at_ms);
        fs::write(self.dir.join(&name), segment).expect("the session's spool is there");
        self.opened_at_ms += SEGMENT_MS;
        self.playlist.push_str(&format!("#EXTINF:2.000,\n{name}\n"));
        let draft = self.dir.join("index.m3u8.bak");
        fs::write(&draft, &self.playlist).expect("a playlist");
        fs::rename(draft, self.dir.join("index.m3u8")).expect("a commit");
    }
}
