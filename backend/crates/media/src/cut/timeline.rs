//! When everything plays: the runs one behind the other, pictures and sound on one clock. Pure.
//!
//! Frames of sound are 21 ms long and are not cut: they lie on a grid of their own, and the pictures' clock is laid
//! over it. Within a run both keep the distance they were recorded with. Where a run ends, the next one's pictures
//! begin as soon as they are due on the grid, which is less than a frame of sound later; so no gap of sound is left,
//! which browsers would not play, and nothing drifts. What is missing of the sound is silence.

use std::collections::BTreeMap;

use super::index::{Index, Run, Sound};
use super::plan::Asked;
use super::shelf::Place;
use crate::aac::{Config, FRAME_SAMPLES};
use crate::ts::TICKS;

/// The pictures of a run that are in the clip, or its sound where there are none, in ticks on the run's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The run's place in the index.
    pub(crate) run: usize,
    /// When the first one begins.
    pub(crate) start: i64,
    /// When the last one ends.
    pub(crate) end: i64,
}

/// When what plays.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// For each window, how much later its run's clock is in the clip, in ticks.
    pub(crate) shifts: Vec<i64>,
    /// How long the clip is, in ticks.
    pub(crate) length: i64,
    /// The sound, if there is any.
    pub(crate) track: Option<SoundTrack>,
}

/// Frames of sound on their grid.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SoundTrack {
    /// What all are decoded with.
    pub(crate) config: Config,
    /// How much of the first frame is before the first picture, in samples.
    pub(crate) skip: i64,
    /// Where each frame is; nothing for silence.
    pub(crate) frames: Vec<Option<Place>>,
}

/// What most of the sound in the windows is decoded with.
pub(crate) fn main_config(index: &Index, windows: &[Window]) -> Option<Config> {
    let mut counts: BTreeMap<[u8; 2], (usize, Config)> = BTreeMap::new();
    for window in windows {
        for sound in heard(index, *window) {
            counts.entry(sound.config.record()).or_insert((0, sound.config)).0 += 1;
        }
    }
    counts
        .into_values()
        .max_by_key(|(count, _)| *count)
        .map(|(_, config)| config)
}

/// The frames that sound in a window.
pub(crate) fn heard(index: &Index, window: Window) -> &[Sound] {
    let sounds = index.runs.get(window.run).map_or(&[][..], |run: &Run| &run.sounds);
    let ends = |sound: &Sound| sound.pts + frame_ticks(sound.config);
    let first = sounds.partition_point(|sound| ends(sound) <= window.start);
    let end = sounds.partition_point(|sound| sound.pts < window.end);
    sounds.get(first..end).unwrap_or_default()
}

/// What is asked for of a show that is sound alone: the frames that begin in it.
pub(crate) fn windows_of_sound(index: &Index, asked: Asked) -> Vec<Window> {
    let windows = index.runs.iter().enumerate().filter_map(|(run, sounds)| {
        let mut wanted = sounds.sounds.iter().filter(|sound| asked.wants(sound.wall_ms));
        let first = wanted.next()?;
        let last = wanted.next_back().unwrap_or(first);
        Some(Window {
            run,
            start: first.pts,
            end: last.pts + frame_ticks(last.config),
        })
    });
    windows.collect()
}

/// Lays the windows one behind the other. Of the sound, what is not of this configuration is silence.
pub(crate) fn lay(index: &Index, windows: &[Window], config: Option<Config>) -> Timeline {
    let mut grid = config.map(Grid::new);
    let mut shifts = Vec::new();
    let mut length = 0;
    for window in windows {
        let sounds: Vec<&Sound> = heard(index, *window)
            .iter()
            .filter(|sound| Some(sound.config) == config)
            .collect();
        let begin = match (&mut grid, sounds.first()) {
            (Some(grid), Some(first)) => grid.begin(length, window.start, first.pts),
            _ => length,
        };
        let shift = begin - window.start;
        if let Some(grid) = &mut grid {
            sounds.into_iter().for_each(|sound| grid.put(sound, shift));
        }
        shifts.push(shift);
        length = window.end + shift;
    }
    Timeline {
        shifts,
        length,
        track: grid.map(|grid| grid.track).filter(|track| !track.frames.is_empty()),
    }
}

/// A track that is being filled.
struct Grid {
    track: SoundTrack,
    /// The first picture's place was settled.
    is_anchored: bool,
}

impl Grid {
    fn new(config: Config) -> Self {
        let track = SoundTrack {
            config,
            skip: 0,
            frames: Vec::new(),
        };
        Self {
            track,
            is_anchored: false,
        }
    }

    /// When a run's pictures begin that could begin at `earliest`, in ticks: `start` is their time on the run's clock
    /// and `sound` that of its first sound.
    fn begin(&mut self, earliest: i64, start: i64, sound: i64) -> i64 {
        let late = self.samples(sound - start);
        if !self.is_anchored {
            self.is_anchored = true;
            // The sound that was there before the first picture is skipped.
            let silent = (late + self.samples(earliest)).max(0);
            self.track.skip =
                (silent + FRAME_SAMPLES - 1) / FRAME_SAMPLES * FRAME_SAMPLES - late - self.samples(earliest);
            return earliest;
        }
        let next = self.next() - late;
        let waits = self.samples(earliest) + self.track.skip - next;
        // Less than none where the run brings sound for what the one before it has filled already.
        let frames = -(-waits).div_euclid(FRAME_SAMPLES);
        self.ticks(next + frames * FRAME_SAMPLES - self.track.skip)
            .max(earliest)
    }

