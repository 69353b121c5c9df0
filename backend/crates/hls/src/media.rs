//! Writes the media playlist of a channel: its segments, oldest first, with the wall clock on each.

use std::fmt::Write;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::timeline::Segment;

/// What a media playlist says.
#[derive(Clone, Copy, Debug)]
pub struct Playlist<'a> {
    /// The segments listed, oldest first, with media sequence numbers that follow one another.
    pub segments: &'a [Segment],
    /// The show's target duration in seconds: no segment listed, rounded, is longer (4.3.3.1).
    pub target_s: u32,
    /// The show is over: nothing will be added (4.3.3.4).
    pub ended: bool,
}

/// The playlist's text.
///
/// Version 3, as nothing in it asks for more than lengths with decimals (7). It names no PLAYLIST-TYPE, as segments
/// slide out (4.3.3.5), and does not claim EXT-X-INDEPENDENT-SEGMENTS: nginx-rtmp cuts between keyframes where
/// timestamps jump or a keyframe is late, and an encoder's keyframes may open a GOP that looks back. A playlist
/// without segments has neither sequence number.
pub fn render(playlist: &Playlist<'_>) -> String {
    // 130 bytes a segment, 120 of a header.
    let mut text = String::with_capacity(160 + playlist.segments.len() * 140);
    text.push_str("#EXTM3U\n#EXT-X-VERSION:3\n");
    line(&mut text, format_args!("#EXT-X-TARGETDURATION:{}", playlist.target_s));
    if let Some(first) = playlist.segments.first() {
        // A tag that is still listed has not been removed, so it is not counted yet (6.2.2).
        let left = first.discontinuity_seq.saturating_sub(u64::from(first.discontinuity));
        line(&mut text, format_args!("#EXT-X-MEDIA-SEQUENCE:{}", first.msn));
        line(&mut text, format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{left}"));
    }
    for segment in playlist.segments {
        push(&mut text, segment);
    }
    if playlist.ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

/// The calendar's view of a point in time, UTC; the farthest the calendar has where there is none.
pub(crate) fn utc(at_ms: i64) -> DateTime {
    let farthest = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(farthest);
    TimeZone::UTC.to_datetime(at)
}

fn push(text: &mut String, segment: &Segment) {
    if segment.discontinuity {
        text.push_str("#EXT-X-DISCONTINUITY\n");
    }
    let at = utc(segment.started_at_ms);
    line(
        text,
        format_args!(
            "#EXT-X-PROGRAM-DATE-TIME:{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        ),
    );
    let (whole, micros) = (segment.duration_us / 1_000_000, segment.duration_us % 1_000_000);
    match micros % 1000 {
        0 => line(text, format_args!("#EXTINF:{whole}.{:03},", micros / 1000)),
        _ => line(text, format_args!("#EXTINF:{whole}.{micros:06},")),
    }
    line(text, format_args!("segments/{}.ts", segment.name));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_playlist_tells_the_wall_clock_and_counts_what_has_left() {
        let segment = |msn, started_at_ms, duration_us, discontinuity, discontinuity_seq| Segment {
            msn,
            name: format!("s{msn}"),
            started_at_ms,
            duration_us,
            discontinuity,
            discontinuity_seq,
            target_s: 2,
        };
        let segments = [
            segment(7, 1_795_213_253_850, 2_000_000, false, 1),
            segment(8, 1_795_213_255_850, 1_999_967, true, 2),
        ];
        let expected = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n\
            #EXT-X-DISCONTINUITY-SEQUENCE:1\n\
            #EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:53.850Z\n#EXTINF:2.000,\nsegments/s7.ts\n\
            #EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-20T22:20:55.850Z\n#EXTINF:1.999967,\nsegments/s8.ts\n";
        assert_eq!(
            render(&Playlist {
                segments: &segments,
                target_s: 2,
                ended: false
            }),
            expected
        );
        let [_, tagged] = &segments;
        let tagged = std::slice::from_ref(tagged);
        let text = render(&Playlist {
            segments: tagged,
            target_s: 2,
            ended: true,
        });
        assert!(
            text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"),
            "a tag still listed is not counted: {text}"
        );
        assert!(text.ends_with("#EXT-X-ENDLIST\n"));
    }

    #[test]
    fn a_time_outside_the_calendar_does_not_stop_the_playlist() {
        assert_eq!(utc(i64::MAX).year(), 9999);
        assert_eq!(utc(i64::MIN).year(), -9999);
    }
}
