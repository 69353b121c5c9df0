//! Where a part ends: near the lines of a grid, so that lengths do not drift away from the segment's.

/// How short a part may be, in hundredths of the part target, unless it is a segment's last.
const LEAST_PERCENT: i64 = 85;

/// A place to cut at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Its time in microseconds from the segment's beginning.
    pub(super) at_us: i64,
    /// How far the next place is expected to be, in microseconds; 0 if nobody knows.
    pub(super) step_us: i64,
}

/// The lines, and the bounds of a part's length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    step_us: i64,
    target_us: i64,
}

impl Grid {
    pub(super) fn new(grid_us: u64) -> Self {
        // From a millisecond to a day; outside of that nothing works anyway.
        let grid_us = grid_us.clamp(1000, 86_400_000_000);
        let signed = |us: u64| i64::try_from(us).unwrap_or(i64::MAX);
        Self {
            step_us: signed(grid_us),
            target_us: signed(super::part_target_us(grid_us)),
        }
    }

    /// From one line to the next.
    pub(super) fn step_us(&self) -> i64 {
        self.step_us
    }

    /// The longest part, in microseconds.
    pub(super) fn target_us(&self) -> i64 {
        self.target_us
    }

    /// The shortest part but the last, in microseconds.
    pub(super) fn least_us(&self) -> i64 {
        (self.target_us * LEAST_PERCENT + 99) / 100
    }

    /// A part that begins at `from_us` is to end here, rather than at the next place.
    ///
    /// That is at the place nearest to the next line, unless only one of the two gives a part of a length that may be.
    pub(super) fn is_due(&self, from_us: i64, moment: Moment) -> bool {
        let us = moment.at_us.saturating_sub(from_us);
        let next_us = us.saturating_add(moment.step_us);
        if us > self.target_us {
            return true;
        }
        if us < self.least_us() && next_us <= self.target_us {
            return false;
        }
        if us >= self.least_us() && next_us > self.target_us {
            return true;
        }
        moment.at_us.saturating_add(moment.step_us / 2) >= self.line_after(from_us)
    }

    /// The declared length of a part that begins at `from_us` and is cut here. It is the real one, within the bounds:
    /// where frames are too rare, or time is missing between two, the parts that follow make up for the difference.
    pub(super) fn length_us(&self, from_us: i64, moment: Moment) -> i64 {
        moment
            .at_us
            .saturating_sub(from_us)
            .clamp(self.least_us(), self.target_us)
    }

    /// The line that a part beginning at `from_us` is to reach: the one after the line that is nearest to it.
    fn line_after(&self, from_us: i64) -> i64 {
        let nearest = from_us.saturating_add(self.step_us / 2).div_euclid(self.step_us);
        nearest.saturating_add(1).saturating_mul(self.step_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where parts of a stream with a frame each so many microseconds end, and their declared lengths.
    fn cuts(step_us: i64, until_us: i64) -> Vec<(i64, i64)> {
        let (grid, mut from_us, mut cuts) = (Grid::new(333_000), 0, Vec::new());
        for frame in 1..=until_us / step_us {
            let moment = Moment {
                at_us: frame * step_us,
                step_us,
            };
            if grid.is_due(from_us, moment) {
                let us = grid.length_us(from_us, moment);
                from_us += us;
                cuts.push((moment.at_us, us));
            }
        }
        cuts
    }

    #[test]
    fn parts_end_at_the_frames_nearest_to_the_grid() {
        let ends: Vec<_> = cuts(40_000, 2_000_000).iter().map(|(at, _)| at / 1000).collect();
        assert_eq!(ends, [320, 680, 1000, 1320, 1680, 2000]);
        let ends: Vec<_> = cuts(16_667, 2_000_040).iter().map(|(at, _)| at / 1000).collect();
        assert_eq!(ends, [333, 666, 1000, 1333, 1666, 2000]);
    }

    #[test]
    fn at_every_usual_frame_rate_a_part_is_as_long_as_it_says() {
        // Of 12, 15, 20, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60 and 120 frames a second.
        for step_us in [
            83_333, 66_667, 50_000, 41_708, 41_667, 40_000, 33_367, 33_333, 20_833, 20_000, 16_683, 16_667, 8_333,
        ] {
            let mut end_us = 0;
            for (at_us, us) in cuts(step_us, 20_000_000) {
                end_us += us;
                assert_eq!(at_us, end_us, "{step_us} us a frame");
            }
        }
    }

    #[test]
    fn where_frames_are_rare_lengths_stay_within_the_bounds_and_near_the_frames() {
        for step_us in [90_000, 100_000, 125_000, 150_000, 200_000, 250_000, 300_000] {
            let mut end_us = 0;
            for (at_us, us) in cuts(step_us, 20_000_000) {
                end_us += us;
                assert!((311_950..=367_000).contains(&us), "{us}");
                assert!((at_us - end_us).abs() <= step_us, "{at_us} for {end_us} of {step_us}");
            }
        }
    }
}