    /// Puts a frame where it belongs, give or take half of one: what lies between is silent, what overlaps is left out.
    fn put(&mut self, sound: &Sound, shift: i64) {
        let due = self.samples(sound.pts + shift) + self.track.skip;
        let off = due - self.next();
        // A little more than half, or jitter would flip it to and fro.
        let tolerance = FRAME_SAMPLES * 11 / 20;
        if off < -tolerance {
            return;
        }
        if off > tolerance {
            let missing = usize::try_from((off + FRAME_SAMPLES / 2) / FRAME_SAMPLES).unwrap_or(0);
            self.track.frames.extend(std::iter::repeat_n(None, missing));
        }
        self.track.frames.push(Some(sound.place.clone()));
    }

    /// The next free sample.
    fn next(&self) -> i64 {
        i64::try_from(self.track.frames.len()).unwrap_or(i64::MAX / FRAME_SAMPLES) * FRAME_SAMPLES
    }

    fn samples(&self, ticks: i64) -> i64 {
        let rate = i64::from(self.track.config.rate_hz());
        (ticks * rate + TICKS / 2).div_euclid(TICKS)
    }

    fn ticks(&self, samples: i64) -> i64 {
        let rate = i64::from(self.track.config.rate_hz());
        (samples * TICKS + rate / 2).div_euclid(rate)
    }
}

/// How long a frame sounds, in ticks.
fn frame_ticks(config: Config) -> i64 {
    FRAME_SAMPLES * TICKS / i64::from(config.rate_hz())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One frame of sound in ticks, at 48 kHz.
    const FRAME: i64 = 1920;

    fn config() -> Config {
        let header = [0xff, 0xf1, 0x4c, 0x80, 1, 0x1f, 0xfc, 0];
        crate::aac::frames(&header).unwrap()[0].config
    }

    /// Sound at these times, in ticks.
    fn run(times: impl IntoIterator<Item = i64>) -> Run {
        let sound = |pts| Sound {
            pts,
            wall_ms: 0,
            config: config(),
            place: Place { file: 0, bytes: 0..1 },
        };
        Run {
            frames: Vec::new(),
            sounds: times.into_iter().map(sound).collect(),
        }
    }

    fn laid(runs: Vec<Run>, windows: &[(i64, i64)]) -> Timeline {
        let index = Index {
            runs,
            parameters: Vec::new(),
        };
        let windows: Vec<Window> = (0..)
            .zip(windows)
            .map(|(run, (start, end))| Window {
                run,
                start: *start,
                end: *end,
            })
            .collect();
        lay(&index, &windows, Some(config()))
    }

    /// Which of a track's frames are silent.
    fn silent(timeline: &Timeline) -> Vec<usize> {
        let frames = &timeline.track.as_ref().unwrap().frames;
        (0..)
            .zip(frames)
            .filter(|(_, frame)| frame.is_none())
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn the_track_begins_with_the_frame_that_the_first_picture_is_in() {
        let sounds = run((0..100).map(|at| at * FRAME));
        let timeline = laid(vec![sounds], &[(FRAME * 10 + 900, FRAME * 60)]);
        let track = timeline.track.as_ref().unwrap();
        assert_eq!((track.skip, track.frames.len()), (480, 50), "900 ticks are 480 samples");
        assert_eq!(
            (timeline.shifts[0], timeline.length),
            (-FRAME * 10 - 900, FRAME * 50 - 900)
        );
    }

    #[test]
    fn sound_that_begins_late_is_silence_before() {
        let sounds = run((0..100).map(|at| 1000 + at * FRAME));
        let timeline = laid(vec![sounds], &[(0, FRAME * 50)]);
        let track = timeline.track.as_ref().unwrap();
        // 1000 ticks are 533 samples: a frame of silence, the first 491 samples of which are skipped.
        assert_eq!((track.skip, silent(&timeline)), (491, vec![0]));
    }

    #[test]
    fn missing_sound_is_silence_and_sound_that_comes_twice_is_left_out() {
        let gap = run((0..100).filter(|at| !(40..43).contains(at)).map(|at| at * FRAME));
        let timeline = laid(vec![gap], &[(0, FRAME * 100)]);
        assert_eq!(silent(&timeline), [40, 41, 42]);
        let twice = run((0..50).chain(48..100).map(|at| at * FRAME));
        let timeline = laid(vec![twice], &[(0, FRAME * 100)]);
        assert_eq!(timeline.track.as_ref().unwrap().frames.len(), 100);
    }

    #[test]
    fn jitter_changes_nothing() {
        let jitter = run((0..100)
            .zip([0, 90, -90, 45].into_iter().cycle())
            .map(|(at, off)| at * FRAME + off));
        let timeline = laid(vec![jitter], &[(0, FRAME * 100)]);
        assert_eq!((silent(&timeline), timeline.track.unwrap().frames.len()), (vec![], 100));
    }

    #[test]
    fn the_next_run_begins_when_its_pictures_are_due_on_the_grid() {
        let first = run((0..51).map(|at| at * FRAME));
        let second = run((0..100).map(|at| 1_000_000 + 500 + at * FRAME));
        let end = FRAME * 50 + 700;
        let timeline = laid(
            vec![first, second],
            &[(0, end), (1_000_000 + FRAME, 1_000_000 + FRAME * 21)],
        );
        let begins = timeline.shifts[1] + 1_000_000 + FRAME;
        assert!((end..end + FRAME).contains(&begins), "{begins}, not long after {end}");
        assert_eq!(silent(&timeline), Vec::<usize>::new());
        // The first sound of the second run lies on the grid to the sample, give or take the rounding to ticks.
        let place = timeline.shifts[1] + 1_000_000 + 500;
        assert!(
            place.rem_euclid(FRAME) <= 1 || place.rem_euclid(FRAME) >= FRAME - 1,
            "{place}"
        );
    }
}
