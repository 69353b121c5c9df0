//! The clip's pictures in the order in which they stand in the file, and when each is presented. Pure, but for the
//! look into what was encoded.

use std::ops::Range;

use super::CutError;
use super::index::{Frame, Index};
use super::plan::{Code, Piece, Plan};
use super::shelf::{Place, Shelf};
use super::timeline::Window;
use crate::h264::{self, Kind};
use crate::mp4::Sample;

/// A picture of the clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The window it is of.
    pub(crate) window: usize,
    /// When it is presented, in ticks on its run's clock.
    pub(crate) pts: i64,
    /// Where it is.
    pub(crate) place: Place,
    /// Its length as a sample.
    pub(crate) bytes: u32,
    /// Decoding can begin here.
    pub(crate) is_sync: bool,
}

/// The frames that a piece decodes or copies.
pub(crate) fn frames<'a>(index: &'a Index, run: usize, range: &Range<usize>) -> &'a [Frame] {
    let run = index.runs.get(run).map_or(&[][..], |run| &run.frames);
    run.get(range.clone()).unwrap_or_default()
}

/// What of the frames of a group must be decoded to see those that are kept of it, and where these are then, in the order
/// of presentation. What is shown before them is left out where nothing refers to it and it brings no parameter sets.
pub(crate) fn needed<'a>(group: &'a [Frame], keep: &Range<usize>) -> (Vec<&'a Frame>, Range<usize>) {
    let mut times: Vec<i64> = group.iter().map(|frame| frame.pts).collect();
    times.sort_unstable();
    let first = times.get(keep.start).copied().unwrap_or(i64::MIN);
    let mut sets = None;
    let is_needed = |frame: &&Frame| {
        let brings_sets = sets.replace(frame.parameters) != Some(frame.parameters);
        brings_sets || frame.is_reference || frame.pts >= first
    };
    let needed: Vec<&Frame> = group.iter().filter(is_needed).collect();
    let left_out = group.len() - needed.len();
    (needed, keep.start - left_out..keep.end - left_out)
}

/// When what a piece encodes is presented, in ticks on its run's clock.
pub(crate) fn times(index: &Index, code: &Code) -> Vec<i64> {
    let mut times: Vec<i64> = frames(index, code.run, &code.feed)
        .iter()
        .map(|frame| frame.pts)
        .collect();
    times.sort_unstable();
    times.get(code.keep.clone()).unwrap_or_default().to_vec()
}

/// The windows of the runs that a plan takes pictures of: from the first of each to the end of its last.
pub(crate) fn windows(index: &Index, plan: &Plan) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for piece in &plan.pieces {
        let (run, times) = match piece {
            Piece::Copy { run, frames: range } => {
                let times = frames(index, *run, range).iter().map(|frame| frame.pts);
                (*run, times.collect())
            }
            Piece::Code(code) => (code.run, times(index, code)),
        };
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
            continue;
        };
        let end = last + interval(index, run);
        match windows.last_mut().filter(|window| window.run == run) {
            Some(window) => window.end = end,
            None => windows.push(Window {
                run,
                start: *first,
                end,
            }),
        }
    }
    windows
}

/// How far a run's pictures lie apart as a rule, in ticks.
pub(crate) fn interval(index: &Index, run: usize) -> i64 {
    let frames = index.runs.get(run).map_or(&[][..], |run| &run.frames);
    let mut times: Vec<i64> = frames.iter().map(|frame| frame.pts).collect();
    times.sort_unstable();
    let mut steps: Vec<i64> = times
        .windows(2)
        .map(|pair| pair.iter().rev().copied().reduce(|a, b| a - b).unwrap_or(0))
        .collect();
    steps.sort_unstable();
    // Of a lone picture nothing is known: a thirtieth of a second.
    steps
        .get(steps.len() / 2)
        .copied()
        .filter(|step| *step > 0)
        .unwrap_or(3000)
}

/// Frames in a thousand seconds, on average.
pub(crate) fn frame_rate_milli(index: &Index, windows: &[Window]) -> u32 {
    let mut frames = 0;
    let mut length = 0;
    for window in windows {
        let run = index.runs.get(window.run).map_or(&[][..], |run| &run.frames);
        let shown = |pts: i64| (window.start..window.end).contains(&pts);
        frames += run.iter().filter(|frame| shown(frame.pts)).count() as u64;
        length += window.end.abs_diff(window.start);
    }
    u32::try_from((frames * 90_000_000 + length / 2).checked_div(length).unwrap_or(0)).unwrap_or(0)
}

