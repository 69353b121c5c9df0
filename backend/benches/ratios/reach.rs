//! How far a playlist reaches.

use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The segment that comes next, or is being written.
    pub(crate) next_msn: usize,
    /// How many parts of it are listed.
    pub(crate) parts: usize,
    /// How long they are together.
    pub(crate) parts_long: Duration,
}

impl Reach {
    /// Of a whole playlist or a delta update, in gzip or not.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut text = String::new();
        if body.starts_with(b"\x1f\x8b") {
            GzDecoder::new(body).read_to_string(&mut text).expect("a gzip body");
        } else {
            text.push_str(str::from_utf8(body).expect("a playlist is text"));
        }
        let (mut next_msn, mut parts, mut parts_long) = (0, 0, Duration::ZERO);
        for line in text.lines() {
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            match tag {
                "#EXT-X-MEDIA-SEQUENCE" => next_msn += value.parse::<usize>().expect("a number"),
                "#EXT-X-SKIP" => {
                    let skipped = value.trim_start_matches("SKIPPED-SEGMENTS=");
                    next_msn += skipped.parse::<usize>().expect("a number");
                }
                "#EXTINF" => (next_msn, parts, parts_long) = (next_msn + 1, 0, Duration::ZERO),
                "#EXT-X-PART" => {
                    let duration = value.split("DURATION=").nth(1).and_then(|rest| rest.split(',').next());
                    let seconds: f64 = duration.and_then(|text| text.parse().ok()).expect("a duration");
                    parts_long += Duration::from_secs_f64(seconds);
                    parts += 1;
                }
                _ => {}
            }
        }
        Self {
            next_msn,
            parts,
            parts_long,
        }
    }
}
