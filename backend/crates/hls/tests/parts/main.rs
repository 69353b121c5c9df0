//! What parts promise, over streams written as nginx-rtmp writes them, over some that it wrote, and over damaged ones.
//!
//! The fixtures are the second segments of publishes by ffmpeg to nginx-rtmp 1.2.2, of 2 s each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)] // a test may panic

mod any_show;
mod damage;
mod promises;
mod writer;

use sluice_hls::parts::{Cutter, Part, part_target_us};
use writer::Segment;

pub(crate) const GRID_US: u64 = 333_000;
/// A millisecond of time stamps.
pub(crate) const MS: i64 = 90;

pub(crate) const FPS_25: &[u8] = include_bytes!("../fixtures/nginx-rtmp-25-fps.ts");
pub(crate) const B_FRAMES: &[u8] = include_bytes!("../fixtures/nginx-rtmp-b-frames.ts");
pub(crate) const AUDIO_ONLY: &[u8] = include_bytes!("../fixtures/nginx-rtmp-audio-only.ts");

/// The parts of a segment that comes all at once; how many of them were whole before it was closed.
pub(crate) fn cut(bytes: &[u8], duration_us: u64) -> (Vec<Part>, usize) {
    let mut cutter = Cutter::new(GRID_US, None);
    let mut parts = cutter.push(bytes);
    let whole = parts.len();
    parts.extend(cutter.finish(duration_us));
    (parts, whole)
}

pub(crate) fn milliseconds(parts: &[Part]) -> Vec<u64> {
    parts.iter().map(|part| (part.duration_us + 500) / 1000).collect()
}

pub(crate) fn independent(parts: &[Part]) -> Vec<bool> {
    parts.iter().map(|part| part.independent).collect()
}

pub(crate) fn sum_us(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.duration_us).sum()
}

/// Holds what is promised of any parts of these bytes.
pub(crate) fn assert_promises(bytes: &[u8], parts: &[Part], grid_us: u64) {
    let target_us = part_target_us(grid_us);
    let mut end = 0;
    for (index, part) in parts.iter().enumerate() {
        assert_eq!(part.offset, end, "part {index} follows the one before");
        assert!(part.bytes > 0, "part {index} is empty");
        assert!((1..=target_us).contains(&part.duration_us), "{part:?} for {target_us}");
        let last = index + 1 == parts.len();
        assert!(
            last || part.duration_us * 100 >= target_us * 85,
            "{part:?} for {target_us}"
        );
        end += part.bytes;
    }
    assert_eq!(end, bytes.len() as u64, "the parts are the segment");
}

/// Holds what is promised of the parts of a segment whose frames are known.
pub(crate) fn assert_frames(segment: &Segment, parts: &[Part]) {
    for part in parts {
        let (begin, end) = (part.offset, part.offset + part.bytes);
        let mut keys = Vec::new();
        for frame in &segment.frames {
            let inside = begin <= frame.begin && frame.end <= end;
            assert!(
                inside || frame.end <= begin || end <= frame.begin,
                "{part:?} cuts {frame:?}"
            );
            keys.extend((inside && frame.video).then_some(frame.key));
        }
        let audio_only = segment.frames.iter().all(|frame| !frame.video);
        assert_eq!(
            part.independent,
            keys.first().copied().unwrap_or(audio_only),
            "{part:?}"
        );
    }
}
