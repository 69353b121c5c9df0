//! Encoded media as RTMP carries it, out of an FLV file.

use std::{path::Path, process::Command, time::Duration};

use crate::publisher::Encoder;

/// One message of media, as RTMP and FLV both have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it holds.
    pub kind: Kind,
    /// When it is due, in milliseconds from the beginning.
    pub timestamp_ms: u32,
    /// Codec header and payload.
    pub body: Vec<u8>,
}

/// The kinds of message, by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Sound.
    Audio = 8,
    /// Picture.
    Video = 9,
    /// Metadata.
    Data = 18,
}

/// Encodes `length` of a test picture and a tone as fast as the machine can.
///
/// # Panics
/// When ffmpeg fails.
pub fn record(encoder: &Encoder, length: Duration) -> Vec<Tag> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("media.flv");
    let encoder = Encoder {
        realtime: false,
        length: Some(length),
        ..encoder.clone()
    };
    let made = Command::new("ffmpeg")
        .args(encoder.args("/dev/null"))
        .arg(&file)
        .output()
        .expect("ffmpeg is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    read(&file)
}

/// The picture's messages turned into HEVC ones, by the header of enhanced RTMP as OBS Studio sends it. What is in
/// them stays H.264: the media server looks at the header alone.
pub fn as_hevc(tags: &[Tag]) -> Vec<Tag> {
    let relabelled = tags.iter().cloned().map(|mut tag| {
        if tag.kind == Kind::Video {
            let (frame_type, packet_type) = (tag.body[0] >> 4, tag.body[1]);
            let mut body = vec![0x80 | frame_type << 4 | packet_type];
            body.extend_from_slice(b"hvc1");
            // The composition time follows in a frame, not in the codec's configuration.
            body.extend_from_slice(&tag.body[if packet_type == 1 { 2 } else { 5 }..]);
            tag.body = body;
        }
        tag
    });
    relabelled.collect()
}

fn read(file: &Path) -> Vec<Tag> {
    const HEADER: usize = 9 + 4;
    const TAG_HEADER: usize = 11;
    let bytes = std::fs::read(file).expect("the file was written");
    let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    let mut rest = &bytes[HEADER..];
    let mut tags = Vec::new();
    while rest.len() > TAG_HEADER {
        let length = number(&rest[1..4]) as usize;
        let kind = match rest[0] {
            8 => Kind::Audio,
            9 => Kind::Video,
            _ => Kind::Data,
        };
        tags.push(Tag {
            kind,
            timestamp_ms: u32::from(rest[7]) << 24 | number(&rest[4..7]),
            body: rest[TAG_HEADER..TAG_HEADER + length].to_vec(),
        });
        rest = &rest[TAG_HEADER + length + 4..];
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_has_both_kinds_of_media_in_order() {
        let tags = record(&Encoder::default(), Duration::from_secs(1));
        let count = |kind| tags.iter().filter(|tag| tag.kind == kind).count();
        assert!(count(Kind::Video) >= 30, "{}", count(Kind::Video));
        assert!(count(Kind::Audio) >= 40, "{}", count(Kind::Audio));
        let video = tags.iter().filter(|tag| tag.kind == Kind::Video);
        assert!(video.is_sorted_by_key(|tag| tag.timestamp_ms));
    }
}
