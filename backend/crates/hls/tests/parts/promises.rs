//! One promise at a time.

use sluice_hls::parts::{Cutter, part_target_us};

use super::writer::Segment;
use super::{
    AUDIO_ONLY, B_FRAMES, FPS_25, GRID_US, MS, assert_frames, assert_promises, cut, independent, milliseconds, sum_us,
};

/// Video at steps of so many milliseconds (in thousandths), a keyframe each `gop` frames, audio 200 ms late.
fn show(step_us: i64, frames: i64, gop: i64, first_dts: i64) -> Segment {
    let mut segment = Segment::new();
    let mut audio = first_dts - 50 * MS;
    segment.audio(audio, 300);
    for frame in 0..frames {
        // RTMP tells whole milliseconds.
        let dts = first_dts + (frame * step_us + 500) / 1000 * MS;
        while audio + 360 * MS <= dts {
            audio += 160 * MS;
            segment.audio(audio, 700);
        }
        segment.video(dts, 0, frame % gop == 0, 400);
    }
    segment
}

#[test]
fn parts_of_25_frames_a_second_end_at_the_frames_nearest_to_the_grid() {
    let (parts, whole) = cut(FPS_25, 2_000_000);
    assert_promises(FPS_25, &parts, GRID_US);
    assert_eq!(milliseconds(&parts), [320, 360, 320, 320, 360, 320, 1]);
    assert_eq!(independent(&parts), [true, false, false, false, false, false, false]);
    // nginx wrote audio behind the last video frame, when all the time was listed.
    assert_eq!((whole, parts[6].bytes), (6, 4 * 188));
}

#[test]
fn a_segment_as_long_as_expected_ends_with_its_last_part_and_not_with_the_sound_behind_it() {
    let mut cutter = Cutter::new(GRID_US, None).expecting(2_000_000);
    let mut parts = cutter.push(FPS_25);
    assert_eq!(parts.len(), 5, "the last waits for the close");
    parts.extend(cutter.finish(2_000_000));
    assert_promises(FPS_25, &parts, GRID_US);
    assert_eq!(milliseconds(&parts), [320, 360, 320, 320, 360, 320]);
}

#[test]
fn a_segment_that_goes_on_where_its_end_was_expected_is_cut_as_any_other() {
    let segment = show(33_333, 90, 90, 5000);
    let (expected, _) = cut(&segment.bytes, 3_000_000);
    for expected_us in [1_000_000, 1_500_000, 1_990_000, 2_000_000] {
        let mut cutter = Cutter::new(GRID_US, None).expecting(expected_us);
        let mut parts = cutter.push(&segment.bytes);
        parts.extend(cutter.finish(3_000_000));
        assert_eq!(milliseconds(&parts), milliseconds(&expected));
        assert_promises(&segment.bytes, &parts, GRID_US);
        assert_frames(&segment, &parts);
    }
}

#[test]
fn b_frames_do_not_disturb_the_clock() {
    let (parts, whole) = cut(B_FRAMES, 2_000_000);
    assert_promises(B_FRAMES, &parts, GRID_US);
    assert_eq!(milliseconds(&parts)[..6], [333, 334, 333, 333, 334, 333]);
    assert_eq!(whole, 6);
}

#[test]
fn audio_alone_is_cut_between_its_batches_and_every_part_is_independent() {
    let (parts, whole) = cut(AUDIO_ONLY, 2_020_000);
    assert_promises(AUDIO_ONLY, &parts, GRID_US);
    assert_eq!(milliseconds(&parts), [367, 353, 325, 325, 325, 325]);
    assert_eq!((independent(&parts), whole), (vec![true; 6], 6));
    assert!(sum_us(&parts).abs_diff(2_020_000) < 1000, "foreseen to the tick");
}

