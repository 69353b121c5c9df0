//! Playlists of what was recorded: everything that a channel can be rewound to, and closed stretches of it.
//!
//! Here is what they are made of, one segment after the other; what is there to be listed, [`crate::dvr`] knows, or
//! whoever else has the segments. Sections are those of draft-pantos-hls-rfc8216bis-22.

use crate::lines::{Moment, push_length, push_number, push_seconds, push_start};
use crate::media::{DELTA_HEAD, HEAD, SKIP_BOUNDARY};

/// The least Skip Boundary of a long playlist: there are players that ask for delta updates without a look at how old
/// their copy is, and a viewer who pauses for a minute or two is not to be sent megabytes.
const SKIP_BOUNDARY_US: u64 = 300_000_000;

/// A segment that was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The media sequence number.
    pub msn: u64,
    /// Wall clock of its first frame, in milliseconds since the epoch.
    pub started_at_ms: i64,
    /// The media's length in microseconds.
    pub duration_us: u64,
    /// Timestamps do not continue those of the segment before.
    pub discontinuity: bool,
    /// How many discontinuities the channel has had, this segment's own included.
    pub discontinuity_seq: u64,
    /// Where its bytes are.
    pub place: Place,
}

/// Where the bytes of a segment are, as far as a playlist tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where the site serves them.
    #[default]
    Here,
    /// In the object store, whose address may be listed.
    Stored,
    /// Nowhere: players are told not to ask (4.4.4.7).
    Lost,
}

/// What a playlist of recorded segments is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All there is of a channel that is on air: segments come and go, players may wait for the next and be sent what
    /// they have not got yet.
    Window,
    /// The same of a channel that is off air: who comes later is sent another one. It ends although more may come, which
    /// 6.2.1 does not foresee: players would otherwise ask every few seconds for what comes tomorrow.
    Quiet,
    /// A stretch that never changes.
    Closed,
}

/// What stands in front of the segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// What the playlist is.
    pub kind: Kind,
    /// The target duration in seconds: no segment listed, rounded, is longer.
    pub target_s: u32,
    /// The first segment's media sequence number.
    pub msn: u64,
    /// How many discontinuities there were before the first segment's own.
    pub discontinuity_seq: u64,
}

/// How segments are written. The same for all that is written from one index.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// Where the site serves segments, from the playlist's own address on; with a `/` at its end.
    pub directory: &'a str,
    /// The wall clock is told in the title of EXTINF as well, for players that read it there.
    pub wall_clock: bool,
    /// The address of a stored segment, by its name, where another one than the site's is listed.
    pub links: Option<Links<'a>>,
}

impl Default for Style<'_> {
    /// For playlists that lie beside the directory of segments.
    fn default() -> Self {
        Self {
            directory: "segments/",
            wall_clock: false,
            links: None,
        }
    }
}

/// Knows addresses by names.
pub type Links<'a> = &'a (dyn Fn(&str) -> Option<String> + Send + Sync);

/// How far from its end a window's delta updates begin to skip (4.4.3.8), in microseconds.
pub fn skip_boundary_us(target_s: u32) -> u64 {
    SKIP_BOUNDARY_US.max(u64::from(target_s) * SKIP_BOUNDARY * 1_000_000)
}

/// What a segment takes, as a rule.
pub(crate) const BYTES: usize = 140;

/// Writes a segment.
pub fn push(text: &mut String, segment: &Recorded, style: Style<'_>) {
    let at = Moment::of(segment.started_at_ms);
    push_start(text, at, segment.discontinuity);
    if segment.place == Place::Lost {
        text.push_str("#EXT-X-GAP\n");
    }
    push_length(text, segment.duration_us);
    if style.wall_clock {
        at.push_date_time(text);
    }
    text.push('\n');
    match segment.link(style) {
        Some(link) => text.push_str(&link),
        None => {
            text.push_str(style.directory);
            at.push_name(text, segment.msn);
            text.push_str(".ts");
        }
    }
    text.push('\n');
}

impl Recorded {
    /// How many discontinuities there were before its own: one that is listed has not left yet (6.2.2).
    pub(crate) fn left(&self) -> u64 {
        self.discontinuity_seq.saturating_sub(u64::from(self.discontinuity))
    }

    fn link(&self, style: Style<'_>) -> Option<String> {
        let links = style.links.filter(|_| self.place == Place::Stored)?;
        links(&crate::timeline::name(self.started_at_ms, self.msn))
    }
}

impl Head {
    /// Its text.
    pub fn text(&self) -> String {
        let mut text = String::from(HEAD);
        self.push(&mut text);
        text
    }

    /// The same for a delta update that leaves out so many of the oldest segments (4.4.5.2).
    pub fn delta(&self, skipped: u64) -> String {
        let mut text = String::from(DELTA_HEAD);
        self.push(&mut text);
        push_number(&mut text, "#EXT-X-SKIP:SKIPPED-SEGMENTS=", skipped);
        text
    }

    /// What stands behind the segments.
    pub const fn foot(&self) -> &'static str {
        match self.kind {
            Kind::Window => "",
            Kind::Quiet | Kind::Closed => "#EXT-X-ENDLIST\n",
        }
    }

    fn push(&self, text: &mut String) {
        push_number(text, "#EXT-X-TARGETDURATION:", self.target_s.into());
        match self.kind {
            Kind::Window => {
                text.push_str("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=");
                push_seconds(text, skip_boundary_us(self.target_s));
                text.push('\n');
            }
            // It names no type: who is sent it later finds that segments have left (4.4.3.5).
            Kind::Quiet => {}
            Kind::Closed => text.push_str("#EXT-X-PLAYLIST-TYPE:VOD\n"),
        }
        push_number(text, "#EXT-X-MEDIA-SEQUENCE:", self.msn);
        push_number(text, "#EXT-X-DISCONTINUITY-SEQUENCE:", self.discontinuity_seq);
    }
}
