//! A channel's segments in order: what the playlists are made of. Pure: time and segments are passed in.

mod edge;
mod incoming;
mod part_list;
mod rates;

use std::collections::VecDeque;

use sluice_hls::{
    media, target,
    timeline::{self, Segment, Window},
    wall_clock::{self, Arrival, Clock},
};

use self::part_list::PartList;

pub(super) use self::{
    incoming::{Incoming, Opening, Placed, Recorded},
    rates::Rates,
};

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
    /// The newest segment's; 0 before there is one. Segments are counted from 1, since hls.js 1.7 takes back the parts of
    /// a segment 0 that it has buffered and fetches them over and over, each time shifted in time by the segment's length.
    newest_msn: u64,
    discontinuities: u64,
    clock: Clock,
    session: Option<String>,
    target_s: u32,
    ended: bool,
    rates: Rates,
    /// Only while the channel is tailed.
    parts: Option<PartList>,
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
            newest_msn: newest.msn,
            discontinuities: newest.discontinuity_seq,
            clock: Clock::after(newest.started_at_ms, newest.duration_us),
            session,
            target_s: newest.target_s,
            ended: false,
            rates,
            parts: None,
        }
    }

    /// The place that a segment would get: its media sequence number, its start on the wall clock and its name. The
    /// same answer, whether its length is known already or not, for as long as nothing is added.
    pub fn place(&self, incoming: Incoming<'_>) -> Placed {
        self.placed(incoming, self.clock).0
    }

    /// Adds a segment. Its parts are those that were added before, if it is whole in parts.
    pub fn append(&mut self, incoming: Incoming<'_>, in_parts: bool) -> Placed {
        let (placed, clock) = self.placed(incoming, self.clock);
        if placed.starts_show {
            self.begin_show();
        }
        let segment = &placed.segment;
        self.clock = clock;
        self.session = Some(incoming.session.to_owned());
        self.discontinuities = segment.discontinuity_seq;
        self.target_s = segment.target_s;
        self.rates.add(incoming.bytes, segment.duration_us);
        self.newest_msn = segment.msn;
        if let Some(parts) = &mut self.parts {
            parts.close(segment.msn, in_parts);
        }
        self.show.push_back(segment.clone());
        if self.show.len() > HELD {
            self.show.pop_front();
        }
        self.trim();
        placed
    }

    /// The session that brought the newest segment.
    pub fn newest_session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The newest segment.
    pub fn newest(&self) -> Option<&Segment> {
        self.show.back()
    }

    /// The newest segments of the newest show, oldest first.
    pub fn held(&self) -> impl Iterator<Item = &Segment> {
        self.show.iter()
    }

    /// Lists nothing any more; the numbers go on.
    pub fn clear(&mut self) {
        self.show.clear();
    }

    /// The show is over; its playlist is closed. The next segment begins another.
    pub fn end_show(&mut self) {
        self.ended = true;
        if let Some(parts) = &mut self.parts {
            parts.clear();
        }
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

    /// The text of `live.m3u8`; nothing while there is no segment. `hint` is the name of the part that comes next; no
    /// player is told of it where no parts are listed.
    pub fn live_playlist(&mut self, hint: &str) -> Option<media::Text> {
        if self.show.is_empty() {
            return None;
        }
        let hint = self.lists_parts().then_some(hint);
        let parts = self.parts.as_mut();
        let edge = media::Edge {
            part_target_us: parts.as_ref().map_or(0, |parts| parts.part_target_us),
            open: parts.as_ref().and_then(|parts| parts.open()),
            parts: parts.map_or(&[], |parts| parts.parts()),
            hint,
        };
        Some(media::render(&media::Playlist {
            segments: LIVE.of(self.show.make_contiguous()),
            target_s: self.target_s,
            ended: self.ended,
            edge: Some(edge),
        }))
    }

    fn placed(&self, incoming: Incoming<'_>, mut clock: Clock) -> (Placed, Clock) {
        let Incoming { session, spooled, .. } = incoming;
        let starts_show = self.ended || self.show.is_empty();
        let discontinuity = spooled.discontinuity || self.session.as_deref() != Some(session);
        let arrival = Arrival {
            opened_at_ms: spooled.opened_at_ms,
            duration_us: spooled.duration_us,
            anchors: discontinuity,
        };
        let started_at_ms = wall_clock::place(&mut clock, arrival);
        let target_s = if starts_show { 0 } else { self.target_s };
        let segment = Segment {
            msn: self.next_msn(),
            name: timeline::name(started_at_ms, self.next_msn()),
            started_at_ms,
            duration_us: spooled.duration_us,
            discontinuity,
            discontinuity_seq: self.discontinuities + u64::from(discontinuity),
            target_s: target::raised(target_s.max(target::LEAST_S), spooled.duration_us),
        };
        (Placed { segment, starts_show }, clock)
    }

    const fn next_msn(&self) -> u64 {
        self.newest_msn + 1
    }

    fn begin_show(&mut self) {
        self.show.clear();
        self.ended = false;
        self.target_s = 0;
        self.rates = Rates::default();
    }
}

#[cfg(test)]
mod tests {
    use sluice_hls::nginx_playlist::Spooled;

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
                let incoming = Incoming {
                    session,
                    spooled: &spooled,
                    bytes: 500_000,
                };
                timeline.append(incoming, false)
            })
            .collect()
    }

    #[test]
    fn a_channels_first_segment_has_number_one() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.edge().next_msn, 1);
        assert_eq!(feed(&mut timeline, "one", 1, 1_000_000)[0].msn, 1);
        let text = timeline.live_playlist("next").unwrap().full;
        assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:1\n"), "{text}");
    }

    #[test]
    fn a_reconnect_continues_the_sequence_behind_one_discontinuity() {
        let mut timeline = Timeline::default();
        let first = feed(&mut timeline, "one", 3, 1_000_000);
        let second = feed(&mut timeline, "two", 2, 1_012_000);
        let msns: Vec<u64> = first.iter().chain(&second).map(|s| s.msn).collect();
        assert_eq!(msns, [1, 2, 3, 4, 5]);
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
        assert_eq!(restored.live_playlist("next"), timeline.live_playlist("next"));
        assert_eq!(restored.rates(), timeline.rates());
        let next = spooled(3, 981_000);
        let incoming = Incoming {
            session: "two",
            spooled: &next,
            bytes: 1,
        };
        assert_eq!(restored.append(incoming, false), timeline.append(incoming, false));
    }

    #[test]
    fn a_new_show_lists_nothing_of_the_one_that_ended() {
        let mut timeline = Timeline::default();
        feed(&mut timeline, "one", 3, 1_000_000);
        timeline.end_show();
        assert!(
            timeline
                .live_playlist("next")
                .unwrap()
                .full
                .ends_with("#EXT-X-ENDLIST\n")
        );
        feed(&mut timeline, "two", 1, 2_000_000);
        let text = timeline.live_playlist("next").unwrap().full;
        assert!(text.contains("#EXT-X-MEDIA-SEQUENCE:4\n") && !text.contains("ENDLIST"));
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
