//! What channels look like, looked like and are remembered by: pictures that `workers/thumbnailer` makes.
//!
//! What a live channel looks like is for everybody who may watch it; the past is for whoever may rewind it.

pub mod file;
pub mod live;
pub mod storyboard;

use sluice_domain::Millis;
use sluice_objects::{Key, Thumbnail};

use crate::error::Error;

/// One that is older than this is of another time, however long the show may go on: nobody makes any more.
const OLDEST: Millis = Millis::from_secs(600);
/// An encoder that lost its line and is back has a new session, and still the picture of a moment ago.
const JUST_NOW: Millis = Millis::from_secs(60);

/// Whether a picture of this moment shows what is on air since `since`.
pub fn is_of_now(taken_at: Millis, since: Millis, now: Millis) -> bool {
    taken_at > now.minus(OLDEST) && (taken_at >= since || taken_at > now.minus(JUST_NOW))
}

/// The object of a thumbnail; nothing has a name that none can have.
fn key(slug: &str, what: Thumbnail, name: &str) -> Result<Key, Error> {
    Key::thumbnail(slug, what, name).map_err(|_| Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_another_show_or_of_long_ago_is_not_shown() {
        let now = Millis(1_795_000_000_000);
        let ago = |s| now.minus(Millis::from_secs(s));
        for (taken_s, since_s, expected) in [
            (5, 3600, true),
            (599, 3600, true),
            (601, 3600, false),
            (30, 10, true),
            (70, 10, false),
            (0, 0, true),
        ] {
            assert_eq!(
                is_of_now(ago(taken_s), ago(since_s), now),
                expected,
                "{taken_s} s, {since_s} s"
            );
        }
    }
}
