//! Sound that runs ahead of the picture where a session begins.
//!
//! nginx-rtmp begins a session's first segment at a keyframe and writes in front of it, as one frame, all the sound that
//! has come by then. That is seconds of it where the media server saw the encoder's first keyframe too late and waited
//! for the second, or where the encoder's picture began late: sound that the segment's length knows nothing of.

use std::ops::Range;

use super::packet::{BYTES, Packet};
use super::pes::{Header, microseconds, unwrapped};
use super::tables::{Kind, Program};

/// A packet that belongs to nothing and that every reader skips (ISO/IEC 13818-1, 2.4.1: a null packet).
pub const NULL_PACKET: [u8; BYTES] = {
    let mut packet = [0xff; BYTES];
    [packet[0], packet[1], packet[2], packet[3]] = [0x47, 0x1f, 0xff, 0x10];
    packet
};

/// The bytes of the sound in front of a segment's first picture, whole packets, if it is one frame that begins more than
/// `most_us` microseconds before the keyframe that follows it; nothing else, and nothing before the picture has begun.
/// `head` is the segment from its first byte on, as far as it was read.
pub fn lead(head: &[u8], most_us: u64) -> Option<Range<usize>> {
    let mut program = Program::default();
    let mut sound: Option<(usize, i64)> = None;
    for (bytes, offset) in head.chunks_exact(BYTES).zip((0..).step_by(BYTES)) {
        let packet = Packet::read(bytes)?;
        if program.take(&packet).is_some() || !packet.starts {
            continue;
        }
        let dts = Header::read(packet.payload)?.dts?;
        match (program.kind(packet.pid)?, sound) {
            (Kind::Audio, None) => sound = Some((offset, dts)),
            (Kind::Video, Some((begin, begun))) if packet.random_access => {
                let ahead_us = microseconds(unwrapped(dts, begun).saturating_sub(begun));
                return (ahead_us > most_us).then_some(begin..offset);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables as nginx-rtmp writes them: video in 0x100, audio in 0x101.
    fn tables() -> Vec<u8> {
        let mut association = vec![0x47, 0x40, 0, 0x10, 0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 1];
        association.resize(BYTES, 0xff);
        let mut map = vec![
            0x47, 0x50, 1, 0x10, 0, 2, 0xb0, 23, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, 0x1b, 0xe1, 0, 0xf0, 0, 0x0f,
            0xe1, 1, 0xf0, 0,
        ];
        map.resize(BYTES, 0xff);
        [association, map].concat()
    }

    /// A frame of so many packets that begins at this time, in milliseconds.
    fn frame(kind: Kind, at_ms: u8, packets: u8) -> Vec<u8> {
        let pid = if kind == Kind::Video { 0 } else { 1 };
        // 0010, three bits, a marker, fifteen bits, a marker, fifteen bits, a marker: 90 ticks a millisecond are few.
        let [high, low] = (u16::from(at_ms) * 90).to_be_bytes();
        let stamp = [0x21, 0, high >> 6 & 0xfe | 1, high << 1 | low >> 7, low << 1 | 1];
        let header = [&[0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5][..], &stamp].concat();
        let mut bytes = Vec::new();
        for number in 0..packets {
            let mut packet = match (number, kind) {
                (0, Kind::Video) => [&[0x47, 0x41, pid, 0x30, 1, 0x40][..], &header].concat(),
                (0, Kind::Audio) => [&[0x47, 0x41, pid, 0x10][..], &header].concat(),
                _ => vec![0x47, 0x01, pid, 0x10 | number],
            };
            packet.resize(BYTES, 0);
            bytes.extend(packet);
        }
        bytes
    }

    #[test]
    fn sound_far_ahead_of_the_first_picture_is_found_and_no_other() {
        let (sound, picture) = (frame(Kind::Audio, 10, 3), frame(Kind::Video, 250, 2));
        let segment = [tables(), sound.clone(), picture.clone(), sound.clone()].concat();
        assert_eq!(lead(&segment, 200_000), Some(2 * BYTES..5 * BYTES));
        assert_eq!(lead(&segment, 240_000), None, "not further than is allowed");
        for whole_packets in 0..6 {
            let head = &segment[..whole_packets * BYTES - usize::from(whole_packets > 0)];
            assert_eq!(lead(head, 200_000), None, "no picture yet");
        }
        let in_order = [tables(), picture.clone(), sound.clone()].concat();
        let sound_alone = [tables(), sound, frame(Kind::Audio, 90, 1), picture].concat();
        for other in [in_order, sound_alone, vec![0x47; 1880], vec![]] {
            assert_eq!(lead(&other, 200_000), None);
        }
    }

    #[test]
    fn what_was_blanked_is_read_as_if_it_were_not_there() {
        let picture = frame(Kind::Video, 250, 2);
        let mut segment = [tables(), frame(Kind::Audio, 10, 3), picture].concat();
        let ahead = lead(&segment, 0).unwrap();
        for packet in segment[ahead].chunks_mut(BYTES) {
            packet.copy_from_slice(&NULL_PACKET);
        }
        assert_eq!(lead(&segment, 0), None);
        let span = super::super::span(&segment[..]).unwrap();
        assert!(span.video && !span.audio);
    }
}
