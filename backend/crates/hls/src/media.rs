//! Writes the media playlist of a channel: its segments, oldest first, with the wall clock on each, and at the live
//! edge the parts of which the newest are made.
//!
//! What is said of parts, of delta updates and of blocking follows draft-pantos-hls-rfc8216bis-22; its sections are
//! marked `bis`.

use crate::lines::{Moment, push_length, push_number, push_seconds, push_start};
use crate::timeline::Segment;

/// How every playlist begins. Version 3, as nothing in it asks for more than lengths with decimals (7).
pub(crate) const HEAD: &str = "#EXTM3U\n#EXT-X-VERSION:3\n";
/// How a delta update begins: EXT-X-SKIP asks for version 9 (bis 8).
pub(crate) const DELTA_HEAD: &str = "#EXTM3U\n#EXT-X-VERSION:9\n";
/// The Skip Boundary in target durations: the least that is allowed (bis 4.4.3.8), for a short window.
pub(crate) const SKIP_BOUNDARY: u64 = 6;
/// How far from the edge a low-latency player stays, in part target durations (bis 4.4.3.8).
const PART_HOLD_BACK: u64 = 3;

/// What a media playlist says.
#[derive(Clone, Copy, Debug)]
pub struct Playlist<'a> {
    /// The segments listed, oldest first, with media sequence numbers that follow one another.
    pub segments: &'a [Segment],
    /// The show's target duration in seconds: no segment listed, rounded, is longer (4.3.3.1).
    pub target_s: u32,
    /// The show is over: nothing will be added (4.3.3.4).
    pub ended: bool,
    /// The live edge: with it players may wait for what comes next and ask for delta updates. Not looked at once the
    /// show is over.
    pub edge: Option<Edge<'a>>,
}

/// The newest media of a show, as low-latency players fetch it; empty where no parts are known.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'a> {
    /// The part target duration in microseconds: no part listed is longer.
    pub part_target_us: u64,
    /// The parts of the newest segments, oldest first. The last may be those of the segment being written; those of
    /// segments that are not listed are left out.
    pub parts: &'a [SegmentParts],
    /// The segment being written.
    pub open: Option<Open>,
    /// The name of the part that comes next.
    pub hint: Option<&'a str>,
}

/// The parts of a segment, from its first on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentParts {
    /// The segment's media sequence number.
    pub msn: u64,
    /// Its parts, in their order.
    pub parts: Vec<ListedPart>,
}

/// A part that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// Its name without directory and `.ts`: letters, digits and `-`.
    pub name: String,
    /// Its length in microseconds.
    pub duration_us: u64,
    /// It begins with a picture that needs no other (bis 4.4.4.9).
    pub independent: bool,
}

/// What is known of a segment while it is written. It keeps all of this when it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// The media sequence number: one more than the newest closed segment's.
    pub msn: u64,
    /// Wall clock of its first frame, in milliseconds since the epoch.
    pub started_at_ms: i64,
    /// Timestamps do not continue those of the segment before.
    pub discontinuity: bool,
    /// How many discontinuities the channel has had, this segment's own included.
    pub discontinuity_seq: u64,
}

/// A playlist's text, and what a delta update leaves out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The whole playlist.
    pub full: String,
    /// The segments beyond the Skip Boundary, if there are any and players may skip them.
    pub skip: Option<Skip>,
}

/// The lines of a playlist that a delta update leaves out (bis 6.2.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    segments: usize,
    begin: usize,
    end: usize,
}

impl Skip {
    /// The delta update of `full`, the text that this was rendered with.
    pub fn delta(&self, full: &str) -> String {
        let before = full.get(HEAD.len()..self.begin).unwrap_or_default();
        let after = full.get(self.end..).unwrap_or_default();
        let skipped = self.segments;
        format!("{DELTA_HEAD}{before}#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n{after}")
    }
}

/// The playlist's text.
///
/// It names no PLAYLIST-TYPE, as segments slide out (4.3.3.5), and does not claim EXT-X-INDEPENDENT-SEGMENTS:
/// nginx-rtmp cuts between keyframes where timestamps jump or a keyframe is late, and an encoder's keyframes may open a
/// GOP that looks back. A playlist without segments has neither sequence number.
pub fn render(playlist: &Playlist<'_>) -> Text {
    let edge = playlist.edge.as_ref().filter(|_| !playlist.ended);
    let listed: usize = edge.map_or(0, |edge| edge.parts.iter().map(|of| of.parts.len()).sum());
    // 130 bytes a segment, 90 a part, 300 of a header.
    let mut text = String::with_capacity(400 + playlist.segments.len() * 140 + listed * 100);
    text.push_str(HEAD);
    push_header(&mut text, playlist, edge);
    let (skipped, kept) = playlist.segments.split_at(beyond_boundary(playlist));
    let begin = text.len();
    for segment in skipped {
        push_segment(&mut text, segment, parts_of(edge, segment.msn));
    }
    let end = text.len();
    for segment in kept {
        push_segment(&mut text, segment, parts_of(edge, segment.msn));
    }
    if let Some(edge) = edge {
        push_edge(&mut text, edge);
    }
    if playlist.ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    let segments = skipped.len();
    Text {
        full: text,
        skip: (segments > 0).then_some(Skip { segments, begin, end }),
    }
}

