//! What an object is called: `<channel>/<YYYYMMDD>/<name>.ts` for a segment, as it lies in the archive;
//! `_clips/<channel>/<YYYYMMDD>/<id>.mp4` and `.jpg` for a clip; `_thumbnails/<channel>/<kind>/<YYYYMMDD>/<name>.jpg` for
//! other pictures. No channel has a name with a `_` in it.

use std::fmt;
use std::path::{Component, Path};

use jiff::Timestamp;
use sluice_domain::{Millis, Slug};

use crate::error::Error;
use crate::layout;

/// The longest key that S3 takes has 1,024 bytes; what is kept here stays well below.
const LONGEST: usize = 512;

/// The name of an object: a relative path in letters that need no escape in a URL. Nothing leads out of the bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// What a clip consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClipPart {
    /// The film, an MP4.
    Film,
    /// The picture that is shown in its place, a JPEG.
    Poster,
}

impl ClipPart {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Film, Self::Poster];

    /// How the names of such files end, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Film => "mp4",
            Self::Poster => "jpg",
        }
    }
}

/// What a thumbnail shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thumbnail {
    /// A channel as it is now.
    Live,
    /// Minutes of its past, in small pictures.
    Sheet,
    /// A show.
    Poster,
}

impl Thumbnail {
    /// What the keys of all thumbnails of a channel begin with.
    pub fn of_channel(slug: &Slug) -> String {
        layout::thumbnails_of(slug)
    }

    /// The directory of those of a channel.
    const fn directory(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sheet => "storyboards",
            Self::Poster => "posters",
        }
    }

    /// A name for one that shows a moment; `tag` is random, and makes it the only one of that name.
    pub fn name(moment: Millis, tag: u32) -> Result<String, Error> {
        let time = Timestamp::from_millisecond(moment.0).map_err(|_| Error::Name(moment.0.to_string()))?;
        Ok(format!("{}-{tag:08x}", time.strftime("%Y%m%d-%H%M%S")))
    }
}

impl Key {
    /// A clip's, by the moment that it was to begin with. An error for names that no channel or clip can have.
    pub fn clip(slug: &str, start_at: Millis, id: &str, part: ClipPart) -> Result<Self, Error> {
        let directory = layout::clips(slug, start_at)?;
        let is_id = id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let key = format!("{directory}/{id}.{}", part.extension());
        Self::parse(&key)
            .filter(|_| is_id)
            .ok_or_else(|| Error::Name(id.to_owned()))
    }

    /// A thumbnail's. An error for names that no channel or thumbnail can have.
    pub fn thumbnail(slug: &str, what: Thumbnail, name: &str) -> Result<Self, Error> {
        let key = layout::thumbnail(slug, what.directory(), name)?;
        Self::parse(&key).ok_or_else(|| Error::Name(name.to_owned()))
    }

    /// A segment's. An error for names that no channel or segment can have.
    pub fn segment(slug: &str, name: &str) -> Result<Self, Error> {
        let path = layout::segment(slug, name)?;
        Self::parse(&path.to_string_lossy()).ok_or_else(|| Error::Name(name.to_owned()))
    }

    /// Any key that can be one of ours; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
        let is_key = text.len() <= LONGEST && text.split('/').all(part);
        is_key.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The second in which a segment began, `YYYYMMDD-HHMMSS`; nothing for what is no segment.
    pub(crate) fn second(&self) -> Option<&str> {
        let mut parts = self.0.split('/');
        let (slug, _, name) = (parts.next()?, parts.next()?, parts.next()?.strip_suffix(".ts")?);
        let is_segment = Self::segment(slug, name).is_ok_and(|key| key == *self);
        name.get(..15).filter(|_| is_segment)
    }

    /// As a path below a root.
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The key of a path below a root.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        let parts = path.components().map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
        Self::parse(&parts.collect::<Option<Vec<_>>>()?.join("/"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segments_key_is_its_place_in_the_archive() {
        let key = Key::segment("stage-north", "20261120-222053-00000042").unwrap();
        assert_eq!(key.as_str(), "stage-north/20261120/20261120-222053-00000042.ts");
        assert_eq!(Key::parse(key.as_str()), Some(key.clone()));
        assert_eq!(Key::of_path(key.path()), Some(key.clone()));
        assert_eq!(key.second(), Some("20261120-222053"));
    }

    #[test]
    fn a_clips_key_is_no_channels() {
        let (id, at) = ("0193a5f0c1d27b3e8f4a5b6c7d8e9f00", Millis(1_795_213_253_850));
        let key = |slug, id, part| Key::clip(slug, at, id, part).map(|key| key.to_string());
        let film = format!("_clips/stage-north/20261120/{id}.mp4");
        assert_eq!(key("stage-north", id, ClipPart::Film).unwrap(), film);
        assert!(key("stage-north", id, ClipPart::Poster).unwrap().ends_with(".jpg"));
        assert_eq!(Key::parse(&film).unwrap().second(), None);
        assert!(key("../x", id, ClipPart::Film).is_err());
        let upper = id.to_uppercase();
        for id in ["", "..", "../0193a5f0c1d27b3e8f4a5b6c7d8e9", &upper] {
            assert!(key("stage", id, ClipPart::Film).is_err(), "{id}");
        }
        assert!(Key::clip("stage", Millis(i64::MAX), id, ClipPart::Film).is_err());
    }

    #[test]
    fn a_thumbnails_key_is_made_of_its_moment_and_is_no_channels() {
        let name = Thumbnail::name(Millis(1_795_213_253_850), 0xbeef).unwrap();
        assert_eq!(name, "20261120-222053-0000beef");
        let key = |what| Key::thumbnail("stage-north", what, &name).unwrap().to_string();
        let places = [Thumbnail::Live, Thumbnail::Sheet, Thumbnail::Poster].map(key);
        let in_day = |kind: &str| format!("_thumbnails/stage-north/{kind}/20261120/{name}.jpg");
        assert_eq!(places, [in_day("live"), in_day("storyboards"), in_day("posters")]);
        assert_eq!(Key::parse(&places[0]).unwrap().second(), None);
        for name in [
            "",
            "..",
            "20261120-222053-0000BEEF",
            "20261120-222053-0000bee",
            "20261120-222053-00000000f",
            "20261120-222053-0000beef.jpg",
            "2026112/-222053-0000beef",
            "../20261120-222053-0000beef",
            "20261120-22205ä-000beef",
        ] {
            assert!(Key::thumbnail("stage", Thumbnail::Sheet, name).is_err(), "{name}");
        }
        assert!(Key::thumbnail("../x", Thumbnail::Sheet, &name).is_err());
        assert!(Thumbnail::name(Millis(i64::MAX), 0).is_err());
    }

    #[test]
    fn nothing_that_leads_elsewhere_or_needs_an_escape_is_a_key() {
        let long = "a".repeat(LONGEST + 1);
        for text in [
            "", "/a", "a/", "a//b", "..", "a/../b", ".a", "a/.b", "a b", "a?b", "a%2fb", "ä", &long,
        ] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }
}
