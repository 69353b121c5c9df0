//! How clips begin and end, and what is in the file.

use std::fs;

use sluice_domain::clip::Mode;
use sluice_media::{Cut, cut, probe};
use tempfile::TempDir;

use crate::clip::{asked, make};
use crate::judge::{Seen, clicks, output};
use crate::picture::Size;
use crate::show::{NOON, Show, Take};

#[tokio::test]
async fn an_accurate_clip_has_exactly_the_frames_that_were_asked_for() {
    let show = Show::record(&[Take {
        b_frames: 3,
        ..Take::default()
    }]);
    let (start, end) = (NOON + 2_733, NOON + 9_367);
    let clip = make(&show, start, end, Mode::Accurate).await.unwrap();
    let seen = Seen::of(&clip.mp4(), Size(160, 96));
    let expected: Vec<usize> = show.between(start, end).iter().map(|frame| frame.number).collect();
    assert_eq!(seen.numbers, expected);
    assert!(seen.longest_step() < 0.034, "{}", seen.longest_step());
    assert!(seen.offset().unwrap() <= 0.010, "{seen:?}");
    assert_eq!(clip.made.actual_start.0, show.between(start, end)[0].wall_ms);
    assert_eq!((clip.made.width, clip.made.height), (160, 96));
    assert_eq!((clip.made.frame_rate_milli, clip.made.duration_ms), (30_000, 6_633));
    assert_eq!(clip.made.bytes, fs::metadata(clip.mp4()).unwrap().len());
}

