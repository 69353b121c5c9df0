//! The target duration of a show: fixed by its first segment, raised only when a later one would violate it.
//!
//! A playlist's EXT-X-TARGETDURATION must not change (6.2.1), yet no segment, rounded to whole seconds, may be longer
//! (4.3.3.1). An encoder that begins with keyframes every 2 s and later sends them every 5 s breaks one of the two:
//! players forgive the first.

/// The least target duration, the length nginx-rtmp is told to cut at: a show that begins with a short stub must
/// not have to raise it at its second segment.
pub const LEAST_S: u32 = 2;

/// The target duration, in seconds, of a show whose segments so far have these lengths in microseconds.
pub fn of(durations_us: impl IntoIterator<Item = u64>) -> u32 {
    durations_us.into_iter().fold(LEAST_S, raised)
}

/// The target duration after one more segment: `target_s`, unless that is too short for it.
pub fn raised(target_s: u32, duration_us: u64) -> u32 {
    target_s.max(u32::try_from(rounded_s(duration_us)).unwrap_or(u32::MAX))
}

/// A length in whole seconds, half a second rounded up, as 4.3.3.1 compares it.
fn rounded_s(duration_us: u64) -> u64 {
    duration_us.saturating_add(500_000) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_duration_is_rounded_as_the_specification_compares() {
        for (duration_us, target_s) in [(2_499_999, 2), (2_500_000, 3), (4_000_000, 4), (20_499_000, 20)] {
            assert_eq!(of([duration_us]), target_s, "{duration_us}");
        }
    }

    #[test]
    fn a_short_first_segment_does_not_set_a_target_that_the_second_must_raise() {
        assert_eq!(of([0]), LEAST_S);
        assert_eq!(of([40_000, 2_033_000]), LEAST_S);
    }

    #[test]
    fn the_target_is_raised_by_a_longer_segment_and_never_lowered() {
        assert_eq!(of([2_000_000, 5_000_000, 2_000_000]), 5);
        assert_eq!(raised(5, 2_000_000), 5);
        assert_eq!(raised(2, u64::MAX), u32::MAX);
    }
}
