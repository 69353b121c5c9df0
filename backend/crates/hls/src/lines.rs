//! The lines that every media playlist is made of.
//!
//! A playlist of a day has tens of thousands of them: numbers are written digit by digit, which takes a tenth of the
//! time that formatting takes.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// A point in time as the calendar has it, UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(DateTime);

impl Moment {
    /// Milliseconds since the epoch; the farthest the calendar has where there is no such day.
    pub(crate) fn of(at_ms: i64) -> Self {
        let farthest = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(farthest);
        Self(TimeZone::UTC.to_datetime(at))
    }

    /// RFC 3339 with milliseconds.
    pub(crate) fn push_date_time(self, text: &mut String) {
        let Self(at) = self;
        digits(text, at.year().unsigned_abs().into(), 4);
        for (before, value) in [('-', at.month()), ('-', at.day())] {
            text.push(before);
            digits(text, value.unsigned_abs().into(), 2);
        }
        for (before, value) in [('T', at.hour()), (':', at.minute()), (':', at.second())] {
            text.push(before);
            digits(text, value.unsigned_abs().into(), 2);
        }
        text.push('.');
        digits(text, at.millisecond().unsigned_abs().into(), 3);
        text.push('Z');
    }

    /// The name of the segment with this number that begins then: `YYYYMMDD-HHMMSS-<msn, 8 digits or more>`.
    pub(crate) fn push_name(self, text: &mut String, msn: u64) {
        let Self(at) = self;
        digits(text, at.year().unsigned_abs().into(), 4);
        for value in [at.month(), at.day()] {
            digits(text, value.unsigned_abs().into(), 2);
        }
        text.push('-');
        for value in [at.hour(), at.minute(), at.second()] {
            digits(text, value.unsigned_abs().into(), 2);
        }
        text.push('-');
        digits(text, msn, 8);
    }
}

/// What stands in front of a segment, or of its first part.
pub(crate) fn push_start(text: &mut String, at: Moment, discontinuity: bool) {
    if discontinuity {
        text.push_str("#EXT-X-DISCONTINUITY\n");
    }
    text.push_str("#EXT-X-PROGRAM-DATE-TIME:");
    at.push_date_time(text);
    text.push('\n');
}

/// A tag with a number.
pub(crate) fn push_number(text: &mut String, tag: &str, number: u64) {
    text.push_str(tag);
    digits(text, number, 1);
    text.push('\n');
}

/// The line of a segment's length, up to its title.
pub(crate) fn push_length(text: &mut String, us: u64) {
    text.push_str("#EXTINF:");
    push_seconds(text, us);
    text.push(',');
}

/// A length in microseconds, written in seconds without losing one: three decimals, six where three are not enough.
pub(crate) fn push_seconds(text: &mut String, us: u64) {
    let micros = us % 1_000_000;
    digits(text, us / 1_000_000, 1);
    text.push('.');
    match micros % 1000 {
        0 => digits(text, micros / 1000, 3),
        _ => digits(text, micros, 6),
    }
}

/// A number in at least so many digits.
pub(crate) fn digits(text: &mut String, mut number: u64, least: usize) {
    // As many as the largest number has.
    let mut reversed = [b'0'; 20];
    let mut count = 0;
    for digit in &mut reversed {
        if number == 0 && count >= least {
            break;
        }
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        count += 1;
    }
    let written = reversed.get(..count).unwrap_or_default();
    text.extend(written.iter().rev().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut String)) -> String {
        let mut text = String::new();
        push(&mut text);
        text
    }

    #[test]
    fn a_time_outside_the_calendar_does_not_stop_the_playlist() {
        assert_eq!(Moment::of(i64::MAX).0.year(), 9999);
        assert_eq!(Moment::of(i64::MIN).0.year(), -9999);
        let text = written(|text| Moment::of(i64::MIN).push_date_time(text));
        assert!(text.starts_with("9999-01-0"), "{text}");
    }

    #[test]
    fn a_length_loses_no_microsecond() {
        for (us, seconds) in [
            (0, "0.000"),
            (333_000, "0.333"),
            (333_334, "0.333334"),
            (20_000_001, "20.000001"),
            (u64::MAX, "18446744073709.551615"),
        ] {
            assert_eq!(written(|text| push_seconds(text, us)), seconds);
        }
    }

    #[test]
    fn numbers_are_written_as_they_are_formatted() {
        for number in [0, 7, 10, 99_999_999, 100_000_000, u64::MAX] {
            assert_eq!(written(|text| digits(text, number, 1)), number.to_string());
            assert_eq!(written(|text| digits(text, number, 8)), format!("{number:08}"));
        }
    }
}
