//! Whether the object store is asked at all. Pure: time and chance are passed in.
//!
//! Open, everything may go. When as many attempts have failed in a row as are made at a time, it is the store that is in
//! trouble and no longer a segment: the gate shuts, and a single attempt is made now and then, until one succeeds.

use std::time::{Duration, Instant};

use sluice_kit::backoff;
use sluice_objects::Kind;
use sluice_store::storage::State;

/// Lets attempts through.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Failures in a row that are the store's.
    patience: u32,
    first: Duration,
    longest: Duration,
    failed_in_a_row: u32,
    shut: Option<Shut>,
}

#[derive(Debug)]
struct Shut {
    since: Instant,
    until: Instant,
    times: i64,
    state: State,
}

impl Gate {
    pub(crate) fn new(parallel: usize, first: Duration, longest: Duration) -> Self {
        Self {
            patience: u32::try_from(parallel.max(4)).unwrap_or(u32::MAX),
            first,
            longest,
            failed_in_a_row: 0,
            shut: None,
        }
    }

    /// How the store stands to us.
    pub(crate) fn state(&self) -> State {
        self.shut.as_ref().map_or(State::Working, |shut| shut.state)
    }

    /// How many of `wanted` attempts may begin now.
    pub(crate) fn admit(&mut self, wanted: usize, now: Instant) -> usize {
        match &mut self.shut {
            None => wanted,
            Some(shut) if wanted > 0 && now >= shut.until => {
                // No other until this one has ended, or has taken too long.
                shut.until = now + self.longest;
                1
            }
            Some(_) => 0,
        }
    }

    /// When the next attempt may begin, where none may now.
    pub(crate) fn reopens(&self) -> Option<Instant> {
        self.shut.as_ref().map(|shut| shut.until)
    }

    /// An attempt went well. True if the gate was shut.
    pub(crate) fn succeeded(&mut self) -> bool {
        self.failed_in_a_row = 0;
        self.shut.take().is_some()
    }

    /// An attempt that began at `began` came to nothing; `jitter` makes a wait somewhat shorter. True if this shuts the
    /// gate.
    pub(crate) fn failed(
        &mut self,
        kind: Kind,
        began: Instant,
        now: Instant,
        jitter: impl FnOnce(Duration) -> Duration,
    ) -> bool {
        if !is_of_the_store(kind) {
            return false;
        }
        self.failed_in_a_row += 1;
        let state = match kind.is_transient() {
            true => State::Waiting,
            false => State::Stuck,
        };
        let times = match &self.shut {
            // It began before, and tells nothing new.
            Some(shut) if began < shut.since => return false,
            Some(shut) => shut.times + 1,
            None if state == State::Stuck || self.failed_in_a_row >= self.patience => 1,
            None => return false,
        };
        let wait = match state {
            // Nothing mends itself here: it is only looked whether somebody has mended it.
            State::Stuck => self.longest,
            State::Waiting | State::Working => backoff::doubled(self.first, times, self.longest),
        };
        let is_new = self.shut.is_none();
        self.shut = Some(Shut {
            since: now,
            until: now + jitter(wait),
            times,
            state,
        });
        is_new
    }
}

/// Whether another segment would meet the same.
const fn is_of_the_store(kind: Kind) -> bool {
    !matches!(kind, Kind::Mismatch | Kind::Refused | Kind::Source | Kind::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(2);

    fn gate() -> (Gate, Instant) {
        (Gate::new(4, FIRST, LONGEST), Instant::now())
    }

    fn fail(gate: &mut Gate, kind: Kind, at: Instant) -> bool {
        gate.failed(kind, at, at, |wait| wait)
    }

    #[test]
    fn single_failures_among_successes_leave_it_open() {
        let (mut gate, now) = gate();
        for _ in 0..100 {
            for _ in 0..3 {
                assert!(!fail(&mut gate, Kind::Throttled, now));
            }
            assert!(!gate.succeeded());
        }
        assert_eq!((gate.admit(16, now), gate.state()), (16, State::Working));
    }

    #[test]
    fn an_outage_shuts_it_and_one_success_opens_it() {
        let (mut gate, now) = gate();
        let shut = (0..4)
            .map(|_| fail(&mut gate, Kind::Unavailable, now))
            .collect::<Vec<_>>();
        assert_eq!(shut, [false, false, false, true]);
        assert_eq!((gate.admit(16, now), gate.state()), (0, State::Waiting));
        assert_eq!(gate.reopens(), Some(now + FIRST));
        assert_eq!(gate.admit(16, now + FIRST), 1);
        assert_eq!(gate.admit(16, now + FIRST), 0, "one at a time");
        assert!(gate.succeeded());
        assert_eq!((gate.admit(16, now), gate.state()), (16, State::Working));
    }

    #[test]
    fn the_waits_of_an_outage_double_up_to_the_longest() {
        let (mut gate, mut now) = gate();
        for _ in 0..4 {
            fail(&mut gate, Kind::Interrupted, now);
        }
        let mut waits = Vec::new();
        for _ in 0..7 {
            let until = gate.reopens().unwrap();
            waits.push((until - now).as_millis());
            now = until;
            assert_eq!(gate.admit(1, now), 1);
            fail(&mut gate, Kind::Interrupted, now);
        }
        assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn what_was_underway_when_it_shut_tells_nothing_new() {
        let (mut gate, began) = gate();
        let now = began + FIRST;
        for _ in 0..4 {
            gate.failed(Kind::Unavailable, began, now, |wait| wait);
        }
        let reopens = gate.reopens();
        gate.failed(Kind::Unavailable, began, now + FIRST, |wait| wait);
        assert_eq!(gate.reopens(), reopens);
    }

    #[test]
    fn a_wrong_secret_shuts_it_at_once_and_for_long() {
        let (mut gate, now) = gate();
        assert!(fail(&mut gate, Kind::Denied, now));
        assert_eq!((gate.state(), gate.reopens()), (State::Stuck, Some(now + LONGEST)));
    }

    #[test]
    fn a_segments_own_trouble_is_not_the_stores() {
        let (mut gate, now) = gate();
        for kind in [Kind::Mismatch, Kind::Refused, Kind::Source, Kind::Missing].repeat(9) {
            assert!(!fail(&mut gate, kind, now));
        }
        assert_eq!(gate.admit(16, now), 16);
    }
}
