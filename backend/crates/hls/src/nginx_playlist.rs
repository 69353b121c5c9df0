//! Reads the media playlist that nginx-rtmp keeps beside its spooled segments.
//!
//! m3u8-rs does the reading. It corrupts some texts silently (a fractional target duration becomes a segment, a
//! non-numeric EXTINF becomes 0) and takes quadratic time on others, so a line guard lets through only what
//! nginx-rtmp writes; everything else is an error.

use m3u8_rs::MediaSegment;
use thiserror::Error;

/// The longest playlist that is read. A window of ten minutes of one-second segments has 25 KB.
pub const MAX_BYTES: usize = 1 << 20;

/// The longest segment that is believed. nginx cuts at `hls_max_fragment`; and up to here (4 h 30 min) the f32 of
/// m3u8-rs still tells milliseconds apart.
const MAX_DURATION_MS: u64 = 4 * 3600 * 1000;

/// A closed segment in the spool, as nginx-rtmp's playlist tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// The media sequence number within nginx's playlist: one per segment of a publish, from 0.
    pub seq: u64,
    /// The file's name, always `<digits>.ts`, without a directory.
    pub file: String,
    /// When nginx opened the file, in milliseconds since the epoch: the name's digits.
    pub opened_at_ms: i64,
    /// The media's length in microseconds; nginx writes whole milliseconds, and 0 for a lone frame.
    pub duration_us: u64,
    /// Timestamps do not continue those of the segment before; always so at the start of a publish.
    pub discontinuity: bool,
}

/// Why a text is no playlist of nginx-rtmp's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// Longer than [`MAX_BYTES`].
    #[error("the playlist has {0} bytes, more than are read")]
    TooLong(usize),
    /// Not text, no `#EXTM3U` on its first line, or cut off within a line.
    #[error("not a whole playlist")]
    NotAPlaylist,
    /// A line that nginx-rtmp does not write.
    #[error("line {number} is none of nginx-rtmp's: {line:?}")]
    Line {
        /// The line's number, from 1.
        number: usize,
        /// The line, cut to 80 characters.
        line: String,
    },
    /// No media sequence number, or one that does not fit.
    #[error("no usable media sequence number")]
    Sequence,
    /// The lines are right one by one, but do not make whole segments.
    #[error("tags and segments do not match")]
    Structure,
}

/// The segments of nginx-rtmp's playlist, oldest first; an empty list is a playlist without segments.
pub fn parse(text: &[u8]) -> Result<Vec<Spooled>, Error> {
    let announced = guard(text)?;
    let playlist = m3u8_rs::parse_media_playlist_res(text).map_err(|_| Error::NotAPlaylist)?;
    if playlist.segments.len() != announced {
        return Err(Error::Structure);
    }
    let first = playlist.media_sequence;
    playlist
        .segments
        .into_iter()
        .zip(0..)
        .map(|(segment, index)| spooled(first, index, segment))
        .collect()
}

/// What a line of the playlist is.
enum Line {
    Header,
    MediaSequence,
    Discontinuity,
    Extinf,
    File,
}

/// Lets through nothing but nginx-rtmp's own lines, each EXTINF followed by its file; gives their number.
fn guard(text: &[u8]) -> Result<usize, Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::TooLong(text.len()));
    }
    let text = std::str::from_utf8(text).map_err(|_| Error::NotAPlaylist)?;
    let body = text.strip_prefix("#EXTM3U\n").ok_or(Error::NotAPlaylist)?;
    if !body.ends_with('\n') {
        return Err(Error::NotAPlaylist);
    }
    let (mut extinf_open, mut segments, mut sequences) = (false, 0, 0);
    for (line, number) in body.lines().zip(2..) {
        let kind = kind(line).ok_or_else(|| Error::Line {
            number,
            line: line.chars().take(80).collect(),
        })?;
        match (kind, extinf_open) {
            (Line::Extinf, false) => extinf_open = true,
            (Line::File, true) => {
                extinf_open = false;
                segments += 1;
            }
            (Line::Discontinuity, false) => {}
            (Line::MediaSequence, false) if segments == 0 => sequences += 1,
            (Line::Header, false) if segments == 0 => {}
            _ => return Err(Error::Structure),
        }
    }
    match (extinf_open, sequences) {
        (false, 1) => Ok(segments),
        (false, _) => Err(Error::Sequence),
        (true, _) => Err(Error::Structure),
    }
}

fn kind(line: &str) -> Option<Line> {
    let Some((tag, value)) = line.split_once(':') else {
        return match line {
            "#EXT-X-DISCONTINUITY" => Some(Line::Discontinuity),
            _ => opened_at_ms(line).map(|_| Line::File),
        };
    };
    match tag {
        "#EXTINF" => is_seconds(value.strip_suffix(',')?).then_some(Line::Extinf),
        "#EXT-X-MEDIA-SEQUENCE" => is_number(value).then_some(Line::MediaSequence),
        "#EXT-X-VERSION" | "#EXT-X-TARGETDURATION" => is_number(value).then_some(Line::Header),
        _ => None,
    }
}

