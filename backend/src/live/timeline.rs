//! A channel's segments in order: what the playlists are made of. Pure: time and segments are passed in.

use std::collections::VecDeque;

use sluice_hls::{
    media,
    nginx_playlist::Spooled,
    target,
    timeline::{self, Segment, Window},
    wall_clock::{self, Arrival, Clock},
};

use super::bodies::Edge;

/// How much of a show its live playlist lists: ten segments of two seconds leave a player that stalled for a few
/// seconds a place to go on from.
const LIVE: Window = Window {
    segments: 10,
    duration_us: 20_000_000,
};
/// Segments held, so that the window is found the same after a restart.
pub(super) const HELD: usize = 40;

/// The timeline of one channel, as far back as its live playlist needs it.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    show: VecDeque<Segment>,
    next_msn: u64,
    discontinuities: u64,
    clock: Clock,
    session: Option<String>,
    target_s: u32,
    ended: bool,
    rates: Rates,
}

/// A segment with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// As it is listed.
    pub segment: Segment,
    /// It is the first of a show.
    pub starts_show: bool,
}

/// A segment as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The segment and its place.
    pub placed: Placed,
    /// Its size.
    pub bytes: u64,
}

/// A segment that a publish session brings.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The publish session's id.
    pub session: &'a str,
    /// What the media server says of it.
    pub spooled: &'a Spooled,
    /// Its size.
    pub bytes: u64,
}

/// The bitrates of a show, over its segments, in bits per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// The highest of a single segment.
    pub peak_bps: u64,
    /// All bits by all seconds.
    pub average_bps: u64,
    bits: u64,
    duration_us: u64,
}

impl Timeline {
    /// A timeline from the index, newest segment last; `session` brought the newest. Only the newest show is listed.
    pub fn restore(segments: Vec<Recorded>, session: Option<String>) -> Self {
        let Some(newest) = segments.last().map(|recorded| recorded.placed.segment.clone()) else {
            return Self::default();
        };
        let (mut show, mut rates) = (VecDeque::new(), Rates::default());
        for Recorded { placed, bytes } in segments {
            if placed.starts_show {
                show.clear();
                rates = Rates::default();
            }
            rates.add(bytes, placed.segment.duration_us);
            show.push_back(placed.segment);
        }
        Self {
            show,
            next_msn: newest.msn + 1,
            discontinuities: newest.discontinuity_seq,
            clock: Clock::after(newest.started_at_ms, newest.duration_us),
            session,
            target_s: newest.target_s,
            ended: false,
            rates,
        }
    }

    /// Adds a segment: it gets its media sequence number, its place on the wall clock and its name.
    pub fn append(&mut self, incoming: Incoming<'_>) -> Placed {
        let Incoming {
            session,
            spooled,
            bytes,
        } = incoming;
        let starts_show = self.ended || self.show.is_empty();
        if starts_show {
            self.begin_show();
        }
        let other_session = self.session.as_deref() != Some(session);
        let discontinuity = spooled.discontinuity || other_session;
        let started_at_ms = wall_clock::place(
            &mut self.clock,
            Arrival {
                opened_at_ms: spooled.opened_at_ms,
                duration_us: spooled.duration_us,
                anchors: discontinuity,
            },
        );
        if other_session {
            self.session = Some(session.to_owned());
        }
        self.discontinuities += u64::from(discontinuity);
        self.target_s = target::raised(self.target_s.max(target::LEAST_S), spooled.duration_us);
        self.rates.add(bytes, spooled.duration_us);
        let segment = Segment {
            msn: self.next_msn,
            name: timeline::name(started_at_ms, self.next_msn),
            started_at_ms,
            duration_us: spooled.duration_us,
            discontinuity,
            discontinuity_seq: self.discontinuities,
            target_s: self.target_s,
        };
        self.next_msn += 1;
        self.show.push_back(segment.clone());
        if self.show.len() > HELD {
            self.show.pop_front();
        }
        Placed { segment, starts_show }
    }

    /// The session that brought the newest segment.
    pub fn newest_session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// Lists nothing any more; the numbers go on.
    pub fn clear(&mut self) {
        self.show.clear();
    }

    /// The show is over; its playlist is closed. The next segment begins another.
    pub fn end_show(&mut self) {
        self.ended = true;
    }

    /// Whether the newest show is over.
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Whether there is nothing to list.
    pub fn is_empty(&self) -> bool {
        self.show.is_empty()
    }

    /// Where the newest segment ends, in milliseconds since the epoch.
    pub fn end_ms(&self) -> Option<i64> {
        self.clock.end_ms()
    }

    /// The bitrates of the show.
    pub const fn rates(&self) -> Rates {
        self.rates
    }

    /// The text of `live.m3u8`; nothing while there is no segment.
    pub fn live_playlist(&mut self) -> Option<media::Text> {
        if self.show.is_empty() {
            return None;
        }
        let segments = LIVE.of(self.show.make_contiguous());
        Some(media::render(&media::Playlist {
            segments,
            target_s: self.target_s,
            ended: self.ended,
            edge: None,
        }))
    }