/// How many of the oldest segments lie wholly farther than the Skip Boundary from the end of the newest (bis 6.2.5.1).
fn beyond_boundary(playlist: &Playlist<'_>) -> usize {
    if playlist.ended || playlist.edge.is_none() {
        return 0;
    }
    let boundary_us = u64::from(playlist.target_s) * SKIP_BOUNDARY * 1_000_000;
    let newest_first = playlist.segments.iter().rev().map(|segment| segment.duration_us);
    playlist.segments.len() - within(boundary_us, newest_first)
}

/// How many of the newest segments lie, be it in part, no farther than `boundary_us` from the end of the newest.
pub(crate) fn within(boundary_us: u64, newest_first: impl Iterator<Item = u64>) -> usize {
    let mut later_us = 0_u64;
    let is_within = |duration_us: &u64| {
        let is_within = later_us < boundary_us;
        later_us = later_us.saturating_add(*duration_us);
        is_within
    };
    newest_first.take_while(is_within).count()
}

fn push_header(text: &mut String, playlist: &Playlist<'_>, edge: Option<&Edge<'_>>) {
    push_number(text, "#EXT-X-TARGETDURATION:", playlist.target_s.into());
    if let Some(edge) = edge {
        push_control(text, playlist.target_s, edge);
    }
    let first = playlist.segments.first();
    let first = first.map(|segment| (segment.msn, segment.discontinuity_seq, segment.discontinuity));
    let open = edge.and_then(|edge| edge.open);
    let open = open.map(|open| (open.msn, open.discontinuity_seq, open.discontinuity));
    if let Some((msn, discontinuity_seq, discontinuity)) = first.or(open) {
        // A tag that is still listed has not been removed, so it is not counted yet (6.2.2).
        let left = discontinuity_seq.saturating_sub(u64::from(discontinuity));
        push_number(text, "#EXT-X-MEDIA-SEQUENCE:", msn);
        push_number(text, "#EXT-X-DISCONTINUITY-SEQUENCE:", left);
    }
}

/// What players may ask for, and how near the edge they may come (bis 4.4.3.7, 4.4.3.8).
fn push_control(text: &mut String, target_s: u32, edge: &Edge<'_>) {
    text.push_str("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES");
    let has_parts = edge.hint.is_some() || edge.parts.iter().any(|of| !of.parts.is_empty());
    if has_parts {
        text.push_str(",PART-HOLD-BACK=");
        push_seconds(text, edge.part_target_us.saturating_mul(PART_HOLD_BACK));
    }
    text.push_str(",CAN-SKIP-UNTIL=");
    push_seconds(text, u64::from(target_s) * SKIP_BOUNDARY * 1_000_000);
    text.push('\n');
    if has_parts {
        text.push_str("#EXT-X-PART-INF:PART-TARGET=");
        push_seconds(text, edge.part_target_us);
        text.push('\n');
    }
}

/// The parts of a segment; none where they are not known.
fn parts_of<'a>(edge: Option<&Edge<'a>>, msn: u64) -> &'a [ListedPart] {
    let of = edge.and_then(|edge| edge.parts.iter().find(|of| of.msn == msn));
    of.map_or(&[], |of| &of.parts)
}

fn push_segment(text: &mut String, segment: &Segment, parts: &[ListedPart]) {
    // What applies to a segment stands before its first part (bis 4.4.4.9).
    push_start(text, Moment::of(segment.started_at_ms), segment.discontinuity);
    parts.iter().for_each(|part| push_part(text, part));
    push_length(text, segment.duration_us);
    text.push_str("\nsegments/");
    text.push_str(&segment.name);
    text.push_str(".ts\n");
}

/// What is there of the segment being written, and what comes next. Its own tags wait for its first part: a tag with
/// nothing to apply to means something else to each player.
fn push_edge(text: &mut String, edge: &Edge<'_>) {
    if let Some(open) = &edge.open {
        let parts = parts_of(Some(edge), open.msn);
        if !parts.is_empty() {
            push_start(text, Moment::of(open.started_at_ms), open.discontinuity);
        }
        parts.iter().for_each(|part| push_part(text, part));
    }
    if let Some(hint) = edge.hint {
        text.push_str("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"parts/");
        text.push_str(hint);
        text.push_str(".ts\"\n");
    }
}

fn push_part(text: &mut String, part: &ListedPart) {
    text.push_str("#EXT-X-PART:DURATION=");
    push_seconds(text, part.duration_us);
    text.push_str(",URI=\"parts/");
    text.push_str(&part.name);
    text.push_str(if part.independent {
        ".ts\",INDEPENDENT=YES\n"
    } else {
        ".ts\"\n"
    });
}
