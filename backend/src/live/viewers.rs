//! Who watches: counted by the players that asked for a playlist lately.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};

use dashmap::DashMap;
use sluice_domain::Millis;

/// A player asks at least once per target duration (a few seconds); one that was silent for this long is gone.
const PRESENT: Millis = Millis::from_secs(20);
/// More distinct players than this are not told apart, so that a forged flood cannot fill memory.
const COUNTED_MOST: usize = 100_000;

/// What of a User-Agent players are told apart by, in bytes: as much as nginx writes down of it.
const TOLD_APART_BY: usize = 256;

/// The players of one channel.
///
/// A player is told apart by its address and its User-Agent; of both only a keyed hash is kept, and only while it watches.
#[derive(Default)]
pub struct Viewers {
    seen: DashMap<u64, AtomicI64>,
}

impl Viewers {
    /// A player asked for the playlist.
    pub fn seen(&self, address: Option<IpAddr>, user_agent: &[u8], now: Millis) {
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let user_agent = user_agent.get(..TOLD_APART_BY).unwrap_or(user_agent);
        let player = KEY.get_or_init(RandomState::new).hash_one((address, user_agent));
        if let Some(at) = self.seen.get(&player) {
            at.store(now.0, Ordering::Relaxed);
        } else if self.seen.len() < COUNTED_MOST {
            self.seen.insert(player, AtomicI64::new(now.0));
        }
    }

    /// Whether anybody watches now.
    pub fn any(&self, now: Millis) -> bool {
        let is_present = |at: &AtomicI64| now.since(Millis(at.load(Ordering::Relaxed))) < PRESENT;
        self.seen.iter().any(|at| is_present(&at))
    }

    /// How many watch now; those who left are forgotten.
    pub fn count(&self, now: Millis) -> u32 {
        self.seen
            .retain(|_, at| now.since(Millis(at.load(Ordering::Relaxed))) < PRESENT);
        u32::try_from(self.seen.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_counts_once_and_leaves_after_twenty_silent_seconds() {
        let viewers = Viewers::default();
        let home = "127.0.0.1".parse().ok();
        viewers.seen(home, b"hls.js", Millis(0));
        viewers.seen(home, b"hls.js", Millis(6_000));
        viewers.seen(home, b"VLC", Millis(6_000));
        assert_eq!(viewers.count(Millis(25_999)), 2);
        assert_eq!(viewers.count(Millis(26_000)), 0);
    }

    #[test]
    fn a_player_with_an_endless_name_is_the_same_whoever_has_answered_it() {
        let viewers = Viewers::default();
        viewers.seen(None, &[b'x'; 256], Millis(0));
        viewers.seen(None, &[b'x'; 8000], Millis(0));
        viewers.seen(None, &[b'x'; 255], Millis(0));
        assert_eq!(viewers.count(Millis(0)), 2);
    }
}
