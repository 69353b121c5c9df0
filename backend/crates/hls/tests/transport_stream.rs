//! Spans of real transport streams, made by ffmpeg when the test runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

use std::io::{self, Read};
use std::process::Command;
use std::sync::OnceLock;

use proptest::prelude::*;
use sluice_hls::ts;

const VIDEO: [&str; 4] = ["-f", "lavfi", "-i", "testsrc2=size=64x36:rate=30:duration=4"];
const AUDIO: [&str; 4] = ["-f", "lavfi", "-i", "sine=frequency=440:duration=4"];
const H264: [&str; 10] = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-g",
    "60",
    "-keyint_min",
    "60",
    "-sc_threshold",
    "0",
];
const AAC: [&str; 4] = ["-c:a", "aac", "-b:a", "32k"];

/// What ffmpeg makes of these arguments, as a transport stream.
fn stream(arguments: &[&[&str]]) -> Vec<u8> {
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(arguments.concat())
        .args(["-f", "mpegts", "-"])
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    made.stdout
}

fn av() -> &'static [u8] {
    static AV: OnceLock<Vec<u8>> = OnceLock::new();
    AV.get_or_init(|| stream(&[&VIDEO, &AUDIO, &H264, &AAC, &["-bf", "2"]]))
}

#[test]
fn a_segment_tells_its_length_frames_and_keyframes() {
    let span = ts::span(av()).unwrap();
    assert!(span.video && span.audio);
    assert_eq!(span.frames, 120);
    assert_eq!(span.duration_us, 4_000_000);
    assert_eq!(span.keyframes_us, [0, 2_000_000]);
    assert_eq!(span.keyframe_interval_us(), Some(2_000_000));
    assert_eq!(span.last_pts - span.first_pts, 119 * 3000);
}

#[test]
fn a_segment_of_video_alone_or_audio_alone_has_a_length_too() {
    let video = ts::span(&stream(&[&VIDEO, &H264])[..]).unwrap();
    assert_eq!((video.video, video.audio, video.duration_us), (true, false, 4_000_000));
    let audio = ts::span(&stream(&[&AUDIO, &AAC])[..]).unwrap();
    assert_eq!(
        (audio.video, audio.audio, audio.keyframe_interval_us()),
        (false, true, None)
    );
    assert!(
        (3_900_000..4_200_000).contains(&audio.duration_us),
        "{}",
        audio.duration_us
    );
}

#[test]
fn timestamps_that_wrap_within_the_segment_do_not_change_its_length() {
    // 2^33 ticks are 95,443.717 s; the muxer adds its own 1.4 s.
    let wrapping = stream(&[&VIDEO, &H264, &["-output_ts_offset", "95440.5"]]);
    let span = ts::span(&wrapping[..]).unwrap();
    assert_eq!(span.duration_us, 4_000_000);
    assert!(span.first_pts < 1 << 33 && span.last_pts > 1 << 33, "{span:?}");
}

#[test]
fn a_file_cut_anywhere_tells_of_what_is_left() {
    let whole = ts::span(av()).unwrap();
    let mut longest = 0;
    for end in (0..av().len()).step_by(997) {
        let Ok(span) = ts::span(&av()[..end]) else { continue };
        assert!(span.duration_us <= whole.duration_us + 34_000, "{end}: {span:?}");
        longest = longest.max(span.duration_us);
    }
    assert!(longest >= 3_900_000);
}

/// Gives a few bytes at a time, as a pipe may.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1 + self.0.len() % 7);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn a_segment_says_the_same_in_however_many_pieces_it_is_read() {
    let whole = ts::span(av()).unwrap();
    // More than is read at a time, and of no length that goes into it.
    let nulls = ts::NULL_PACKET.repeat(1_001);
    let behind_nulls = [&nulls, av()].concat();
    assert_eq!(ts::span(&behind_nulls[..]).unwrap(), whole);
    assert_eq!(ts::span(Dripping(&behind_nulls)).unwrap(), whole);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = ts::span(&bytes[..]);
    }

    #[test]
    fn no_damage_makes_it_panic(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..200),
        in_tables in proptest::collection::vec((0..752_usize, any::<u8>()), 0..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = av().to_vec();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (at, value) in in_tables {
            bytes[at] = value;
        }
        let end = end.index(bytes.len());
        if let Ok(span) = ts::span(&bytes[..end]) {
            prop_assert!(span.frames as usize <= end / 188);
            prop_assert!(span.keyframes_us.len() <= span.frames as usize);
            let _ = span.keyframe_interval_us();
        }
    }
}
