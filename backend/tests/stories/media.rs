//! What is in the media that players get: a look at the bytes, and ffmpeg's opinion.

use std::{
    io::Write,
    process::{Command, Stdio},
};

const PACKET: usize = 188;
/// Where nginx-rtmp puts the picture.
const VIDEO: u16 = 0x100;

/// Whether the first picture in these packets is a keyframe (an IDR slice); nothing where there is no picture.
pub fn begins_with_keyframe(bytes: &[u8]) -> Option<bool> {
    let mut frame: Option<Vec<u8>> = None;
    for packet in bytes.chunks_exact(PACKET) {
        let pid = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
        if pid != VIDEO {
            continue;
        }
        let starts = packet[1] & 0x40 != 0;
        if starts && frame.is_some() {
            break;
        }
        let payload = match packet[3] & 0x20 {
            0 => &packet[4..],
            _ => &packet[5 + usize::from(packet[4])..],
        };
        if starts || frame.is_some() {
            frame.get_or_insert_default().extend_from_slice(payload);
        }
    }
    let is_idr = |unit: &[u8]| unit[..3] == [0, 0, 1] && unit[3] & 0x1f == 5;
    frame.map(|frame| frame.windows(4).any(is_idr))
}

/// Decodes all of it with ffmpeg, which must find nothing wrong with it; gives the number of frames of each stream asked
/// for, by ffmpeg's names, such as `0:v`.
///
/// # Panics
/// When ffmpeg complains, with its words.
pub fn decoded(name: &str, bytes: &[u8], streams: &[&str]) -> Vec<usize> {
    let maps = streams.iter().flat_map(|stream| ["-map", stream]);
    let mut ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-threads", "1", "-f", "mpegts", "-i", "pipe:0"])
        .args(maps)
        .args(["-f", "framecrc", "-fps_mode", "passthrough", "pipe:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = ffmpeg.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        // ffmpeg may have had enough of it.
        let _ = stdin.write_all(&bytes);
    });
    let told = ffmpeg.wait_with_output().unwrap();
    writer.join().unwrap();
    let (frames, faults) = (
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr),
    );
    assert!(told.status.success() && faults.is_empty(), "{name}: {faults}");
    let count = |stream: usize| {
        let begin = format!("{stream},");
        frames.lines().filter(|line| line.starts_with(&begin)).count()
    };
    (0..streams.len()).map(count).collect()
}