/// All pictures in the order of the file. `coded` has the numbers of the files that the pieces were encoded to.
pub(crate) fn all(index: &Index, plan: &Plan, coded: &[usize], shelf: &mut Shelf) -> Result<Vec<Picture>, CutError> {
    let mut pictures = Vec::new();
    let mut coded = coded.iter();
    let (mut run_before, mut window) = (None, 0);
    for piece in &plan.pieces {
        let run = match piece {
            Piece::Copy { run, .. } => *run,
            Piece::Code(code) => code.run,
        };
        window += usize::from(run_before.is_some_and(|before| before != run));
        run_before = Some(run);
        match piece {
            Piece::Copy { frames: range, .. } => {
                let frames = frames(index, run, range);
                pictures.extend(frames.iter().enumerate().map(|(at, frame)| copied(window, at, frame)));
            }
            Piece::Code(code) => {
                let file = coded.next().copied().unwrap_or(usize::MAX);
                pictures.extend(encoded(index, code, (window, file), shelf)?);
            }
        }
    }
    Ok(pictures)
}

fn copied(window: usize, at: usize, frame: &Frame) -> Picture {
    Picture {
        window,
        pts: frame.pts,
        place: frame.place.clone(),
        bytes: frame.bytes,
        is_sync: frame.is_idr || at == 0,
    }
}

/// What a piece was encoded to. There must be a picture for each that was asked for: where the source is damaged, the
/// decoder leaves some out.
fn encoded(
    index: &Index,
    code: &Code,
    (window, file): (usize, usize),
    shelf: &mut Shelf,
) -> Result<Vec<Picture>, CutError> {
    let segment = shelf.get(file)?;
    let units = &segment.video.units;
    let times = times(index, code);
    if units.len() != times.len() {
        let first = frames(index, code.run, &code.feed)
            .first()
            .map_or(0, |frame| frame.place.file);
        let why = format!("{} of {} pictures can be decoded", units.len(), times.len());
        return Err(CutError::damaged(shelf.path(first), why));
    }
    let pictures = units.iter().zip(times).map(|(unit, pts)| {
        let bytes = segment.video.slice(&unit.bytes);
        Picture {
            window,
            pts,
            place: Place {
                file,
                bytes: unit.bytes.clone(),
            },
            bytes: u32::try_from(h264::sample_bytes(bytes)).unwrap_or(u32::MAX),
            is_sync: h264::nals(bytes).any(|nal| Kind::of(nal) == Kind::Idr),
        }
    });
    Ok(pictures.collect())
}

/// The pictures as samples of a track that plays until `length`. `times` are theirs in the clip, in ticks.
///
/// They are decoded at the times of presentation in their order, so no two are decoded at once.
pub(crate) fn samples(pictures: &[Picture], times: &[i64], length: i64) -> Vec<Sample> {
    let mut decoded = times.to_vec();
    decoded.sort_unstable();
    let ends = decoded.iter().skip(1).copied().chain([length]);
    let steps = decoded.iter().zip(ends).map(|(at, next)| next - at);
    let samples = pictures.iter().zip(times).zip(decoded.iter().zip(steps));
    samples
        .map(|((picture, presented), (decoded, step))| Sample {
            bytes: picture.bytes,
            duration: u32::try_from(step).unwrap_or(0),
            offset: i32::try_from(presented - decoded).unwrap_or(0),
            is_sync: picture.is_sync,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames in decoding order, each a moment behind the one presented before it; `b` is not referred to, nor is `s`,
    /// which comes with other parameter sets.
    fn group(shown: &[(i64, char)]) -> Vec<Frame> {
        let mut parameters = 0;
        let frame = |(pts, letter): &(i64, char)| {
            parameters += usize::from(*letter == 's');
            Frame {
                pts: *pts,
                wall_ms: *pts,
                is_idr: *letter == 'I',
                is_reference: !matches!(letter, 'b' | 's'),
                parameters,
                bytes: 1,
                place: Place { file: 0, bytes: 0..1 },
            }
        };
        shown.iter().map(frame).collect()
    }

    #[test]
    fn what_nothing_refers_to_is_decoded_only_where_it_is_kept() {
        let group = group(&[(0, 'I'), (3, 'P'), (1, 'b'), (2, 'B'), (6, 'P'), (4, 'b'), (5, 'b')]);
        for (keep, left, kept) in [
            (0..7, vec![0, 3, 1, 2, 6, 4, 5], 0..7),
            (1..7, vec![0, 3, 1, 2, 6, 4, 5], 1..7),
            (2..7, vec![0, 3, 2, 6, 4, 5], 1..6),
            (5..6, vec![0, 3, 2, 6, 5], 3..4),
            (6..7, vec![0, 3, 2, 6], 3..4),
        ] {
            let (needed, now) = needed(&group, &keep);
            let times: Vec<i64> = needed.iter().map(|frame| frame.pts).collect();
            assert_eq!((times, now), (left, kept), "{keep:?}");
        }
    }

    #[test]
    fn what_brings_parameter_sets_is_decoded_whatever_it_shows() {
        let times = |group: &[Frame]| -> Vec<i64> {
            let (needed, _) = needed(group, &(3..4));
            needed.iter().map(|frame| frame.pts).collect()
        };
        assert_eq!(times(&group(&[(0, 'I'), (1, 's'), (2, 'b'), (3, 'P')])), [0, 1, 3]);
        assert_eq!(times(&group(&[(0, 'b'), (1, 'b'), (2, 'P'), (3, 'P')])), [0, 2, 3]);
    }
}