/// Digits alone, and no more than a u64 takes: m3u8-rs would turn a longer number into an unknown tag.
fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u64>().is_ok()
}

/// Seconds with three decimals, as nginx-rtmp writes every length.
fn is_seconds(text: &str) -> bool {
    text.split_once('.')
        .is_some_and(|(whole, decimals)| is_number(whole) && decimals.len() == 3 && is_number(decimals))
}

/// When nginx opened a segment file, in milliseconds since the epoch, as its name `<digits>.ts` says; nothing for a file
/// of another name.
pub fn opened_at_ms(file: &str) -> Option<i64> {
    let digits = file.strip_suffix(".ts")?;
    if is_number(digits) { digits.parse().ok() } else { None }
}

fn spooled(first: u64, index: u64, segment: MediaSegment) -> Result<Spooled, Error> {
    let opened_at_ms = opened_at_ms(&segment.uri).ok_or(Error::Structure)?;
    Ok(Spooled {
        seq: first.checked_add(index).ok_or(Error::Sequence)?,
        duration_us: milliseconds(segment.duration)
            .ok_or(Error::Structure)?
            .saturating_mul(1000),
        discontinuity: segment.discontinuity,
        file: segment.uri,
        opened_at_ms,
    })
}

/// The three decimals that nginx wrote, out of the f32 that m3u8-rs made of them.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // finite and within 0..=MAX_DURATION_MS
fn milliseconds(seconds: f32) -> Option<u64> {
    let milliseconds = (f64::from(seconds) * 1000.0).round();
    let believable = (0.0..=MAX_DURATION_MS as f64).contains(&milliseconds);
    believable.then_some(milliseconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &str = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:2\n\
        #EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n1795213253850.ts\n#EXTINF:2.033,\n1795213255840.ts\n";

    #[test]
    fn a_real_playlist_gives_its_segments_to_the_millisecond() {
        let segments = parse(REAL.as_bytes()).unwrap();
        let told: Vec<_> = segments
            .iter()
            .map(|s| (s.seq, s.opened_at_ms, s.duration_us, s.discontinuity))
            .collect();
        assert_eq!(
            told,
            [
                (0, 1795213253850, 2_000_000, true),
                (1, 1795213255840, 2_033_000, false)
            ]
        );
        assert_eq!(segments[1].file, "1795213255840.ts");
    }

    #[test]
    fn every_millisecond_of_a_long_segment_survives_the_f32() {
        for ms in (0..=60_000).chain(14_390_000..=14_400_000) {
            let seconds: f32 = format!("{}.{:03}", ms / 1000, ms % 1000).parse().unwrap();
            assert_eq!(milliseconds(seconds), Some(ms));
        }
    }

    #[test]
    fn what_m3u8_rs_would_corrupt_silently_is_an_error() {
        for (right, wrong) in [
            ("#EXTINF:2.000,", "#EXTINF:abc,"),
            ("#EXTINF:2.000,", "#EXTINF:-1.000,"),
            ("#EXTINF:2.000,", "#EXTINF:2.000,a, b"),
            ("#EXTINF:2.000,", "#EXTINF:99999999999.000,"),
            ("TARGETDURATION:2", "TARGETDURATION:2.5"),
            ("1795213253850.ts", "../1795213253850.ts"),
            ("1795213253850.ts", "cam-1.ts"),
            ("1795213253850.ts", "99999999999999999999.ts"),
            ("1795213253850.ts\n", "1795213253850.ts\n1795213253851.ts\n"),
            ("1795213253850.ts\n", ""),
            ("#EXT-X-MEDIA-SEQUENCE:0\n", ""),
            ("MEDIA-SEQUENCE:0", "MEDIA-SEQUENCE:18446744073709551615"),
            ("MEDIA-SEQUENCE:0", "MEDIA-SEQUENCE:99999999999999999999"),
            ("#EXT-X-DISCONTINUITY\n", "#EXT-X-KEY:METHOD=NONE\n"),
            ("1795213255840.ts\n", "1795213255840.ts"),
            ("1795213255840.ts\n", "179521"),
            ("1795213255840.ts\n", ""),
            ("#EXTM3U\n", ""),
        ] {
            let text = REAL.replacen(right, wrong, 1);
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_playlist_without_segments_is_empty_and_an_endless_one_is_not_read() {
        assert_eq!(
            parse(b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-TARGETDURATION:2\n"),
            Ok(vec![])
        );
        assert_eq!(parse(&vec![b'\n'; MAX_BYTES + 1]), Err(Error::TooLong(MAX_BYTES + 1)));
    }
}