#[test]
fn at_every_usual_frame_rate_parts_sum_to_the_segment() {
    for step_us in [41_667, 41_708, 40_000, 33_367, 33_333, 20_000, 16_683, 16_667] {
        let frames = 2_000_000 / step_us;
        let segment = show(step_us, frames, 1000, 5000);
        let duration_us = ((frames * step_us + 500) / 1000 * 1000).unsigned_abs();
        let (parts, whole) = cut(&segment.bytes, duration_us);
        assert_promises(&segment.bytes, &parts, GRID_US);
        assert_frames(&segment, &parts);
        assert!(whole >= 5, "{whole} of {}", parts.len());
        assert!(sum_us(&parts).abs_diff(duration_us) <= 2000, "{step_us}: {parts:?}");
    }
}

#[test]
fn a_part_is_there_once_its_last_frame_is_written_and_before_the_next_begins() {
    let segment = show(33_333, 60, 60, 5000);
    let mut cutter = Cutter::new(GRID_US, None);
    let mut parts = Vec::new();
    for (packet, end) in segment.bytes.chunks(188).zip((188..).step_by(188)) {
        for part in cutter.push(packet) {
            assert_eq!(part.offset + part.bytes, end, "not a packet late");
            let last = segment.frames.iter().find(|frame| frame.end == end).unwrap();
            assert!(last.video);
            parts.push(part);
        }
    }
    assert_eq!(milliseconds(&parts), [333, 333, 334, 333, 333, 334]);
}

#[test]
fn a_frame_too_long_to_tell_its_length_ends_with_its_last_packet_all_the_same() {
    let mut segment = Segment::new();
    for (frame, size) in (0..40).zip((70_000..).step_by(13)) {
        segment.video(frame * 33 * MS, 0, frame == 0, size);
    }
    let mut cutter = Cutter::new(GRID_US, None);
    let mut parts = Vec::new();
    for (packet, end) in segment.bytes.chunks(188).zip((188..).step_by(188)) {
        for part in cutter.push(packet) {
            assert_eq!(part.offset + part.bytes, end, "not a packet late");
            assert!(segment.frames.iter().any(|frame| frame.end == end));
            parts.push(part);
        }
    }
    assert_eq!(milliseconds(&parts), [330; 4]);
}

#[test]
fn a_keyframe_within_a_segment_makes_a_part_independent_only_where_it_comes_first() {
    let segment = show(40_000, 50, 25, 5000);
    let (parts, _) = cut(&segment.bytes, 2_000_000);
    assert_frames(&segment, &parts);
    assert_eq!(independent(&parts), [true, false, false, true, false, false]);
    // Every 20th frame: at 800 and 1600 ms, within parts.
    let segment = show(40_000, 50, 20, 5000);
    let (parts, _) = cut(&segment.bytes, 2_000_000);
    assert_eq!(independent(&parts), [true, false, false, false, false, false]);
}

#[test]
fn a_segment_that_begins_without_a_keyframe_has_no_independent_part() {
    let mut segment = Segment::new();
    (0..30).for_each(|frame| segment.video(frame * 40 * MS, 0, false, 400));
    let (parts, _) = cut(&segment.bytes, 1_200_000);
    assert_eq!(independent(&parts), vec![false; parts.len()]);
}

#[test]
fn timestamps_that_wrap_change_nothing() {
    let plain = show(33_333, 60, 60, 5000);
    let wrapping = show(33_333, 60, 60, (1 << 33) - 700 * MS);
    assert_eq!(cut(&wrapping.bytes, 2_000_000), cut(&plain.bytes, 2_000_000));
    let mut cutter = Cutter::new(GRID_US, None);
    cutter.push(&wrapping.bytes);
    assert_eq!(cutter.first_dts(), Some((1 << 33) - 700 * MS));
}

