//! A channel's segments on the wall clock, and the part of them that a live playlist lists.

use crate::lines::Moment;

/// A closed segment of a channel, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The media sequence number: one per segment of the channel, growing over all its shows.
    pub msn: u64,
    /// The file's name without directory and `.ts`; see [`name`].
    pub name: String,
    /// Wall clock of its first frame, in milliseconds since the epoch; see [`crate::wall_clock`].
    pub started_at_ms: i64,
    /// The media's length in microseconds.
    pub duration_us: u64,
    /// Timestamps do not continue those of the segment before.
    pub discontinuity: bool,
    /// How many discontinuities the channel has had, this segment's own included.
    pub discontinuity_seq: u64,
    /// The show's target duration in seconds, as it stood when the segment was added; see [`crate::target`].
    pub target_s: u32,
}

/// The name of a segment: `YYYYMMDD-HHMMSS-<msn, 8 digits or more>`, UTC.
pub fn name(started_at_ms: i64, msn: u64) -> String {
    let mut name = String::with_capacity(24);
    Moment::of(started_at_ms).push_name(&mut name, msn);
    name
}

/// How much of a show stands in its sliding playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// No fewer segments than these, if there are so many. Apple's authoring specification asks for 6.
    pub segments: usize,
    /// No less media than this many microseconds, if there is so much. Three target durations are held whatever
    /// stands here: a server must not remove a segment when less would be left (6.2.2).
    pub duration_us: u64,
}

impl Window {
    /// The newest of `segments` (those of one show, oldest first) that the window lists.
    ///
    /// A target duration that is raised asks for a longer window, but a segment that has left does not return: the
    /// window is slid over the segments one by one, as they came. So the answer is the same for any list that begins
    /// at or before it, before and after a restart.
    pub fn of<'a>(&self, segments: &'a [Segment]) -> &'a [Segment] {
        let (mut listed, mut listed_us) = (segments, 0_u64);
        for (newest, later) in segments.iter().zip((0..segments.len()).rev()) {
            listed_us = listed_us.saturating_add(newest.duration_us);
            while let [oldest, rest @ ..] = listed {
                let left_us = listed_us.saturating_sub(oldest.duration_us);
                // `later` segments have not come yet; where they are all there is, none is left.
                let left = rest.len().saturating_sub(later);
                if left < self.segments.max(1) || left_us < self.least_us(newest.target_s) {
                    break;
                }
                (listed, listed_us) = (rest, left_us);
            }
        }
        listed
    }

    fn least_us(&self, target_s: u32) -> u64 {
        self.duration_us.max(u64::from(target_s) * 3_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(durations_s: &[u64]) -> Vec<Segment> {
        let mut target_s = crate::target::LEAST_S;
        durations_s
            .iter()
            .zip(1..)
            .map(|(seconds, msn)| {
                target_s = crate::target::raised(target_s, seconds * 1_000_000);
                Segment {
                    msn,
                    name: name(0, msn),
                    started_at_ms: 0,
                    duration_us: seconds * 1_000_000,
                    discontinuity: false,
                    discontinuity_seq: 0,
                    target_s,
                }
            })
            .collect()
    }

    fn msns(segments: &[Segment]) -> Vec<u64> {
        segments.iter().map(|s| s.msn).collect()
    }

    const WINDOW: Window = Window {
        segments: 4,
        duration_us: 8_000_000,
    };

    #[test]
    fn a_window_lists_the_newest_segments_and_never_fewer_than_asked() {
        assert_eq!(msns(WINDOW.of(&show(&[2; 3]))), [1, 2, 3]);
        assert_eq!(msns(WINDOW.of(&show(&[2; 9]))), [6, 7, 8, 9]);
        assert_eq!(msns(WINDOW.of(&show(&[1; 9]))), [2, 3, 4, 5, 6, 7, 8, 9], "8 s");
        assert_eq!(
            msns(
                Window {
                    segments: 1,
                    duration_us: 0
                }
                .of(&show(&[2; 9]))
            ),
            [7, 8, 9],
            "3 target durations"
        );
        assert!(WINDOW.of(&[]).is_empty());
    }

    #[test]
    fn a_segment_that_has_left_the_window_does_not_return_when_the_target_is_raised() {
        let segments = show(&[2, 2, 2, 2, 2, 2, 2, 2, 9, 2, 2, 2, 2]);
        let mut before = 0;
        for end in 1..=segments.len() {
            let first = WINDOW.of(&segments[..end])[0].msn;
            assert!(first >= before, "{first} after {before}");
            before = first;
        }
        assert_eq!(before, 5);
    }

    #[test]
    fn a_window_is_the_same_when_older_segments_are_forgotten() {
        let segments = show(&[2, 2, 2, 9, 2, 2, 1, 1, 2, 2, 2, 2, 4, 2]);
        let window = WINDOW.of(&segments);
        for known in 0..=segments.len() - window.len() {
            assert_eq!(WINDOW.of(&segments[known..]), window, "from {known}");
        }
    }

    #[test]
    fn a_segment_is_named_by_its_start_in_utc_and_its_number() {
        assert_eq!(name(1_795_213_253_850, 42), "20261120-222053-00000042");
        assert_eq!(name(0, 123_456_789), "19700101-000000-123456789");
    }
}
