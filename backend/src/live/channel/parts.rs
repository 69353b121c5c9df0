//! The parts of a channel: since when they are made, for whom, and where they are.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sluice_domain::Millis;
use sluice_hls::media::ListedPart;
use tokio::{sync::watch, time::Instant};

use super::Channel;
use crate::live::{
    shelf::{Cut, PartLookup},
    timeline::Opening,
};

/// When it was asked that parts be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live) enum Asked {
    /// Now, by whoever is told this.
    Now(Instant),
    /// By somebody before.
    Before(Instant),
}

/// Whose turn it is to ask that parts be made: the first one's who comes.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<Option<Instant>>);

impl Turn {
    fn take(&self) -> Asked {
        let mut asked_at = self.asked_at();
        match *asked_at {
            Some(at) => Asked::Before(at),
            None => Asked::Now(*asked_at.insert(Instant::now())),
        }
    }

    fn give_back(&self) {
        *self.asked_at() = None;
    }

    fn asked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel {
    /// What is known of the part with this name, which comes without `.ts`.
    pub fn part(&self, name: &str) -> PartLookup {
        self.shelf().find(name)
    }

    /// Lists parts of the segment that is being written.
    pub(in crate::live) fn add_parts(&self, opening: Opening<'_>, parts: &[Cut]) {
        let mut timeline = self.timeline();
        timeline.add_parts(opening, self.shelve(parts));
        self.rebuild_live(&mut timeline);
    }

    /// Whether parts are made; to be waited for.
    pub(in crate::live) fn tailed(&self) -> watch::Receiver<bool> {
        self.is_tailed.subscribe()
    }

    /// Whether parts are made.
    pub(in crate::live) fn is_tailed(&self) -> bool {
        *self.is_tailed.borrow()
    }

    /// Takes the turn to ask that parts be made, unless somebody has asked already: tells when.
    pub(in crate::live) fn begin_tail(&self) -> Asked {
        self.tail_turn.take()
    }

    /// Parts are made from now on.
    pub(in crate::live) fn tail(&self, part_target_us: u64) {
        self.timeline().tail(part_target_us);
    }

    /// What there was to cut is cut.
    pub(in crate::live) fn tail_is_there(&self) {
        // Without a part yet, players are told of the one that comes first.
        self.rebuild_live(&mut self.timeline());
        self.is_tailed.send_replace(true);
    }

    /// Nothing is there to be cut: the next viewer may ask again.
    pub(in crate::live) fn tail_failed(&self) {
        self.tail_turn.give_back();
    }

    /// No parts are made any more.
    pub(in crate::live) fn untail(&self) {
        self.tail_turn.give_back();
        self.is_tailed.send_replace(false);
        let mut timeline = self.timeline();
        timeline.untail();
        self.rebuild_live(&mut timeline);
    }

    /// Lets go of parts that nobody may ask for any more.
    pub(in crate::live) fn sweep_parts(&self, now: Millis) {
        self.shelf().sweep(now);
    }

    /// Parts get their names and can be fetched from now on.
    pub(super) fn shelve(&self, parts: &[Cut]) -> Vec<ListedPart> {
        let mut shelf = self.shelf();
        let numbers = shelf.put(parts.iter().map(|part| part.file.clone()));
        let listed = numbers.zip(parts).map(|(number, part)| ListedPart {
            name: shelf.name(number),
            duration_us: part.duration_us,
            independent: part.independent,
        });
        listed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_later_waits_for_parts_no_longer_than_who_came_first() {
        let turn = Turn::default();
        let Asked::Now(first) = turn.take() else {
            panic!("nobody was there before")
        };
        assert_eq!(turn.take(), Asked::Before(first));
        turn.give_back();
        let Asked::Now(second) = turn.take() else {
            panic!("it may be asked again")
        };
        assert!(second > first);
    }
}