#[test]
fn time_missing_within_a_segment_is_listed_by_the_parts_after_it() {
    let mut segment = Segment::new();
    let at = |frame: i64| frame * 40 + if frame >= 12 { 1500 } else { 0 };
    (0..50).for_each(|frame| segment.video(at(frame) * MS, 0, frame == 0, 400));
    let (parts, whole) = cut(&segment.bytes, 3_500_000);
    assert_promises(&segment.bytes, &parts, GRID_US);
    assert_frames(&segment, &parts);
    assert_eq!(milliseconds(&parts)[..7], [320, 367, 367, 367, 367, 352, 320]);
    assert_eq!(sum_us(&parts), 3_500_000);
    assert!(whole >= 9, "{whole}");
}

#[test]
fn time_missing_at_the_end_is_listed_by_as_many_of_the_last_frames_as_it_takes() {
    let segment = show(33_333, 27, 60, 5000);
    let (parts, whole) = cut(&segment.bytes, 2_400_000);
    assert_promises(&segment.bytes, &parts, GRID_US);
    assert_frames(&segment, &parts);
    assert_eq!(sum_us(&parts), 2_400_000);
    assert_eq!((whole, parts.len()), (2, 7), "{:?}", milliseconds(&parts));
}

#[test]
fn a_late_frame_makes_its_part_longer_and_not_the_clock_wrong() {
    let mut segment = Segment::new();
    let at = |frame: i64| frame * 33 + if frame % 7 == 6 { 20 } else { 0 };
    (0..60).for_each(|frame| segment.video(at(frame) * MS, 0, frame == 0, 400));
    let (parts, _) = cut(&segment.bytes, 1_980_000);
    assert_promises(&segment.bytes, &parts, GRID_US);
    assert_frames(&segment, &parts);
    assert!(sum_us(&parts).abs_diff(1_980_000) <= 33_000, "{parts:?}");
}

#[test]
fn audio_goes_on_in_parts_while_video_pauses() {
    let mut segment = show(33_333, 30, 60, 0);
    (0..20).for_each(|batch| segment.audio((900 + batch * 160) * MS, 700));
    let (parts, whole) = cut(&segment.bytes, 4_000_000);
    assert_promises(&segment.bytes, &parts, GRID_US);
    assert_frames(&segment, &parts);
    assert!(whole >= 11, "{:?}", milliseconds(&parts));
    assert!(sum_us(&parts).abs_diff(4_000_000) <= 160_000, "{parts:?}");
    assert!(
        parts[3..].iter().all(|part| !part.independent),
        "a player cannot begin without a picture"
    );
}

#[test]
fn sound_that_was_taken_to_be_alone_is_cut_alike_when_the_picture_comes_with_the_same_bytes() {
    let mut segment = Segment::new();
    (0..10).for_each(|batch| segment.audio(batch * 160 * MS, 700));
    (0..30).for_each(|frame| segment.video(1600 * MS + frame * 3000, 0, frame == 0, 2000));
    let mut cutter = Cutter::new(GRID_US, None);
    let packets = segment.bytes.chunks(188);
    let mut parts: Vec<_> = packets.flat_map(|packet| cutter.push(packet)).collect();
    parts.extend(cutter.finish(2_600_000));
    assert!(parts[0].independent, "it was believed to be alone");
    assert_eq!(cut(&segment.bytes, 2_600_000).0, parts);
}

#[test]
fn audio_that_comes_in_bursts_does_not_move_the_clock() {
    let mut segment = Segment::new();
    for frame in 0..50 {
        segment.video(frame * 40 * MS, 0, frame == 0, 400);
        if frame % 4 == 3 {
            (0..3).for_each(|batch| segment.audio((frame * 40 - 160 + batch * 40) * MS, 300));
        }
    }
    let (parts, _) = cut(&segment.bytes, 2_000_000);
    assert_frames(&segment, &parts);
    assert_eq!(milliseconds(&parts), [320, 360, 320, 320, 360, 320]);
}

