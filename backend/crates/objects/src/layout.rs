//! Where a segment lies below the archive's root: `<channel>/<YYYYMMDD>/<YYYYMMDD-HHMMSS-msn>.ts`. And where clips lie
//! among objects: apart from channels, so that what is a channel's is found by its name.

use std::path::PathBuf;

use jiff::Timestamp;
use sluice_domain::{Millis, Slug};

use crate::Error;

/// A channel's directory.
pub(crate) fn channel(slug: &str) -> Result<PathBuf, Error> {
    Slug::parse(slug)
        .map(|slug| PathBuf::from(slug.as_str()))
        .map_err(|_| Error::Channel(slug.to_owned()))
}

/// A segment's file.
pub(crate) fn segment(slug: &str, name: &str) -> Result<PathBuf, Error> {
    let channel = channel(slug)?;
    let day = day(name).ok_or_else(|| Error::Name(name.to_owned()))?;
    Ok(channel.join(day).join(format!("{name}.ts")))
}

/// What a channel's clips begin with.
pub(crate) fn clips_of(slug: &Slug) -> String {
    format!("_clips/{slug}/")
}

/// What the clips of one day of a channel lie below.
pub(crate) fn clips(slug: &str, day: Millis) -> Result<String, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::Channel(slug.to_owned()))?;
    let day = Timestamp::from_millisecond(day.0).map_err(|_| Error::Name(day.0.to_string()))?;
    Ok(format!("{}{}", clips_of(&slug), day.strftime("%Y%m%d")))
}

/// What a channel's thumbnails begin with.
pub(crate) fn thumbnails_of(slug: &Slug) -> String {
    format!("_thumbnails/{slug}/")
}

/// A thumbnail, in a directory of its kind: `YYYYMMDD-HHMMSS-<8 hexadecimal digits>`, below its day.
pub(crate) fn thumbnail(slug: &str, directory: &str, name: &str) -> Result<String, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::Channel(slug.to_owned()))?;
    let day = thumbnails_day(name).ok_or_else(|| Error::Name(name.to_owned()))?;
    Ok(format!("{}{directory}/{day}/{name}.jpg", thumbnails_of(&slug)))
}

fn thumbnails_day(name: &str) -> Option<&str> {
    let (moment, tag) = name.split_at_checked(16)?;
    let is_tag = tag.len() == 8 && tag.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    // It looks like a segment's, with a tag in the place of the number.
    day(&format!("{moment}00000000")).filter(|_| is_tag)?;
    moment.get(..8)
}

/// The day of a segment's name, which is `YYYYMMDD-HHMMSS-<msn>` with a number of 8 digits or, past them, up to 20.
fn day(name: &str) -> Option<&str> {
    let (day, rest) = name.split_once('-')?;
    let (time, msn) = rest.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let lengths = day.len() == 8 && time.len() == 6 && (8..=20).contains(&msn.len());
    (lengths && [day, time, msn].into_iter().all(digits)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_lies_under_its_channel_and_its_day() {
        let path = segment("stage-north", "20261120-222053-00000042").unwrap();
        assert_eq!(path.to_str(), Some("stage-north/20261120/20261120-222053-00000042.ts"));
    }

    #[test]
    fn no_name_leads_out_of_the_root() {
        for name in [
            "",
            "..",
            "20261120-222053",
            "20261120-222053-",
            "20261120-222053-0000004",
            "20261120-222053-00000042.ts",
            "20261120-222053-00000042/../x",
            "../20261120-222053-00000042",
            "2026112/-222053-00000042",
            "20261120-222053-0000004\0",
            "20261120-222053-０００００００４",
            "20261120-222053-000000000000000000001",
        ] {
            assert!(matches!(segment("stage", name), Err(Error::Name(_))), "{name:?}");
        }
        for slug in ["", ".", "..", "/etc", "a/b", "Stage", "a\0b"] {
            assert!(
                matches!(segment(slug, "20261120-222053-00000042"), Err(Error::Channel(_))),
                "{slug:?}"
            );
            assert!(matches!(channel(slug), Err(Error::Channel(_))), "{slug:?}");
        }
    }
}
