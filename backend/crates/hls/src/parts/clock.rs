//! The time up to which a segment has been written.
//!
//! Video tells it, by decoding times: they grow by one frame with each frame, whatever order frames are shown in.
//! nginx-rtmp writes audio in batches, up to `hls_max_audio_delay` after the video of the same time, so audio counts
//! only where there is no video, or while video pauses, and then by how far it has moved on.

use super::grid::Moment;
use crate::ts::pes::{microseconds, unwrapped};
use crate::ts::tables::Kind;

/// How many steps between frames are remembered: enough that a gap or a late frame is outvoted.
const STEPS: usize = 7;

/// The clock of one segment. It never goes back.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// A frame is expected after the usual step, unless that is longer than this, in microseconds: a slide show's
    /// next slide may come or not.
    foreseen_us: i64,
    video: Track,
    audio: Track,
    /// The segment's beginning, in ticks; known with the first video frame, or the second audio frame without one.
    origin: Option<i64>,
    /// The first audio frame since the newest video frame, or of all.
    audio_since: Option<i64>,
    latest_us: i64,
}

impl Clock {
    pub(super) fn new(foreseen_us: i64) -> Self {
        Self {
            foreseen_us,
            video: Track::default(),
            audio: Track::default(),
            origin: None,
            audio_since: None,
            latest_us: 0,
        }
    }

    /// A frame begins, with this decoding time: where in the segment that is, if it says so.
    pub(super) fn starts(&mut self, kind: Kind, dts: i64) -> Option<Moment> {
        let near = self.video.latest.or(self.audio.latest);
        let (ticks, step) = match kind {
            Kind::Video => {
                self.audio_since = None;
                let ticks = self.video.take(dts, near);
                self.origin.get_or_insert(ticks);
                (ticks, self.video.step())
            }
            Kind::Audio => {
                let ticks = self.audio.take(dts, near);
                let since = *self.audio_since.get_or_insert(ticks);
                if since == ticks {
                    return None;
                }
                match self.video.latest {
                    None => self.origin.get_or_insert(since),
                    Some(_) => self.origin.as_mut()?,
                };
                let moved_on = ticks.saturating_sub(since);
                let at = match self.video.latest {
                    None => ticks,
                    Some(_) if moved_on <= self.patience() => return None,
                    Some(video) => video.saturating_add(moved_on),
                };
                (at, self.audio.step())
            }
        };
        let moment = self.moment(ticks, step.unwrap_or(0))?;
        self.latest_us = moment.at_us;
        Some(moment)
    }

    /// How far audio may move on before video counts as paused, in ticks: two frames, where there are several to a
    /// part. Encoders send audio in bursts.
    fn patience(&self) -> i64 {
        let step = self.video.step().unwrap_or(0);
        let is_steady = signed(microseconds(step)) <= self.foreseen_us / 2;
        if is_steady { step.saturating_mul(2) } else { 0 }
    }

    /// A frame is whole: where the next one is expected to begin, if it can be told.
    pub(super) fn ends(&self, kind: Kind) -> Option<Moment> {
        let track = match (kind, self.video.latest) {
            (Kind::Video, _) => &self.video,
            (Kind::Audio, None) => &self.audio,
            (Kind::Audio, Some(_)) => return None,
        };
        let step = track.step()?;
        let moment = self.moment(track.latest?.saturating_add(step), step)?;
        (moment.step_us <= self.foreseen_us).then_some(moment)
    }

    /// The segment's beginning, modulo 2^33.
    pub(super) fn origin(&self) -> Option<i64> {
        self.origin.map(|ticks| ticks.rem_euclid(1 << 33))
    }

    /// There is a video frame; nothing as long as there may still be one.
    pub(super) fn has_video(&self) -> Option<bool> {
        self.origin.map(|_| self.video.latest.is_some())
    }

    fn moment(&self, ticks: i64, step: i64) -> Option<Moment> {
        let since = ticks.saturating_sub(self.origin?);
        Some(Moment {
            at_us: signed(microseconds(since)).max(self.latest_us),
            step_us: signed(microseconds(step)),
        })
    }
}

fn signed(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}

/// The decoding times of one elementary stream.
#[derive(Clone, Debug, Default)]
struct Track {
    /// The newest, in ticks that grow across the 33-bit wrap.
    latest: Option<i64>,
    /// The newest steps from one to the next, in no order; 0 is none.
    steps: [i64; STEPS],
    next: usize,
}

impl Track {
    fn take(&mut self, dts: i64, near: Option<i64>) -> i64 {
        let ticks = self.latest.or(near).map_or(dts, |near| unwrapped(dts, near));
        let step = self.latest.map_or(0, |latest| ticks.saturating_sub(latest));
        if let Some(slot) = self.steps.get_mut(self.next).filter(|_| step > 0) {
            *slot = step;
            self.next = (self.next + 1) % STEPS;
        }
        self.latest = Some(ticks);
        ticks
    }

    /// The usual step: the median of the newest ones.
    fn step(&self) -> Option<i64> {
        let mut sorted = self.steps;
        sorted.sort_unstable();
        let known = sorted.iter().position(|step| *step > 0)?;
        sorted.get((known + STEPS) / 2).copied()
    }
}
