//! Takes the sound away that runs ahead of the picture in a session's first segment.
//!
//! A player would show nothing for as long as the sound is ahead, and the segment's length does not count it. The
//! packets stay where they are and become packets that readers skip, so that no offset changes.

use std::{fs::File, io, os::unix::fs::FileExt};

use sluice_hls::ts::{self, NULL_PACKET};

use super::segment::head;

/// Encoders send sound a fifth of a second ahead of its picture at most; players begin with as much without a hitch.
const AHEAD_MOST_US: u64 = 200_000;
/// Blanks that sound in a segment of which the first picture has begun; the file is open for reading and writing.
pub(super) fn blank(file: &File) -> io::Result<()> {
    let head = head(file)?;
    let Some(ahead) = ts::lead(&head, AHEAD_MOST_US) else {
        return Ok(());
    };
    let nothing = NULL_PACKET.repeat(ahead.len() / NULL_PACKET.len());
    file.write_all_at(&nothing, ahead.start as u64)
}
