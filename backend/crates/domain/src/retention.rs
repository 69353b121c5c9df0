//! How long segments are kept.

use crate::Millis;

/// A listed segment stays for as long again as the live playlist that listed it lists anything (RFC 8216, 6.2.2).
const GRACE: Millis = Millis::from_secs(120);

/// The age at which a segment leaves disk, object store and index, by the length of the rewind window.
///
/// Whoever lists segments lists none older than this; whoever removes them removes none younger.
pub const fn kept_for(window_hours: u32) -> Millis {
    Millis::from_secs(window_hours as i64 * 3600).plus(GRACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_outlives_the_window_by_the_playlists_that_may_list_it() {
        assert_eq!(kept_for(24), Millis::from_secs(24 * 3600 + 120));
    }
}
