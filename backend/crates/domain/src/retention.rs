//! How long segments are kept.

use crate::Millis;

/// A segment stays so long after it has left every playlist that is made anew: longer than the live playlist, which lists
/// it last. A player that holds an older copy of a playlist of hours may ask for it later still; RFC 8216, 6.2.2 would keep
/// it for as long again as that playlist is, which would double the disk that a window takes.
const GRACE: Millis = Millis::from_secs(120);

/// The age at which a segment leaves disk, object store and index, by the length of the rewind window.
///
/// Whoever lists segments lists none older than this; whoever removes them removes none younger.
pub const fn kept_for(window_hours: u32) -> Millis {
    Millis::from_secs(window_hours as i64 * 3600).plus(GRACE)
}

/// The moment before which segments that begin are listed no more, on a channel with this window.
pub const fn listed_from(window_hours: u32, now: Millis) -> Millis {
    now.minus(Millis::from_secs(window_hours as i64 * 3600))
}

/// When a segment that began at a moment is removed, on a channel with this window and unless its show is kept.
pub const fn expires_at(started_at: Millis, window_hours: u32) -> Millis {
    started_at.plus(kept_for(window_hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_not_removed_before_the_playlist_that_lists_it_is_old() {
        let (began, now) = (Millis(5_000), Millis(5_000 + 3_600_000));
        assert!(began >= listed_from(1, now));
        assert_eq!(expires_at(began, 1).since(now), GRACE);
    }

    #[test]
    fn a_segment_outlives_the_window_by_the_playlists_that_may_list_it() {
        assert_eq!(kept_for(24), Millis::from_secs(24 * 3600 + 120));
    }
}
