//! Which frames are copied and which are encoded anew. Pure.
//!
//! The pictures between two IDR pictures are a group: decoding can begin at its first only. What is asked of a group
//! from its first picture on is copied, as far as it ends where no copied picture refers to one left out; the rest is
//! decoded from the group's beginning and encoded.

use std::collections::BTreeMap;
use std::ops::Range;

use sluice_domain::clip::Mode;

use super::index::{Frame, Index};

/// What is encoded in one piece at most, in frames: it is held in memory when it is put in its place.
const PIECE_FRAMES: usize = 1800;

/// A clip's pictures.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// One behind the other.
    pub(crate) pieces: Vec<Piece>,
    /// The place, in the index, of the parameter sets that everything agrees with.
    pub(crate) target: usize,
}

/// Pictures that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These frames of a run, as they are.
    Copy {
        /// The run's place in the index.
        run: usize,
        /// In decoding order.
        frames: Range<usize>,
    },
    /// Frames that are encoded.
    Code(Code),
}

/// Frames to decode, and which of the pictures to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// The run's place in the index.
    pub(crate) run: usize,
    /// The place, in the index, of the parameter sets it is decoded with.
    pub(crate) parameters: usize,
    /// What is decoded, in decoding order; it begins a group.
    pub(crate) feed: Range<usize>,
    /// What is encoded of it, in the order of presentation.
    pub(crate) keep: Range<usize>,
}

/// What is asked for, in milliseconds of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Of the first frame.
    pub(crate) start_ms: i64,
    /// Behind the last frame.
    pub(crate) end_ms: i64,
    /// How exactly.
    pub(crate) mode: Mode,
}

impl Asked {
    /// What is at that moment is asked for.
    pub(crate) fn wants(&self, wall_ms: i64) -> bool {
        (self.start_ms..self.end_ms).contains(&wall_ms)
    }
}

impl Plan {
    /// The cheapest way to what is asked; nothing where no frame is in the range.
    pub(crate) fn make(index: &Index, asked: Asked) -> Option<Self> {
        let target = most_frequent(index, asked)?;
        let pieces = pieces(index, asked, |parameters| parameters == target);
        let encodes = pieces.iter().any(|piece| matches!(piece, Piece::Code(_)));
        let sps = index.parameters.get(target).and_then(|sets| sets.sps());
        let can_be_matched = sps.is_some_and(|sps| sps.is_plain && [66, 77, 100].contains(&sps.profile));
        let pieces = match encodes && !can_be_matched {
            true => pieces_of_nothing_copied(index, asked),
            false => pieces,
        };
        Some(Self { pieces, target })
    }

    /// What is encoded.
    pub(crate) fn coded(&self) -> impl Iterator<Item = &Code> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Code(code) => Some(code),
            Piece::Copy { .. } => None,
        })
    }
}

fn pieces_of_nothing_copied(index: &Index, asked: Asked) -> Vec<Piece> {
    pieces(index, asked, |_| false)
}

/// The parameter sets of most of the asked frames: the fewest are then encoded.
fn most_frequent(index: &Index, asked: Asked) -> Option<usize> {
    let mut counts = BTreeMap::<_, usize>::new();
    let frames = index.runs.iter().flat_map(|run| &run.frames);
    for frame in frames.filter(|frame| asked.wants(frame.wall_ms)) {
        *counts.entry(frame.parameters).or_default() += 1;
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(sets, _)| sets)
}

fn pieces(index: &Index, asked: Asked, may_copy: impl Fn(usize) -> bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (run, frames) in index.runs.iter().map(|run| &run.frames).enumerate() {
        for group in groups(frames) {
            let is_first = pieces.is_empty();
            let group = Group::new(frames, group, asked, is_first);
            for piece in group.pieces(run, asked.mode, &may_copy) {
                append(&mut pieces, piece);
            }
        }
    }
    pieces
}