    /// How far `live.m3u8` reaches.
    pub const fn edge(&self) -> Edge {
        Edge {
            next_msn: self.next_msn,
            parts_of_last: 0,
            parts_of_next: 0,
            part_target_us: 0,
            target_s: self.target_s,
            ended: self.ended,
        }
    }

    fn begin_show(&mut self) {
        self.show.clear();
        self.ended = false;
        self.target_s = 0;
        self.rates = Rates::default();
    }
}

impl Rates {
    fn add(&mut self, bytes: u64, duration_us: u64) {
        let bits = bytes.saturating_mul(8);
        self.bits = self.bits.saturating_add(bits);
        self.duration_us = self.duration_us.saturating_add(duration_us);
        self.peak_bps = self.peak_bps.max(per_second(bits, duration_us));
        self.average_bps = per_second(self.bits, self.duration_us);
    }
}

fn per_second(bits: u64, duration_us: u64) -> u64 {
    bits.saturating_mul(1_000_000).checked_div(duration_us).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spooled(seq: u64, opened_at_ms: i64) -> Spooled {
        Spooled {
            seq,
            file: format!("{opened_at_ms}.ts"),
            opened_at_ms,
            duration_us: 2_000_000,
            discontinuity: seq == 0,
        }
    }

    fn feed(timeline: &mut Timeline, session: &str, count: u64, from_ms: i64) -> Vec<Segment> {
        let placed = place(timeline, session, count, from_ms);
        placed.into_iter().map(|placed| placed.segment).collect()
    }

    fn place(timeline: &mut Timeline, session: &str, count: u64, from_ms: i64) -> Vec<Placed> {
        (0..count)
            .zip((from_ms..).step_by(2_000))
            .map(|(seq, at)| {
                let spooled = spooled(seq, at);
                timeline.append(Incoming {
                    session,
                    spooled: &spooled,
                    bytes: 500_000,
                })
            })
            .collect()
    }

    #[test]
    fn a_reconnect_continues_the_sequence_behind_one_discontinuity() {
        let mut timeline = Timeline::default();
        let first = feed(&mut timeline, "one", 3, 1_000_000);
        let second = feed(&mut timeline, "two", 2, 1_012_000);
        let msns: Vec<u64> = first.iter().chain(&second).map(|s| s.msn).collect();
        assert_eq!(msns, [0, 1, 2, 3, 4]);
        assert_eq!(second[0].discontinuity_seq, 2);
        assert_eq!(second[0].started_at_ms, 1_012_000);
        assert!(!second[1].discontinuity);
    }

    #[test]
    fn a_machine_clock_that_steps_back_never_takes_the_wall_clock_with_it() {
        let mut timeline = Timeline::default();
        feed(&mut timeline, "one", 3, 1_000_000);
        let second = feed(&mut timeline, "two", 1, 900_000);
        assert_eq!(second[0].started_at_ms, 1_006_000);
    }

    #[test]
    fn a_restored_timeline_renders_the_same_playlist() {
        let mut timeline = Timeline::default();
        let mut all = place(&mut timeline, "zero", 3, 900_000);
        timeline.end_show();
        // So soon that only the mark tells the shows apart.
        all.extend(place(&mut timeline, "one", 30, 910_000));
        all.extend(place(&mut timeline, "two", 3, 975_000));
        let recorded = |placed| Recorded { placed, bytes: 500_000 };
        let mut restored = Timeline::restore(all.into_iter().map(recorded).collect(), Some("two".into()));
        assert_eq!(restored.live_playlist(), timeline.live_playlist());
        assert_eq!(restored.rates(), timeline.rates());
        let next = spooled(3, 981_000);
        let incoming = Incoming {
            session: "two",
            spooled: &next,
            bytes: 1,
        };
        assert_eq!(restored.append(incoming), timeline.append(incoming));
    }

    #[test]
    fn a_new_show_lists_nothing_of_the_one_that_ended() {
        let mut timeline = Timeline::default();
        feed(&mut timeline, "one", 3, 1_000_000);
        timeline.end_show();
        assert!(timeline.live_playlist().unwrap().full.ends_with("#EXT-X-ENDLIST\n"));
        feed(&mut timeline, "two", 1, 2_000_000);
        let text = timeline.live_playlist().unwrap().full;
        assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:3\n") && !text.contains("ENDLIST"));
        assert_eq!(text.matches("#EXTINF").count(), 1);
    }

    #[test]
    fn rates_are_the_peak_and_the_mean_of_the_show() {
        let mut timeline = Timeline::default();
        feed(&mut timeline, "one", 3, 1_000_000);
        assert_eq!(
            (timeline.rates().peak_bps, timeline.rates().average_bps),
            (2_000_000, 2_000_000)
        );
    }
}
