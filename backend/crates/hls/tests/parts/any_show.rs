//! The promises hold for whatever an encoder may send.

use proptest::prelude::*;
use sluice_hls::parts::Cutter;

use super::writer::Segment;
use super::{GRID_US, MS, assert_frames, assert_promises, cut};

/// Any show that nginx-rtmp may write: the steps between frames (milliseconds), their kinds and sizes.
pub(crate) fn any_segment() -> impl Strategy<Value = Segment> {
    let step = prop_oneof![
        20 => Just(None),
        2 => (0..120_i64).prop_map(Some),
        1 => (0..5000_i64).prop_map(Some),
        1 => (-900..0_i64).prop_map(Some),
    ];
    let size = prop_oneof![20 => 1..2000_usize, 1 => 60_000..70_000_usize];
    let frame = (step, size, 0..9_u8, 0..4_i64);
    let frames = proptest::collection::vec(frame, 0..150);
    (frames, 10..70_i64, 0..1_i64 << 33, any::<bool>(), 0..600_i64).prop_map(|(frames, usual, first, video, late)| {
        let (mut segment, mut ms, mut heard) = (Segment::new(), 0, -late);
        for (step, size, kind, delay) in frames {
            let at = |ms: i64| first + ms * MS;
            while heard + late + 160 <= ms {
                heard += 160;
                segment.audio(at(heard), size.min(1000));
            }
            if video {
                segment.video(at(ms), delay * 40 * MS, kind == 0, size);
            }
            ms += step.unwrap_or(usual);
        }
        segment
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_show_keeps_the_promises(
        segment in any_segment(),
        grid_us in 200_000..=1_000_000_u64,
        known in any::<Option<bool>>(),
        duration_us in 0..20_000_000_u64,
    ) {
        let mut cutter = Cutter::new(grid_us, known);
        let mut parts = cutter.push(&segment.bytes);
        parts.extend(cutter.finish(duration_us));
        assert_promises(&segment.bytes, &parts, grid_us);
        if known != Some(false) && segment.frames.iter().any(|frame| frame.video) {
            assert_frames(&segment, &parts);
        }
    }

    #[test]
    fn the_same_bytes_give_the_same_parts_however_they_come(
        segment in any_segment(),
        ends in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let bytes = &segment.bytes;
        let mut ends: Vec<_> = ends.iter().map(|end| end.index(bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let (mut cutter, mut parts, mut begin) = (Cutter::new(GRID_US, None), Vec::new(), 0);
        for end in ends {
            parts.extend(cutter.push(&bytes[begin..end]));
            begin = end;
        }
        parts.extend(cutter.finish(2_000_000));
        prop_assert_eq!(parts, cut(bytes, 2_000_000).0);
    }
}
