//! Reads just enough of an MPEG transport stream to tell its length and where its keyframes are.
//!
//! For a segment that no playlist describes (the tail of a publish that ended with the media server's death), and for
//! how far apart an encoder's keyframes are. Made for nginx-rtmp's files: one program, tables of one packet each.
//! The last packet may be cut short and packets may be damaged: what can be read counts. ISO/IEC 13818-1 has the
//! layout.

use thiserror::Error;

/// The length of every packet.
const PACKET: usize = 188;
/// Timestamps count 90,000 a second, in 33 bits.
const WRAP: i64 = 1 << 33;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
}

/// Reads a whole segment, once, from its first byte to its last whole packet.
pub fn span(bytes: &[u8]) -> Result<Span, Error> {
    let mut reader = Reader::default();
    let mut packets = 0_u64;
    for packet in bytes.chunks_exact(PACKET).filter_map(Packet::read) {
        packets += 1;
        reader.take(&packet);
    }
    match reader {
        _ if packets == 0 => Err(Error::NotTransportStream),
        Reader { pmt: None, .. }
        | Reader {
            video: None,
            audio: None,
            ..
        } => Err(Error::NoProgram),
        Reader { video, audio, .. } => {
            let (video, audio) = (video.unwrap_or_default(), audio.unwrap_or_default());
            summary(&video, &audio).ok_or(Error::NoFrame)
        }
    }
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

/// Ticks in microseconds; 0 for a length below it.
fn microseconds(ticks: i64) -> u64 {
    u64::try_from(ticks).unwrap_or_default().saturating_mul(100) / 9
}

/// One packet, taken apart.
struct Packet<'a> {
    pid: u16,
    /// A table or a frame begins here.
    starts: bool,
    /// The encoder says that decoding can begin here.
    random_access: bool,
    payload: &'a [u8],
}

impl<'a> Packet<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let [0x47, flags_and_pid_high, pid_low, control, rest @ ..] = bytes else {
            return None;
        };
        let (adaptation, payload) = match control >> 4 & 0b11 {
            0b01 => (&[][..], rest),
            0b10 => (&[][..], &[][..]),
            0b11 => {
                let (&length, rest) = rest.split_first()?;
                rest.split_at_checked(length.into())?
            }
            _ => return None,
        };
        Some(Self {
            pid: u16::from(flags_and_pid_high & 0x1f) << 8 | u16::from(*pid_low),
            starts: flags_and_pid_high & 0x40 != 0,
            random_access: adaptation.first().is_some_and(|flags| flags & 0x40 != 0),
            payload,
        })
    }
}

/// What is known after the packets so far.
#[derive(Default)]
struct Reader {
    pmt: Option<u16>,
    video: Option<Track>,
    audio: Option<Track>,
}

impl Reader {
    fn take(&mut self, packet: &Packet<'_>) {
        if !packet.starts {
            return;
        }
        if packet.pid == 0 {
            self.pmt = self
                .pmt
                .or_else(|| section(packet.payload, 0x00).and_then(first_program));
        } else if self.pmt == Some(packet.pid) {
            self.streams(packet.payload);
        } else if let Some(track) = [&mut self.video, &mut self.audio]
            .into_iter()
            .flatten()
            .find(|t| t.pid == packet.pid)
        {
            track.frame(packet);
        }
    }

    /// Takes the first video and the first audio stream from a program map.
    fn streams(&mut self, payload: &[u8]) {
        let Some([_, _, info_high, info_low, rest @ ..]) = section(payload, 0x02) else {
            return;
        };
        let mut rest = rest.get(length(*info_high, *info_low)..).unwrap_or_default();
        while let [kind, pid_high, pid_low, info_high, info_low, following @ ..] = rest {
            let pid = u16::from(pid_high & 0x1f) << 8 | u16::from(*pid_low);
            let slot = match kind {
                0x1b | 0x24 | 0x01 | 0x02 => &mut self.video,
                0x0f | 0x11 | 0x03 | 0x04 => &mut self.audio,
                _ => &mut None,
            };
            slot.get_or_insert_with(|| Track {
                pid,
                ..Track::default()
            });
            rest = following.get(length(*info_high, *info_low)..).unwrap_or_default();
        }
    }
}

/// The body of a table of the given id that begins in this payload: what lies between the section's header of eight
/// bytes and its checksum of four.
fn section(payload: &[u8], id: u8) -> Option<&[u8]> {
    let (&pointer, rest) = payload.split_first()?;
    let [table, high, low, rest @ ..] = rest.get(pointer.into()..)? else {
        return None;
    };
    let body = rest.get(5..length(*high, *low).checked_sub(4)?)?;
    (*table == id).then_some(body)
}

/// The twelve low bits of two bytes, as sections tell lengths.
fn length(high: u8, low: u8) -> usize {
    usize::from(high & 0x0f) << 8 | usize::from(low)
}

/// The packet id of the first program's map, out of a program association's body; program 0 is the network's.
fn first_program(body: &[u8]) -> Option<u16> {
    body.chunks_exact(4).find_map(|entry| match entry {
        [0, 0, ..] => None,
        [_, _, high, low] => Some(u16::from(high & 0x1f) << 8 | u16::from(*low)),
        _ => None,
    })
}

/// The frames of one elementary stream.
#[derive(Default)]
struct Track {
    pid: u16,
    frames: u32,
    latest: Option<i64>,
    /// The earliest and the latest timestamp.
    range: Option<(i64, i64)>,
    keyframes: Vec<i64>,
}

impl Track {
    fn frame(&mut self, packet: &Packet<'_>) {
        let Some(raw) = pts(packet.payload) else { return };
        let pts = self.latest.map_or(raw, |latest| latest + nearest(raw - latest));
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

/// The step, forwards or backwards, that a difference of 33-bit timestamps stands for: the shorter one.
fn nearest(difference: i64) -> i64 {
    let forward = difference.rem_euclid(WRAP);
    if forward < WRAP / 2 { forward } else { forward - WRAP }
}

/// The presentation timestamp of the frame whose header begins this payload.
fn pts(payload: &[u8]) -> Option<i64> {
    let [0, 0, 1, _stream, _, _, _, flags, _, a, b, c, d, e, ..] = payload else {
        return None;
    };
    let [a, b, c, d, e] = [*a, *b, *c, *d, *e].map(i64::from);
    (flags & 0x80 != 0).then_some((a >> 1 & 0x07) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_grow_across_the_wrap() {
        assert_eq!(nearest(3000 - (WRAP - 3000)), 6000);
        assert_eq!(nearest((WRAP - 3000) - 3000), -6000);
        assert_eq!(nearest(3000), 3000);
    }

    #[test]
    fn what_is_no_transport_stream_is_an_error() {
        for nothing in [&b""[..], b"#EXTM3U\n", &[0x47; 187], &[0; 1880]] {
            assert_eq!(span(nothing), Err(Error::NotTransportStream));
        }
        let mut null = [0xff; PACKET];
        null[..4].copy_from_slice(&[0x47, 0x1f, 0xff, 0x10]);
        assert_eq!(span(&null), Err(Error::NoProgram));
    }
}
