//! What the worker takes of the machine.

use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What this process and all the programs that it has waited for have used so far.
pub(crate) fn used() -> Duration {
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

/// The rest after which something that used so much has taken no more than a share of one core.
pub(crate) fn rest(used: Duration, share: f64) -> Duration {
    used.mul_f64((1.0 / share.clamp(0.01, 1.0)) - 1.0)
}

fn of(who: UsageWho) -> Duration {
    // It fails for nobody that there is.
    let micros = |usage: Usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(getrusage(who).map_or(0, micros).try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_a_core_rests_for_three_quarters() {
        assert_eq!(rest(Duration::from_secs(1), 0.25), Duration::from_secs(3));
        assert_eq!(rest(Duration::from_secs(1), 1.0), Duration::ZERO);
    }
}
