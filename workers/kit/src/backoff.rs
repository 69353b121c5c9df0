//! How long to wait before trying again.

use std::time::Duration;

use crate::Settings;

/// The wait after the failure of attempt number `attempt`, the first being 1: doubled each time, bounded, jittered.
pub(crate) fn after(attempt: i64, settings: &Settings) -> Duration {
    jittered(doubled(settings.retry_first, attempt, settings.retry_longest))
}

/// `first` for the first attempt, doubled with each further one, never longer than `longest`.
pub fn doubled(first: Duration, attempt: i64, longest: Duration) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 31)).unwrap_or(0);
    first.saturating_mul(1 << doublings).min(longest)
}

/// Between half of `wait` and all of it: workers that failed together shall not come again together.
pub fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings::new("worker", &[]);

    #[test]
    fn waits_double_up_to_the_longest() {
        let seconds = [1, 2, 3, 8, 9, 1_000_000, i64::MAX]
            .map(|attempt| doubled(SETTINGS.retry_first, attempt, SETTINGS.retry_longest).as_secs());
        assert_eq!(seconds, [2, 4, 8, 256, 300, 300, 300]);
    }

    #[test]
    fn a_jittered_wait_is_never_longer_nor_shorter_than_half() {
        for _ in 0..1_000 {
            let wait = after(2, &SETTINGS);
            assert!(
                (Duration::from_secs(2)..=Duration::from_secs(4)).contains(&wait),
                "{wait:?}"
            );
        }
    }
}
