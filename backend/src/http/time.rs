//! Points in time as JSON carries them.

use jiff::Timestamp;
use sluice_domain::Millis;

/// RFC 3339 in UTC with milliseconds, such as `2026-11-20T23:09:00.123Z`. Years outside 0 to 9999 read as the epoch.
pub fn rfc3339(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// A time with its offset (RFC 3339), as a query brings it: a `+` that was not escaped comes as a space, which may as well
/// stand between date and time (5.6).
pub fn parsed(text: &str) -> Option<Millis> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let at: Timestamp = format!("{date}T{}", time.replace(' ', "+")).parse().ok()?;
    Some(Millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_any_offset_and_not_without() {
        for text in [
            "2026-11-20T22:20:53.850Z",
            "2026-11-20T23:20:53.850+01:00",
            "2026-11-20T23:20:53.850 01:00",
            "2026-11-20T17:20:53.85-05:00",
        ] {
            assert_eq!(parsed(text), Some(Millis(1_795_213_253_850)), "{text}");
        }
        for text in [
            "",
            "now",
            "2026-11-20",
            "2026-11-20T22:20:53",
            "2026-11-31T22:20:53Z",
            "1795213253",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_utc_and_always_have_milliseconds() {
        assert_eq!(rfc3339(Millis(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Millis(1_795_213_253_850)), "2026-11-20T22:20:53.850Z");
        assert_eq!(rfc3339(Millis(i64::MAX)), "1970-01-01T00:00:00.000Z");
    }
}