#[test]
fn frames_rarer_than_parts_get_one_each_and_audio_between_them_more() {
    let mut slides = Segment::new();
    (0..4).for_each(|frame| slides.video(frame * 500 * MS, 0, frame == 0, 4000));
    let (parts, _) = cut(&slides.bytes, 2_000_000);
    assert_promises(&slides.bytes, &parts, GRID_US);
    assert_frames(&slides, &parts);
    assert_eq!(
        milliseconds(&parts),
        [367; 4],
        "there are no more frames to list time with"
    );
    let spoken = show(500_000, 4, 4, 0);
    let (parts, _) = cut(&spoken.bytes, 2_000_000);
    assert_promises(&spoken.bytes, &parts, GRID_US);
    assert!(sum_us(&parts).abs_diff(2_000_000) <= 160_000, "{parts:?}");
}

#[test]
fn what_is_known_of_the_session_is_handed_on() {
    let mut silent = Segment::new();
    (0..10).for_each(|batch| silent.audio(batch * 160 * MS, 700));
    let mut unknown = Cutter::new(GRID_US, None);
    assert_eq!((unknown.has_video(), unknown.first_dts()), (None, None));
    unknown.push(&silent.bytes[..564]);
    assert_eq!(unknown.has_video(), None, "a picture may come yet");
    assert!(unknown.push(&silent.bytes[564..]).iter().all(|part| part.independent));
    assert_eq!((unknown.has_video(), unknown.first_dts()), (Some(false), Some(0)));
    // The picture is away, but the session has one.
    let mut video = Cutter::new(GRID_US, Some(true));
    assert!(video.push(&silent.bytes).iter().all(|part| !part.independent));
    assert_eq!(video.has_video(), Some(true));
    let mut audio = Cutter::new(GRID_US, Some(false));
    audio.push(FPS_25);
    assert_eq!(audio.has_video(), Some(true), "it has come after all");
}

#[test]
fn parts_of_sound_wait_until_it_is_known_whether_a_picture_comes() {
    let mut segment = Segment::new();
    (0..6).for_each(|batch| segment.audio(batch * 70 * MS, 700));
    let mut cutter = Cutter::new(GRID_US, None);
    assert_eq!(cutter.push(&segment.bytes), [], "a whole one, held");
    let written = segment.bytes.len();
    (0..12).for_each(|frame| segment.video((400 + frame * 33) * MS, 0, frame == 0, 700));
    let parts = cutter.push(&segment.bytes[written..]);
    assert_eq!(independent(&parts), [false, true], "the picture is in the second");

    let mut sound = Segment::new();
    (0..10).for_each(|batch| sound.audio(batch * 70 * MS, 700));
    let mut cutter = Cutter::new(GRID_US, None);
    assert_eq!(cutter.push(&sound.bytes), []);
    let written = sound.bytes.len();
    (10..18).for_each(|batch| sound.audio(batch * 70 * MS, 700));
    assert_eq!(
        independent(&cutter.push(&sound.bytes[written..])),
        [true; 3],
        "a second of sound"
    );
}

#[test]
fn the_tables_are_the_first_two_packets() {
    let mut cutter = Cutter::new(GRID_US, None);
    cutter.push(&FPS_25[..375]);
    assert_eq!(cutter.tables(), None);
    cutter.push(&FPS_25[375..]);
    assert_eq!(cutter.tables(), Some(&FPS_25[..376]));
}

#[test]
fn a_segment_that_says_nothing_is_one_part() {
    for bytes in [&b"x"[..], &FPS_25[..376], &FPS_25[..300]] {
        let (parts, whole) = cut(bytes, 40_000);
        assert_promises(bytes, &parts, GRID_US);
        assert_eq!((parts.len(), whole, sum_us(&parts)), (1, 0, 40_000));
    }
    assert_eq!(Cutter::new(GRID_US, None).finish(2_000_000), []);
}

#[test]
fn the_part_target_is_a_tenth_above_the_grid_in_whole_milliseconds() {
    for (grid_us, target_us) in [(333_000, 367_000), (200_000, 220_000), (1_000_000, 1_100_000)] {
        assert_eq!(part_target_us(grid_us), target_us);
    }
}
