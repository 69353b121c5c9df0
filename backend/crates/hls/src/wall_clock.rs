//! The wall clock of a channel's segments: anchored once a session, then media time; it never steps back.
//!
//! The name of a spooled file tells when nginx opened it, give or take 100 ms, while its media is exact. So the first
//! segment of a session starts when its file was opened, and each later one where the one before it ends. Where
//! timestamps jump within a session, time was lost that the lengths do not tell of: the clock moves forward to the
//! file's opening. It never moves back, whatever the machine's clock does, so a date-time on the channel always
//! means one picture.

/// Where the media of a channel ends on the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    end_us: Option<i64>,
}

/// What is known of a segment that wants a place on the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When nginx opened its file, in milliseconds since the epoch.
    pub opened_at_ms: i64,
    /// The media's length in microseconds.
    pub duration_us: u64,
    /// It is the first of its session, or its timestamps do not continue those of the one before.
    pub anchors: bool,
}

impl Clock {
    /// The clock of a channel whose newest segment started then (milliseconds since the epoch) and is so long
    /// (microseconds). [`Clock::default`] is that of a channel without segments.
    pub fn after(started_at_ms: i64, duration_us: u64) -> Self {
        Self {
            end_us: Some(end(started_at_ms.saturating_mul(1000), duration_us)),
        }
    }

    /// Where the newest segment ends, in milliseconds since the epoch; nothing on a channel without segments.
    pub fn end_ms(&self) -> Option<i64> {
        self.end_us.map(|end_us| end_us.div_euclid(1000))
    }
}

/// The start of the segment that comes next, in milliseconds since the epoch; the clock moves to its end.
pub fn place(clock: &mut Clock, arrival: Arrival) -> i64 {
    let opened_us = arrival.opened_at_ms.saturating_mul(1000);
    let start_us = match clock.end_us {
        None => opened_us,
        Some(end_us) if arrival.anchors => end_us.max(opened_us),
        Some(end_us) => end_us,
    };
    clock.end_us = Some(end(start_us, arrival.duration_us));
    start_us.div_euclid(1000)
}

fn end(start_us: i64, duration_us: u64) -> i64 {
    start_us.saturating_add_unsigned(duration_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(opened_at_ms: i64, duration_ms: u64, anchors: bool) -> Arrival {
        Arrival {
            opened_at_ms,
            duration_us: duration_ms * 1000,
            anchors,
        }
    }

    #[test]
    fn within_a_session_media_time_rules_and_jitter_does_not_show() {
        let mut clock = Clock::default();
        let starts = [
            arrival(10_000, 2000, true),
            arrival(12_087, 2033, false),
            arrival(13_950, 2000, false),
        ]
        .map(|next| place(&mut clock, next));
        assert_eq!(starts, [10_000, 12_000, 14_033]);
        assert_eq!(clock.end_ms(), Some(16_033));
    }

    #[test]
    fn a_new_session_or_a_jump_moves_the_clock_forward_to_the_opening() {
        let mut clock = Clock::after(10_000, 2_000_000);
        assert_eq!(place(&mut clock, arrival(15_500, 2000, true)), 15_500);
        assert_eq!(place(&mut clock, arrival(99_000, 2000, false)), 17_500);
    }

    #[test]
    fn the_clock_does_not_step_back_when_the_machines_does() {
        let mut clock = Clock::after(10_000, 2_000_000);
        assert_eq!(place(&mut clock, arrival(3_000, 2000, true)), 12_000);
        assert_eq!(place(&mut clock, arrival(i64::MIN, 0, true)), 14_000);
    }

    #[test]
    fn microseconds_are_carried_and_not_lost_at_each_segment() {
        let mut clock = Clock::default();
        let mut next = || {
            place(
                &mut clock,
                Arrival {
                    opened_at_ms: 0,
                    duration_us: 1_999_967,
                    anchors: false,
                },
            )
        };
        let last = (0..=1000).map(|_| next()).last();
        assert_eq!(last, Some(1_999_967));
    }
}
