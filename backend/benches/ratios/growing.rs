//! A show that grows as nginx-rtmp writes it, without nginx: frame by frame, and the playlist by rename at each keyframe.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sluice_backend::clock;

use crate::feed::SEGMENT_MS;

const FRAMES_A_SECOND: usize = 30;
/// Of a segment.
pub(crate) const FRAMES: usize = FRAMES_A_SECOND * 2;
const PACKET: usize = 188;
/// Of ffmpeg's first video stream, and nginx-rtmp's.
const VIDEO_PID: u16 = 0x100;

/// Segments of two seconds, one behind the other, each with one keyframe and sixty frames.
pub(crate) fn segments(count: usize) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let made = Command::new("ffmpeg")
        .args("-hide_banner -nostdin -loglevel error -f lavfi -i testsrc2=s=640x360:r=30".split(' '))
        .args("-f lavfi -i sine=f=440:r=44100 -c:v libx264 -preset ultrafast -tune zerolatency".split(' '))
        .args("-pix_fmt yuv420p -g 60 -keyint_min 60 -sc_threshold 0 -b:v 800k -c:a aac -b:a 96k".split(' '))
        // nginx-rtmp says of each frame how long it is; ffmpeg does when asked.
        .args("-f hls -hls_time 2 -hls_list_size 0 -hls_segment_options omit_video_pes_length=0".split(' '))
        .args(["-t", &(count * 2).to_string(), "-hls_segment_filename"])
        .args([dir.path().join("%d.ts"), dir.path().join("show.m3u8")])
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let read = |number| fs::read(dir.path().join(format!("{number}.ts"))).expect("a segment");
    (0..count).map(read).collect()
}

/// When what was written, from the show's beginning on.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Each frame, with the sound in front of it.
    pub(crate) frames: Vec<Instant>,
    /// The list with each segment.
    pub(crate) commits: Vec<Instant>,
}

/// Goes on until it is dropped or the show is over.
pub(crate) struct Growing {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    pub(crate) written: Arc<Mutex<Written>>,
}

impl Growing {
    /// Goes on air in a session's spool.
    pub(crate) fn start(spool: PathBuf, segments: Vec<Vec<u8>>) -> Self {
        let (stop, written) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Written>>::default());
        let show = Show {
            spool,
            playlist: "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n\
                       #EXT-X-DISCONTINUITY\n"
                .to_owned(),
            written: Arc::clone(&written),
            stop: Arc::clone(&stop),
        };
        let thread = Some(thread::spawn(move || show.run(&segments)));
        Self { stop, thread, written }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

struct Show {
    spool: PathBuf,
    playlist: String,
    written: Arc<Mutex<Written>>,
    stop: Arc<AtomicBool>,
}

impl Show {
    fn run(mut self, segments: &[Vec<u8>]) {
        let begun = Instant::now();
        let opened_at_ms = clock::now().0.unsigned_abs();
        for (number, segment) in segments.iter().enumerate() {
            let name = format!("{}.ts", opened_at_ms + number as u64 * SEGMENT_MS);
            let mut file = File::create(self.spool.join(&name)).expect("the session's spool is there");
            for (frame, bytes) in frames(segment).into_iter().enumerate() {
                let due = Duration::from_secs(1) * u32::try_from(number * FRAMES + frame).expect("a short show")
                    / u32::try_from(FRAMES_A_SECOND).expect("few");
                thread::sleep(due.saturating_sub(begun.elapsed()));
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                // Before it is there, so that nobody is found to have read it too early.
                self.written.lock().unwrap().frames.push(Instant::now());
                file.write_all(&segment[bytes]).expect("room on the disk");
            }
            self.commit(&name);
        }
    }

    fn commit(&mut self, name: &str) {
        writeln!(self.playlist, "#EXTINF:2.000,\n{name}").expect("a string grows");
        let draft: &Path = &self.spool.join("index.m3u8.bak");
        fs::write(draft, &self.playlist).expect("a playlist");
        self.written.lock().unwrap().commits.push(Instant::now());
        fs::rename(draft, self.spool.join("index.m3u8")).expect("a commit");
    }
}

/// What is written at a time: the sound before a frame, and the frame.
fn frames(segment: &[u8]) -> Vec<Range<usize>> {
    let mut frames: Vec<Range<usize>> = Vec::new();
    for (number, packet) in segment.chunks_exact(PACKET).enumerate() {
        let end = (number + 1) * PACKET;
        let is_video = u16::from_be_bytes([packet[1] & 0x1f, packet[2]]) == VIDEO_PID;
        let begins_frame = packet[1] & 0x40 != 0;
        match frames.last_mut() {
            _ if !is_video => {}
            Some(frame) if !begins_frame => frame.end = end,
            before => {
                let begin = before.map_or(0, |frame| frame.end);
                frames.push(begin..end);
            }
        }
    }
    assert_eq!(frames.len(), FRAMES, "a segment of two seconds");
    frames.last_mut().expect("a frame").end = segment.len();
    frames
}