/// The groups of a run. A run that begins with a picture that is no IDR picture begins with a group all the same.
fn groups(frames: &[Frame]) -> Vec<Range<usize>> {
    let starts = frames.iter().enumerate().filter(|(at, frame)| *at == 0 || frame.is_idr);
    let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([frames.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

/// Puts a piece behind the others, as one with the last where they go together.
fn append(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (
            Some(Piece::Copy { run, frames }),
            Piece::Copy {
                run: next_run,
                frames: next,
            },
        ) if *run == next_run && frames.end == next.start => {
            frames.end = next.end;
        }
        (Some(Piece::Code(last)), Piece::Code(next))
            if (last.run, last.parameters) == (next.run, next.parameters)
                && last.feed.end == next.feed.start
                && last.keep.end == last.feed.len()
                && next.keep.start == 0
                && last.feed.len() + next.feed.len() <= PIECE_FRAMES =>
        {
            last.keep.end = last.feed.len() + next.keep.end;
            last.feed.end = next.feed.end;
        }
        (_, piece) => pieces.push(piece),
    }
}

/// A group and what is wanted of it.
struct Group<'a> {
    start: usize,
    frames: &'a [Frame],
    /// The times of presentation, in their order.
    order: Vec<i64>,
    /// What is wanted, in the order of presentation.
    wanted: Range<usize>,
}

impl<'a> Group<'a> {
    fn new(run: &'a [Frame], group: Range<usize>, asked: Asked, is_first: bool) -> Self {
        let frames = run.get(group.clone()).unwrap_or_default();
        let mut shown: Vec<(i64, bool)> = frames.iter().map(|f| (f.pts, asked.wants(f.wall_ms))).collect();
        shown.sort_unstable();
        let first = shown.iter().position(|(_, wanted)| *wanted).unwrap_or(0);
        let end = shown.iter().rposition(|(_, wanted)| *wanted).map_or(0, |last| last + 1);
        // What refers to a picture before the group's first cannot be decoded.
        let lost = frames
            .first()
            .map_or(0, |key| shown.partition_point(|(pts, _)| *pts < key.pts));
        let first = match asked.mode {
            Mode::Fast if is_first => 0,
            _ => first,
        };
        Self {
            start: group.start,
            frames,
            order: shown.into_iter().map(|(pts, _)| pts).collect(),
            wanted: first.max(lost)..end,
        }
    }

    fn pieces(&self, run: usize, mode: Mode, may_copy: impl Fn(usize) -> bool) -> Vec<Piece> {
        if self.wanted.is_empty() {
            return Vec::new();
        }
        let fits = self.frames.iter().all(|frame| may_copy(frame.parameters));
        let copied = match fits && self.wanted.start == 0 {
            true => self.copied(mode),
            false => 0,
        };
        let copy = (copied > 0).then(|| Piece::Copy {
            run,
            frames: self.start..self.start + copied,
        });
        let rest = self.wanted.start.max(copied)..self.wanted.end;
        let code = (!rest.is_empty()).then(|| {
            Piece::Code(Code {
                run,
                parameters: self.frames.first().map_or(0, |frame| frame.parameters),
                feed: self.start..self.start + self.feed(rest.end),
                keep: rest,
            })
        });
        copy.into_iter().chain(code).collect()
    }

    /// How many frames, in decoding order, are copied: as many as are wanted and refer to nothing else; or, where it
    /// need not be exact, as few as hold all that is wanted.
    fn copied(&self, mode: Mode) -> usize {
        let wanted = self.wanted.end;
        let mut closed = self.closed().into_iter();
        let copied = match mode {
            Mode::Accurate => closed.rfind(|count| *count <= wanted),
            Mode::Fast => closed.find(|count| *count >= wanted),
        };
        copied.unwrap_or(0)
    }

    /// How many frames, in decoding order, are the same as that many in the order of presentation; in growing order.
    fn closed(&self) -> Vec<usize> {
        let mut latest = i64::MIN;
        let mut counts = Vec::new();
        for (at, (frame, shown)) in self.frames.iter().zip(&self.order).enumerate() {
            latest = latest.max(frame.pts);
            if latest == *shown {
                counts.push(at + 1);
            }
        }
        counts
    }

    /// How many frames must be decoded to see the first `shown` of them.
    fn feed(&self, shown: usize) -> usize {
        let latest = shown.checked_sub(1).and_then(|last| self.order.get(last));
        let last = self.frames.iter().rposition(|frame| Some(&frame.pts) <= latest);
        last.map_or(0, |last| last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::index::Run;
    use crate::cut::shelf::Place;

    /// A run of frames 40 ms apart, in decoding order: `I` begins a group, `P` is shown in its turn, and `b` before the
    /// picture that was decoded before it. Each letter's parameter sets are `sets`.
    fn run(text: &str, sets: usize) -> Run {
        let letters: Vec<char> = text.chars().collect();
        let mut shown = 0;
        let frames = letters.iter().enumerate().map(|(at, letter)| {
            let bs = |letters: &mut dyn Iterator<Item = &char>| letters.take_while(|next| **next == 'b').count() as i64;
            let turn = match letter {
                'b' => shown - 2 - bs(&mut letters[..at].iter().rev()),
                _ => {
                    shown += 1 + bs(&mut letters[at + 1..].iter());
                    shown - 1
                }
            };
            Frame {
                pts: turn * 3600,
                wall_ms: turn * 40,
                is_idr: *letter == 'I',
                is_reference: *letter != 'b',
                parameters: sets,
                bytes: 1,
                place: Place { file: 0, bytes: 0..1 },
            }
        });
        Run {
            frames: frames.collect(),
            sounds: Vec::new(),
        }
    }

    fn planned(runs: Vec<Run>, (first, end): (i64, i64), mode: Mode) -> Vec<Piece> {
        let index = Index {
            runs,
            ..Index::default()
        };
        let asked = Asked {
            start_ms: first * 40,
            end_ms: end * 40,
            mode,
        };
        pieces(&index, asked, |sets| sets == 0)
    }

    fn copy(frames: Range<usize>) -> Piece {
        Piece::Copy { run: 0, frames }
    }

    fn code(feed: Range<usize>, keep: Range<usize>) -> Piece {
        Piece::Code(Code {
            run: 0,
            parameters: 0,
            feed,
            keep,
        })
    }

    #[test]
    fn whole_groups_are_copied_and_the_head_of_another_is_encoded() {
        let show = || vec![run("IPPPIPPPIPPP", 0)];
        assert_eq!(planned(show(), (0, 12), Mode::Accurate), [copy(0..12)]);
        assert_eq!(
            planned(show(), (2, 12), Mode::Accurate),
            [code(0..4, 2..4), copy(4..12)]
        );
        assert_eq!(planned(show(), (2, 12), Mode::Fast), [copy(0..12)]);
    }

    #[test]
    fn without_b_frames_the_end_is_copied_to_the_frame() {
        let show = || vec![run("IPPPIPPP", 0)];
        for mode in [Mode::Accurate, Mode::Fast] {
            assert_eq!(planned(show(), (0, 6), mode), [copy(0..6)], "{mode:?}");
        }
        assert_eq!(planned(show(), (1, 3), Mode::Accurate), [code(0..3, 1..3)]);
    }

    #[test]
    fn b_frames_that_need_a_picture_behind_the_end_are_encoded() {
        // Shown as I b b P b b P, decoded as I P b b P b b.
        let show = || vec![run("IPbbPbb", 0)];
        let shown: Vec<i64> = show()[0].frames.iter().map(|frame| frame.wall_ms / 40).collect();
        assert_eq!(shown, [0, 3, 2, 1, 6, 5, 4]);
        assert_eq!(planned(show(), (0, 4), Mode::Accurate), [copy(0..4)]);
        assert_eq!(planned(show(), (0, 6), Mode::Accurate), [copy(0..4), code(0..7, 4..6)]);
        assert_eq!(planned(show(), (0, 6), Mode::Fast), [copy(0..7)], "it may be longer");
    }

    #[test]
    fn what_has_other_parameters_is_encoded_whatever_the_mode() {
        let show = || vec![run("IPPP", 1)];
        let all = [Piece::Code(Code {
            run: 0,
            parameters: 1,
            feed: 0..4,
            keep: 0..4,
        })];
        for mode in [Mode::Accurate, Mode::Fast] {
            assert_eq!(planned(show(), (0, 4), mode), all, "{mode:?}");
        }
    }

    #[test]
    fn neighbours_that_are_encoded_are_one_piece() {
        let show = vec![run("IPPPIPPP", 1)];
        let pieces = planned(show, (2, 6), Mode::Accurate);
        let [Piece::Code(code)] = &pieces[..] else {
            panic!("{pieces:?}")
        };
        assert_eq!((code.feed.clone(), code.keep.clone()), (0..6, 2..6));
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        assert_eq!(planned(vec![run("IPPP", 0)], (4, 9), Mode::Fast), []);
        assert_eq!(planned(Vec::new(), (0, 9), Mode::Accurate), []);
    }
}
