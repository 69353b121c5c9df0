//! Segments on their way to a timeline, and back out of the index.

use sluice_hls::{nginx_playlist::Spooled, timeline::Segment};

/// A segment with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// As it is listed.
    pub segment: Segment,
    /// It is the first of a show.
    pub starts_show: bool,
}

/// A segment as the index has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The segment and its place.
    pub placed: Placed,
    /// Its size.
    pub bytes: u64,
}

/// A segment that a publish session brings.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The publish session's id.
    pub session: &'a str,
    /// What the media server says of it.
    pub spooled: &'a Spooled,
    /// Its size.
    pub bytes: u64,
}

/// A segment that a publish session is writing.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The publish session's id.
    pub session: &'a str,
    /// When the media server opened its file, in milliseconds since the epoch.
    pub opened_at_ms: i64,
    /// Timestamps do not continue those of the segment before.
    pub discontinuity: bool,
}

impl<'a> Incoming<'a> {
    /// The same segment, as it was before it was closed.
    pub const fn opening(&self) -> Opening<'a> {
        Opening {
            session: self.session,
            opened_at_ms: self.spooled.opened_at_ms,
            discontinuity: self.spooled.discontinuity,
        }
    }
}