#[tokio::test]
async fn a_fast_clip_begins_at_the_keyframe_before_and_says_so() {
    let show = Show::record(&[Take {
        b_frames: 2,
        ..Take::default()
    }]);
    let (start, end) = (NOON + 5_100, NOON + 7_950);
    let clip = make(&show, start, end, Mode::Fast).await.unwrap();
    let seen = Seen::of(&clip.mp4(), Size(160, 96));
    assert_eq!(clip.made.actual_start.0, NOON + 4_000);
    let wanted = show.between(NOON + 4_000, end);
    let last = wanted.last().unwrap().number;
    let expected: Vec<usize> = (wanted[0].number..).take(seen.numbers.len()).collect();
    assert_eq!(seen.numbers, expected);
    assert!((last..=last + 3).contains(seen.numbers.last().unwrap()), "{seen:?}");
    assert!(
        seen.longest_step() < 0.034 && seen.offset().unwrap() <= 0.010,
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_file_starts_fast_and_tells_its_title_and_its_wall_clock() {
    let show = Show::record(&[Take::default()]);
    let clip = make(&show, NOON + 1_234, NOON + 4_000, Mode::Accurate).await.unwrap();
    let bytes = fs::read(clip.mp4()).unwrap();
    let place = |kind: &[u8]| bytes.windows(4).position(|four| four == kind).unwrap();
    assert!(place(b"moov") < place(b"mdat"));
    let tags = output(
        "ffprobe",
        &["-v", "error", "-of", "csv=p=0", "-show_entries", "format_tags"],
        &clip.mp4(),
        "",
    );
    let tags = String::from_utf8(tags).unwrap();
    for tag in [
        "moment",
        "— für alle",
        "2026-01-02T12:00:01.000000Z",
        "2026-01-02T12:00:01.267Z",
    ] {
        assert!(tags.contains(tag), "{tag}: {tags}");
    }
    let poster = probe(&clip.poster()).await.unwrap().video.unwrap();
    assert_eq!((poster.codec.as_str(), poster.width, poster.height), ("mjpeg", 160, 96));
    let luma = output(
        "ffmpeg",
        &["-v", "error", "-i"],
        &clip.poster(),
        "-f rawvideo -pix_fmt gray -",
    );
    assert_eq!(crate::picture::read(&luma, Size(160, 96)).0, 38, "the first frame");
}

#[tokio::test]
async fn a_clip_of_one_frame_is_a_clip() {
    let show = Show::record(&[Take {
        b_frames: 3,
        ..Take::default()
    }]);
    for (start, number) in [(NOON + 2_000, 60), (NOON + 2_033, 61), (NOON + 1_967, 59)] {
        let clip = make(&show, start, start + 10, Mode::Accurate).await.unwrap();
        assert_eq!(Seen::of(&clip.mp4(), Size(160, 96)).numbers, [number]);
    }
}

#[tokio::test]
async fn pieces_of_one_source_go_together_however_long_they_are() {
    let most = Take::default();
    let other = |length| Take {
        size: Size(320, 192),
        length,
        ..Take::default()
    };
    let show = Show::record(&[most.clone(), other(12), most, other(2)]);
    let (start, end) = (NOON + 1_500, NOON + 38_000);
    let clip = make(&show, start, end, Mode::Accurate).await.unwrap();
    let expected: Vec<usize> = show.between(start, end).iter().map(|frame| frame.number).collect();
    assert_eq!(Seen::of(&clip.mp4(), Size(160, 96)).numbers, expected);
}

#[tokio::test]
async fn a_show_without_sound_makes_a_clip_without_sound() {
    let show = Show::record(&[Take {
        audio: None,
        ..Take::default()
    }]);
    let clip = make(&show, NOON + 500, NOON + 2_500, Mode::Accurate).await.unwrap();
    assert_eq!(
        Seen::of(&clip.mp4(), Size(160, 96)).numbers,
        (15..75).collect::<Vec<_>>()
    );
    assert!(probe(&clip.mp4()).await.unwrap().audio.is_none());
}

#[tokio::test]
async fn a_show_of_sound_alone_makes_a_clip_of_sound_alone() {
    let show = Show::record(&[Take {
        pictures: false,
        ..Take::default()
    }]);
    let (start, end) = (NOON + 2_500, NOON + 7_250);
    for mode in [Mode::Fast, Mode::Accurate] {
        let clip = make(&show, start, end, mode).await.unwrap();
        let made = probe(&clip.mp4()).await.unwrap();
        assert!(made.video.is_none() && made.audio.is_some());
        // A frame of sound is not cut, and has 21 ms.
        let late = clip.made.actual_start.0 - start;
        assert!((0..22).contains(&late), "{late}");
        assert!((clip.made.duration_ms - 4_750).abs() < 22, "{:?}", clip.made);
        assert_eq!((clip.made.width, clip.made.has_poster), (0, false));
        assert!(!clip.poster().exists());
        let expected = (3..8).map(|second| (second * 1000 - 2_500 - late) as f64 / 1000.0);
        let heard = clicks(&clip.mp4());
        assert_eq!(heard.len(), 5, "{heard:?}");
        // The show's own encoder delays the sound by a frame.
        assert!(
            heard
                .iter()
                .zip(expected)
                .all(|(heard, due)| (heard - due).abs() < 0.03),
            "{heard:?}"
        );
    }
    let nothing = make(&show, NOON + 100_000, NOON + 101_000, Mode::Accurate).await;
    assert_eq!(nothing.err().map(|error| error.code()), Some("no_segments_in_range"));
}

#[tokio::test]
async fn groups_that_lean_on_the_one_before_them_are_cut_right() {
    let show = Show::record(&[Take {
        b_frames: 3,
        x264: ":open-gop=1",
        ..Take::default()
    }]);
    let (start, end) = (NOON + 5_100, NOON + 8_500);
    let dir = TempDir::new().unwrap();
    // Only the first segment has parameter sets: an IDR picture brings them, and there is no other.
    let whole = Cut {
        segments: show.segments.clone(),
        ..asked(&show, (start, end), Mode::Accurate, &dir)
    };
    cut(whole.clone(), |_| ()).await.unwrap();
    let seen = Seen::of(&whole.out, Size(160, 96));
    let expected: Vec<usize> = show.between(start, end).iter().map(|frame| frame.number).collect();
    assert_eq!(seen.numbers, expected);
}
