//! Clips at random points of shows of every kind.

use std::fmt::Write;

use sluice_domain::clip::Mode;

use crate::clip::make;
use crate::judge::Seen;
use crate::picture::Size;
use crate::show::{Frame, NOON, Show, Take};

const SMALL: Size = Size(160, 96);
const LARGE: Size = Size(320, 192);

/// What happens in the middle of a show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Nothing,
    Reconnect,
    OtherResolution,
    OtherSound,
}

#[derive(Clone, Copy, Debug)]
struct Kind {
    gop: usize,
    b_frames: usize,
    rate: (usize, usize),
    event: Event,
}

/// 24 kinds: every length of groups, with and without B-frames, at every rate; something happens in most.
fn kinds() -> Vec<Kind> {
    let events = [
        Event::Nothing,
        Event::Reconnect,
        Event::OtherResolution,
        Event::OtherSound,
        Event::Reconnect,
    ];
    let mut kinds = Vec::new();
    for gop in [1, 2, 5, 10] {
        for b_frames in [0, 3] {
            for rate in [(25, 1), (30_000, 1001), (60, 1)] {
                let event = events[kinds.len() % events.len()];
                kinds.push(Kind {
                    gop,
                    b_frames,
                    rate,
                    event,
                });
            }
        }
    }
    kinds
}

impl Kind {
    fn take(self) -> Take {
        Take {
            rate: self.rate,
            gop: self.gop,
            b_frames: self.b_frames,
            length: (2 * self.gop).max(8) + 2,
            ..Take::default()
        }
    }

    fn show(self) -> Show {
        let take = self.take();
        let again = Take {
            pause_ms: 4_321,
            ..self.take()
        };
        let takes = match self.event {
            Event::Nothing => vec![take],
            Event::Reconnect => vec![take, again],
            Event::OtherResolution => vec![take, Take { size: LARGE, ..again }],
            Event::OtherSound => vec![
                take,
                Take {
                    audio: Some((44_100, 1)),
                    ..again
                },
            ],
        };
        Show::record(&takes)
    }
}

/// Numbers that look like chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as i64 % end
    }

    /// A stretch of a show that holds more than a second of it.
    fn stretch(&mut self, show: &Show) -> (i64, i64) {
        let length = show.frames.last().unwrap().wall_ms - NOON;
        loop {
            let start = NOON + self.below(length - 1_500);
            let end = start + 1_500 + self.below(length - (start - NOON) - 1_400);
            if show.between(start, end).len() > 30 {
                return (start, end);
            }
        }
    }
}

/// What is wrong with a clip, in words; nothing if all is well.
async fn judged(show: &Show, start: i64, end: i64, mode: Mode) -> String {
    let mut wrong = String::new();
    let clip = match make(show, start, end, mode).await {
        Ok(clip) => clip,
        Err(error) => return format!("not made: {error}"),
    };
    let wanted = wanted(show, start, end, mode);
    let size = Size(clip.made.width as usize, clip.made.height as usize);
    let seen = Seen::of(&clip.mp4(), size);
    let last_wanted = wanted.last().unwrap().number;
    let spare = if mode == Mode::Fast { 3 } else { 0 };
    let expected: Vec<usize> = (wanted[0].number..).take(seen.numbers.len()).collect();
    let last = seen.numbers.last().copied().unwrap_or(0);
    if seen.numbers != expected || !(last_wanted..=last_wanted + spare).contains(&last) {
        write!(
            wrong,
            "frames {:?}, wanted {}..={last_wanted}; ",
            seen.numbers, expected[0]
        )
        .unwrap();
    }
    if clip.made.actual_start.0 != wanted[0].wall_ms {
        write!(
            wrong,
            "said to begin at {}, not {}; ",
            clip.made.actual_start.0, wanted[0].wall_ms
        )
        .unwrap();
    }
    if seen.longest_step() > 0.066 {
        write!(wrong, "a picture stands for {} s; ", seen.longest_step()).unwrap();
    }
    match seen.offset() {
        Some(offset) if offset > 0.010 => write!(wrong, "{offset} s between flash and click; ").unwrap(),
        _ => (),
    }
    wrong
}

/// The frames that must be there: for a fast clip from the keyframe on.
fn wanted(show: &Show, start: i64, end: i64, mode: Mode) -> Vec<Frame> {
    let asked = show.between(start, end);
    let first = asked[0].number;
    let key = show.frames[..=first].iter().rfind(|frame| frame.is_key).unwrap();
    match mode {
        Mode::Fast => show.frames[key.number..=asked.last().unwrap().number].to_vec(),
        Mode::Accurate => asked,
    }
}

async fn all_are_right(kinds: &[Kind], each: usize) {
    let mut wrong = String::new();
    let mut clips = 0;
    for (seed, kind) in kinds.iter().enumerate() {
        let show = kind.show();
        let mut chance = Chance(seed as u64 + 7);
        for _ in 0..each {
            let (start, end) = chance.stretch(&show);
            for mode in [Mode::Accurate, Mode::Fast] {
                clips += 1;
                let found = judged(&show, start, end, mode).await;
                if !found.is_empty() {
                    writeln!(wrong, "{kind:?} {mode:?} {}..{}: {found}", start - NOON, end - NOON).unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "of {clips} clips:\n{wrong}");
}

#[tokio::test]
async fn clips_at_random_points_have_every_frame_once_and_in_sync() {
    let kinds: Vec<Kind> = kinds().into_iter().step_by(4).collect();
    all_are_right(&kinds, 1).await;
}

#[tokio::test]
#[ignore = "a hundred clips of each mode take minutes"]
async fn a_hundred_clips_at_random_points_have_every_frame_once_and_in_sync() {
    let mut all = kinds();
    all.push(Kind {
        gop: 2,
        b_frames: 3,
        rate: (30, 1),
        event: Event::OtherResolution,
    });
    assert_eq!(all[0].show().frames[0].size, SMALL);
    all_are_right(&all, 4).await;
}
