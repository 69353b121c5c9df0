//! Whatever bytes come, nothing panics, the parts are the segment's bytes, and there are never more than packets.

use proptest::prelude::*;
use proptest::sample::Index;
use sluice_hls::parts::{Cutter, Part};
use sluice_hls::ts;

use super::any_show::any_segment;
use super::writer::Segment;
use super::{AUDIO_ONLY, B_FRAMES, FPS_25, GRID_US, assert_promises};

const PACKET: usize = 188;

/// One way to damage a transport stream.
#[derive(Clone, Debug)]
enum Damage {
    /// One byte becomes another, anywhere.
    Byte(Index, u8),
    /// One of the first bytes of a packet, where its headers are, becomes another.
    Header(Index, usize, u8),
    /// A packet says that it begins a frame of this length with these timestamps.
    Frame(Index, u16, [u8; 10]),
    /// A packet is lost.
    Drop(Index),
    /// A packet comes twice.
    Double(Index),
    /// Two packets change places.
    Swap(Index, Index),
    /// Bytes come in between, any number of them.
    Garbage(Index, Vec<u8>),
    /// The stream ends here.
    End(Index),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, value)| Damage::Byte(at, value)),
        8 => (at(), 0..24_usize, any::<u8>()).prop_map(|(at, byte, value)| Damage::Header(at, byte, value)),
        4 => (at(), any::<u16>(), any::<[u8; 10]>()).prop_map(|(at, length, times)| Damage::Frame(at, length, times)),
        2 => at().prop_map(Damage::Drop),
        2 => at().prop_map(Damage::Double),
        2 => (at(), at()).prop_map(|(one, other)| Damage::Swap(one, other)),
        1 => (at(), proptest::collection::vec(any::<u8>(), 0..400)).prop_map(|(at, bytes)| Damage::Garbage(at, bytes)),
        1 => at().prop_map(Damage::End),
    ]
}

fn damage(bytes: &mut Vec<u8>, damage: &Damage) {
    let packets = bytes.len() / PACKET;
    if packets == 0 {
        return;
    }
    let begin = |at: &Index| at.index(packets) * PACKET;
    match damage {
        Damage::Byte(at, value) => {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        Damage::Header(at, byte, value) => bytes[begin(at) + byte] = *value,
        Damage::Frame(at, length, times) => {
            let begin = begin(at);
            let [high, low] = length.to_be_bytes();
            bytes[begin + 1] |= 0x40;
            bytes[begin + 3] = 0x10;
            bytes[begin + 4..begin + 13].copy_from_slice(&[0, 0, 1, 0xe0, high, low, 0x80, 0xc0, 10]);
            bytes[begin + 13..begin + 23].copy_from_slice(times);
        }
        Damage::Drop(at) => drop(bytes.drain(begin(at)..begin(at) + PACKET)),
        Damage::Double(at) => bytes.extend_from_within(begin(at)..begin(at) + PACKET),
        Damage::Swap(one, other) => (0..PACKET).for_each(|byte| bytes.swap(begin(one) + byte, begin(other) + byte)),
        Damage::Garbage(at, garbage) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, garbage.iter().copied());
        }
        Damage::End(at) => bytes.truncate(at.index(bytes.len())),
    }
}

fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(FPS_25.to_vec()),
        Just(B_FRAMES.to_vec()),
        Just(AUDIO_ONLY.to_vec()),
        any_segment().prop_map(|segment| segment.bytes),
    ]
}

/// So many bytes without meaning, behind sync bytes or not.
fn noise(seed: u64, length: usize, synced: bool) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = |at| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if synced && at % PACKET == 0 {
            0x47
        } else {
            state.to_le_bytes()[3]
        }
    };
    (0..length).map(&mut next).collect()
}

/// Holds what must hold of any bytes; gives their parts.
fn assert_sound(bytes: &[u8], chunk: usize, grid_us: u64, duration_us: u64) -> Vec<Part> {
    let mut cutter = Cutter::new(grid_us, None);
    let mut parts: Vec<_> = bytes.chunks(chunk).flat_map(|chunk| cutter.push(chunk)).collect();
    assert!(cutter.first_dts().is_none_or(|dts| (0..1 << 33).contains(&dts)));
    assert!(cutter.tables().is_none_or(|tables| tables.len() == 2 * PACKET));
    parts.extend(cutter.finish(duration_us));
    assert_promises(bytes, &parts, grid_us);
    assert!(parts.len() <= bytes.len().div_ceil(PACKET), "{} parts", parts.len());
    if let Ok(span) = ts::span(bytes) {
        assert!(span.frames as usize <= bytes.len() / PACKET);
        assert!(span.keyframes_us.len() <= span.frames as usize);
        let _ = span.keyframe_interval_us();
    }
    parts
}

#[test]
fn a_flood_of_frames_that_say_anything_takes_no_more_than_their_bytes() {
    let mut segment = Segment::new();
    for frame in 0..40_000_i64 {
        // Steps forwards, backwards, none at all, and across the whole range of timestamps.
        let dts = [frame, -frame, 0, frame * 123_456_789][usize::try_from(frame % 4).unwrap()];
        segment.video(dts, 0, frame % 3 == 0, 1);
    }
    let parts = assert_sound(&segment.bytes, 65_536, GRID_US, u64::MAX);
    assert!(parts.len() > 10_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn a_damaged_stream_keeps_its_bytes_and_its_bounds(
        mut bytes in any_stream(),
        damages in proptest::collection::vec(any_damage(), 1..40),
        in_tables in proptest::collection::vec((0..2 * PACKET, any::<u8>()), 0..3),
        chunk in 1..5000_usize,
        duration_us in prop_oneof![3 => 0..20_000_000_u64, 1 => any::<u64>()],
    ) {
        for (at, value) in in_tables {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        damages.iter().for_each(|one| damage(&mut bytes, one));
        let parts = assert_sound(&bytes, chunk, GRID_US, duration_us);
        prop_assert_eq!(assert_sound(&bytes, bytes.len().max(1), GRID_US, duration_us), parts);
    }

    #[test]
    fn bytes_that_are_no_stream_are_parts_all_the_same(
        (seed, length, synced) in (any::<u64>(), 0..5000_usize, any::<bool>()),
        chunk in 1..500_usize,
        grid_us in any::<u64>(),
        duration_us in any::<u64>(),
    ) {
        let bytes = noise(seed, length, synced);
        let mut cutter = Cutter::new(grid_us, Some(true));
        let mut parts: Vec<_> = bytes.chunks(chunk).flat_map(|chunk| cutter.push(chunk)).collect();
        parts.extend(cutter.finish(duration_us));
        prop_assert_eq!(parts.iter().map(|part| part.bytes).sum::<u64>(), bytes.len() as u64);
    }
}
