//! What there is to cut from: every frame's time, place and length, without its bytes.

use super::shelf::{Place, Shelf};
use super::{CutError, Source};
use crate::aac::{self, Config, FRAME_SAMPLES};
use crate::h264::{self, Kind, Parameters};
use crate::ts::{Segment, TICKS, Unit, unwrapped};

/// A segment whose timestamps are further off from the end of the one before it does not go on from it: half a second
/// in ticks. nginx itself breaks a segment at two.
const JUMP: i64 = TICKS / 2;

/// All frames of some segments.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Stretches of one clock each, in the order of time.
    pub(crate) runs: Vec<Run>,
    /// The parameter sets that frames refer to by their place here.
    pub(crate) parameters: Vec<Parameters>,
}

/// Frames on one clock that goes on without a jump.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// In decoding order.
    pub(crate) frames: Vec<Frame>,
    /// In the order of time.
    pub(crate) sounds: Vec<Sound>,
}

/// An access unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// When it is presented, in ticks on the run's clock.
    pub(crate) pts: i64,
    /// The wall clock at that time, in milliseconds.
    pub(crate) wall_ms: i64,
    /// Nothing behind it, in decoding order, refers to what is before it.
    pub(crate) is_idr: bool,
    /// Other frames may refer to it.
    pub(crate) is_reference: bool,
    /// The place of its parameter sets in the index.
    pub(crate) parameters: usize,
    /// Its length as a sample of an MP4.
    pub(crate) bytes: u32,
    /// Where it is.
    pub(crate) place: Place,
}

/// A frame of AAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// When it is presented, in ticks on the run's clock.
    pub(crate) pts: i64,
    /// The wall clock at that time, in milliseconds.
    pub(crate) wall_ms: i64,
    /// What it is decoded with.
    pub(crate) config: Config,
    /// Where it is, without its header.
    pub(crate) place: Place,
}

impl Index {
    /// Looks into all segments.
    pub(crate) fn read(shelf: &mut Shelf, sources: &[Source]) -> Result<Self, CutError> {
        let mut index = Self::default();
        let mut clock = None;
        for (number, source) in sources.iter().enumerate() {
            let segment = shelf.get(number)?;
            let damaged = |why: &str| CutError::damaged(&source.path, why);
            let lead = lead(&segment).ok_or_else(|| damaged("it has no frame"))?;
            let anchor = Anchor::next(&mut clock, lead, source);
            if anchor.begins_run || index.runs.is_empty() {
                index.runs.push(Run::default());
            }
            index.take_video(&segment, number, &anchor).map_err(damaged)?;
            index.take_audio(&segment, number, &anchor).map_err(damaged)?;
        }
        Ok(index)
    }

    fn take_video(&mut self, segment: &Segment, file: usize, anchor: &Anchor) -> Result<(), &'static str> {
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        for unit in &segment.video.units {
            let bytes = segment.video.slice(&unit.bytes);
            let known = self
                .parameters
                .get(run.frames.last().map_or(usize::MAX, |last| last.parameters));
            let parameters = match known.unwrap_or(&Parameters::default()).after(bytes) {
                Some(new) => place_of(&mut self.parameters, new),
                None => {
                    run.frames
                        .last()
                        .ok_or("it does not begin with parameter sets")?
                        .parameters
                }
            };
            let pts = anchor.clock(unit.pts);
            run.frames.push(Frame {
                pts,
                wall_ms: anchor.wall_ms(pts),
                is_idr: h264::nals(bytes).any(|nal| Kind::of(nal) == Kind::Idr),
                is_reference: h264::is_reference(bytes),
                parameters,
                bytes: u32::try_from(h264::sample_bytes(bytes)).map_err(|_| "it has an endless frame")?,
                place: Place {
                    file,
                    bytes: unit.bytes.clone(),
                },
            });
        }
        Ok(())
    }

    fn take_audio(&mut self, segment: &Segment, file: usize, anchor: &Anchor) -> Result<(), &'static str> {
        let Some(run) = self.runs.last_mut() else { return Ok(()) };
        let frames = aac::frames(&segment.audio.bytes).ok_or("its sound is not AAC")?;
        let mut units = segment.audio.units.iter().peekable();
        let mut since = (0, 0);
        for frame in frames {
            while let Some(unit) = units.next_if(|unit| unit.bytes.start <= frame.start) {
                since = (anchor.clock(unit.pts), 0);
            }
            let (began, before) = since;
            let pts = began + before * FRAME_SAMPLES * TICKS / i64::from(frame.config.rate_hz());
            since.1 += 1;
            run.sounds.push(Sound {
                pts,
                wall_ms: anchor.wall_ms(pts),
                config: frame.config,
                place: Place {
                    file,
                    bytes: frame.bytes,
                },
            });
        }
        Ok(())
    }
}

/// The place of these sets in the list, at the end of which they are put if they are new.
fn place_of(list: &mut Vec<Parameters>, wanted: Parameters) -> usize {
    let known = list.iter().position(|known| *known == wanted);
    known.unwrap_or_else(|| {
        list.push(wanted);
        list.len() - 1
    })
}

/// The unit that a segment's wall clock is about.
fn lead(segment: &Segment) -> Option<&Unit> {
    segment.video.units.first().or(segment.audio.units.first())
}

/// How a segment's timestamps lie on its run's clock and on the wall clock.
struct Anchor {
    begins_run: bool,
    lead_pts: i64,
    started_at_ms: i64,
}

impl Anchor {
    /// That of the segment that comes next; `clock` is where the one before it ended.
    fn next(clock: &mut Option<i64>, lead: &Unit, source: &Source) -> Self {
        let goes_on = clock
            .filter(|_| !source.discontinuity)
            .map(|end| (unwrapped(lead.dts, end), end))
            .filter(|(dts, end)| (dts - end).abs() <= JUMP);
        let dts = goes_on.map_or(lead.dts, |(dts, _)| dts);
        *clock = Some(dts + source.duration_us * 9 / 100);
        Self {
            begins_run: goes_on.is_none(),
            lead_pts: unwrapped(lead.pts, dts),
            started_at_ms: source.started_at.0,
        }
    }

    /// A timestamp on the run's clock.
    fn clock(&self, timestamp: i64) -> i64 {
        unwrapped(timestamp, self.lead_pts)
    }

    /// The wall clock at a time on the run's.
    fn wall_ms(&self, pts: i64) -> i64 {
        // Half a millisecond is 45 ticks.
        self.started_at_ms + (pts - self.lead_pts + 45).div_euclid(90)
    }
}
