//! Reads just enough of an MPEG transport stream to tell its length and where its keyframes are.
//!
//! For a segment that no playlist describes (the tail of a publish that ended with the media server's death), and for
//! how far apart an encoder's keyframes are. Made for nginx-rtmp's files: one program, tables of one packet each.
//! The last packet may be cut short and packets may be damaged: what can be read counts. ISO/IEC 13818-1 has the
//! layout.

mod lead;
pub(crate) mod packet;
pub(crate) mod pes;
pub(crate) mod tables;

use std::io::{self, Read};

use thiserror::Error;

pub use lead::{NULL_PACKET, lead};

use packet::Packet;
use pes::{Header, microseconds, unwrapped};
use tables::{Kind, Program};

/// How much of a segment is in memory at a time: 64 KB in whole packets.
const PIECE: usize = 348 * packet::BYTES;

/// What a segment holds. Timestamps are in ticks of 1/90,000 s, made to grow across the 33-bit wrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The earliest presentation time: of the video if there is any, of the audio else.
    pub first_pts: i64,
    /// The latest presentation time of the same.
    pub last_pts: i64,
    /// From the first frame to the end of the last, in microseconds; the last frame is taken to be as long as the
    /// others on average, and a lone frame as 0.
    pub duration_us: u64,
    /// Video frames, or packets of audio where there is no video.
    pub frames: u32,
    /// Where video keyframes are, in microseconds from the first frame, as they come.
    pub keyframes_us: Vec<u64>,
    /// There are video frames.
    pub video: bool,
    /// There are audio frames.
    pub audio: bool,
}

impl Span {
    /// The longest way from one keyframe to the next, in microseconds. As segments are cut at keyframes, the
    /// segment's end counts as one. Nothing without keyframes.
    pub fn keyframe_interval_us(&self) -> Option<u64> {
        let next = self.keyframes_us.iter().skip(1).chain([&self.duration_us]);
        self.keyframes_us
            .iter()
            .zip(next)
            .map(|(here, next)| next.saturating_sub(*here))
            .max()
    }
}

/// Why nothing can be told of a file.
#[derive(Debug, Error)]
pub enum Error {
    /// Not one packet with the sync byte.
    #[error("not an MPEG transport stream")]
    NotTransportStream,
    /// No program map, so nothing says which packets are video.
    #[error("the transport stream names no program")]
    NoProgram,
    /// A program, but no frame of it with a timestamp.
    #[error("the transport stream has no frame")]
    NoFrame,
    /// The source gives an error before its end.
    #[error("the transport stream cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Reads a whole segment, once, from its first byte to its last whole packet, a little at a time.
pub fn span(mut segment: impl Read) -> Result<Span, Error> {
    let mut reader = Reader::default();
    let mut piece = Vec::with_capacity(PIECE);
    let mut is_whole = true;
    while is_whole {
        is_whole = read_on(&mut segment, &mut piece)?;
        let packets = piece.chunks_exact(packet::BYTES);
        packets.filter_map(Packet::read).for_each(|packet| reader.take(&packet));
    }
    if reader.packets == 0 {
        return Err(Error::NotTransportStream);
    }
    if !reader.program.is_known() {
        return Err(Error::NoProgram);
    }
    summary(&reader.video, &reader.audio).ok_or(Error::NoFrame)
}

/// The next piece of a segment; false where it is the last. What comes behind that belongs to nothing.
fn read_on(segment: impl Read, piece: &mut Vec<u8>) -> io::Result<bool> {
    piece.clear();
    Ok(segment.take(PIECE as u64).read_to_end(piece)? == PIECE)
}

fn summary(video: &Track, audio: &Track) -> Option<Span> {
    let leading = if video.frames > 0 { video } else { audio };
    let (first_pts, last_pts) = leading.range?;
    Some(Span {
        first_pts,
        last_pts,
        duration_us: microseconds(last_pts - first_pts + leading.mean_gap()),
        frames: leading.frames,
        keyframes_us: video
            .keyframes
            .iter()
            .map(|pts| microseconds(pts - first_pts))
            .collect(),
        video: video.frames > 0,
        audio: audio.frames > 0,
    })
}

/// What is known after the packets so far.
#[derive(Default)]
struct Reader {
    packets: u64,
    program: Program,
    video: Track,
    audio: Track,
}

impl Reader {
    fn take(&mut self, packet: &Packet<'_>) {
        self.packets += 1;
        self.program.take(packet);
        match self.program.kind(packet.pid) {
            Some(Kind::Video) => self.video.take(packet),
            Some(Kind::Audio) => self.audio.take(packet),
            None => (),
        }
    }
}

/// The frames of one elementary stream.
#[derive(Default)]
struct Track {
    frames: u32,
    latest: Option<i64>,
    /// The earliest and the latest timestamp.
    range: Option<(i64, i64)>,
    keyframes: Vec<i64>,
}

impl Track {
    fn take(&mut self, packet: &Packet<'_>) {
        let header = Header::read(packet.payload).filter(|_| packet.starts);
        let Some(raw) = header.and_then(|header| header.pts) else {
            return;
        };
        let pts = self.latest.map_or(raw, |latest| unwrapped(raw, latest));
        let (first, last) = self.range.unwrap_or((pts, pts));
        self.latest = Some(pts);
        self.range = Some((first.min(pts), last.max(pts)));
        self.frames = self.frames.saturating_add(1);
        if packet.random_access {
            self.keyframes.push(pts);
        }
    }

    /// How far the frames lie apart on average, in ticks; 0 for a lone one.
    fn mean_gap(&self) -> i64 {
        match (self.range, i64::from(self.frames) - 1) {
            (Some((first, last)), gaps @ 1..) => (last - first) / gaps,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_transport_stream_is_an_error() {
        for nothing in [&b""[..], b"#EXTM3U\n", &[0x47; 187], &[0; 1880]] {
            assert!(matches!(span(nothing), Err(Error::NotTransportStream)));
        }
        let mut null = [0xff; packet::BYTES];
        null[..4].copy_from_slice(&[0x47, 0x1f, 0xff, 0x10]);
        assert!(matches!(span(&null[..]), Err(Error::NoProgram)));
    }

    #[test]
    fn what_cannot_be_read_is_told_from_what_says_nothing() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(5))
            }
        }
        let error = span((&[0x47; 400][..]).chain(Broken)).unwrap_err();
        assert!(error.to_string().contains("os error 5"), "{error}");
    }
}
