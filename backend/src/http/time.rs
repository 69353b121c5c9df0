//! Points in time as JSON carries them.

use jiff::Timestamp;
use sluice_domain::Millis;

/// RFC 3339 in UTC with milliseconds, such as `2026-11-20T23:09:00.123Z`. Years outside 0 to 9999 read as the epoch.
pub fn rfc3339(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_always_have_milliseconds() {
        assert_eq!(rfc3339(Millis(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Millis(1_795_213_253_850)), "2026-11-20T22:20:53.850Z");
        assert_eq!(rfc3339(Millis(i64::MAX)), "1970-01-01T00:00:00.000Z");
    }
}
