//! What a query says of a stretch of time.

use std::borrow::Cow;

use sluice_domain::Millis;
use url::form_urlencoded;

use crate::{error::Error, http::time::parsed};

/// The longest stretch: a playlist of six hours has a megabyte and a half, and whoever wants more takes `dvr.m3u8`.
const LONGEST_S: i64 = 6 * 3600;
/// A stretch of time; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning.
    pub from: Millis,
    /// Its end.
    pub until: Millis,
}

impl Stretch {
    /// Reads `from` or `offset_sec`, and `duration`.
    pub fn read(query: &str, now: Millis) -> Result<Self, Error> {
        let (mut from, mut offset_s, mut duration_s) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "from" => once(&mut from, "from", moment(&value)?)?,
                "offset_sec" => once(&mut offset_s, "offset_sec", seconds("offset_sec", &value)?)?,
                "duration" => once(&mut duration_s, "duration", seconds("duration", &value)?)?,
                _ => {}
            }
        }
        let from = match (from, offset_s) {
            (Some(from), None) => from,
            (None, Some(offset_s)) => now.minus(Millis::from_secs(offset_s)),
            (None, None) => {
                return refused("Say where to begin: from, a time such as 2026-11-21T20:00:00Z, or offset_sec.");
            }
            (Some(_), Some(_)) => return refused("Say where to begin either by from or by offset_sec."),
        };
        match duration_s {
            None => refused("Say by duration how many seconds to take."),
            Some(0) => refused("A duration has a second at least."),
            Some(duration_s) if duration_s > LONGEST_S => refused(format!(
                "The longest duration is {LONGEST_S} seconds, which are 6 hours."
            )),
            Some(duration_s) => Ok(Self {
                from,
                until: from.plus(Millis::from_secs(duration_s)),
            }),
        }
    }
}

fn moment(text: &str) -> Result<Millis, Error> {
    match parsed(text) {
        Some(at) => Ok(at),
        None => refused("from is a time with its offset (RFC 3339), such as 2026-11-21T20:00:00Z."),
    }
}

/// Whole seconds, without a sign.
fn seconds(name: &str, text: &str) -> Result<i64, Error> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if is_number => Ok(seconds),
        _ => refused(format!("{name} is a whole number of seconds.")),
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Error> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => refused(format!("{name} is given more than once.")),
    }
}

fn refused<T>(why: impl Into<Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::InvalidRequest(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_298_400_000);

    fn stretch(query: &str) -> Option<(i64, i64)> {
        let stretch = Stretch::read(query, NOW).ok()?;
        Some((NOW.0 - stretch.from.0, stretch.until.0 - stretch.from.0))
    }

    #[test]
    fn a_beginning_has_any_offset_and_an_unescaped_plus() {
        for from in [
            "2026-11-21T21:00:00Z",
            "2026-11-21T21:00:00.000Z",
            "2026-11-21t21:00:00z",
            "2026-11-21T21:00:00%2B00:00",
            "2026-11-21T23:00:00+02:00",
            "2026-11-21T23:00:00%2B02:00",
            "2026-11-21T16:00:00-05:00",
            "2026-11-22T02:45:00+05:45",
            "2026-11-21%2021:00:00Z",
        ] {
            let expected = NOW.0 - 1_795_294_800_000;
            assert_eq!(
                stretch(&format!("from={from}&duration=60")),
                Some((expected, 60_000)),
                "{from}"
            );
        }
    }

    #[test]
    fn a_beginning_is_as_well_so_many_seconds_ago() {
        assert_eq!(stretch("offset_sec=90&duration=30"), Some((90_000, 30_000)));
        assert_eq!(stretch("duration=21600&offset_sec=0&token=x"), Some((0, 21_600_000)));
    }

    #[test]
    fn nonsense_is_refused() {
        for query in [
            "",
            "duration=60",
            "offset_sec=60",
            "offset_sec=60&duration=0",
            "offset_sec=60&duration=21601",
            "offset_sec=60&duration=-1",
            "offset_sec=60&duration=1.5",
            "offset_sec=60&duration=",
            "offset_sec=+60&duration=1",
            "offset_sec=99999999999999999999&duration=1",
            "offset_sec=60&offset_sec=60&duration=1",
            "offset_sec=60&duration=1&duration=1",
            "offset_sec=60&from=2026-11-21T21:00:00Z&duration=1",
            "from=yesterday&duration=60",
            "from=2026-11-21&duration=60",
            "from=2026-11-21T21:00:00&duration=60",
            "from=2026-11-31T21:00:00Z&duration=60",
            "from=2026-11-21T25:00:00Z&duration=60",
            "from=%FF&duration=60",
            "from=1795294800&duration=60",
            "from=ééééééééé&duration=60",
        ] {
            assert!(Stretch::read(query, NOW).is_err(), "{query}");
        }
    }
}
