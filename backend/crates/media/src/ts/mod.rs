//! Takes a closed MPEG-TS segment apart into its elementary streams (ISO/IEC 13818-1).
//!
//! Made for what nginx-rtmp writes: one program with H.264 and AAC, tables of one packet each, one frame of video in a
//! PES packet and several frames of audio in one. A last packet that was cut short is left out; anything else that is
//! missing or out of place is [`Damage`], for a clip made of it would jump.

mod packet;
pub(crate) mod pes;
mod program;

use std::ops::Range;

use thiserror::Error;

use packet::BYTES;

pub(crate) use packet::{BYTES as PACKET, Packet};
pub(crate) use pes::unwrapped;
pub(crate) use program::{Kind, Program};

/// Ticks of every timestamp in a second.
pub(crate) const TICKS: i64 = 90_000;

/// What a segment carries.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    /// H.264 access units in decoding order, as an Annex B byte stream.
    pub(crate) video: Stream,
    /// AAC in ADTS frames.
    pub(crate) audio: Stream,
}

/// An elementary stream: its bytes, and the PES packets they came in.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The payloads, one after the other.
    pub(crate) bytes: Vec<u8>,
    /// In the order of their bytes.
    pub(crate) units: Vec<Unit>,
}

/// What one PES packet carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// When it is presented, in ticks modulo 2^33.
    pub(crate) pts: i64,
    /// When it is decoded, in ticks modulo 2^33.
    pub(crate) dts: i64,
    /// Its bytes in the stream.
    pub(crate) bytes: Range<usize>,
}

/// Why a segment is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Damage {
    #[error("it is no MPEG transport stream")]
    NotTransportStream,
    #[error("packet {0} is not one")]
    Packet(usize),
    #[error("packets are missing before packet {0}")]
    Gap(usize),
    #[error("it has no H.264 and no AAC")]
    NoStreams,
    #[error("a frame has no time")]
    NoTime,
}

impl Segment {
    /// Takes a whole segment apart.
    pub(crate) fn read(file: &[u8]) -> Result<Self, Damage> {
        let mut program = Program::default();
        let mut video = Assembly::with_capacity(file.len());
        let mut audio = Assembly::with_capacity(0);
        for (number, bytes) in file.chunks_exact(BYTES).enumerate() {
            let packet = Packet::read(bytes).ok_or(match number {
                0 => Damage::NotTransportStream,
                _ => Damage::Packet(number),
            })?;
            program.take(&packet);
            match program.kind(packet.pid) {
                Some(Kind::Video) => video.take(&packet, number)?,
                Some(Kind::Audio) => audio.take(&packet, number)?,
                None => (),
            }
        }
        let segment = Self {
            video: video.end(),
            audio: audio.end(),
        };
        match segment.video.units.is_empty() && segment.audio.units.is_empty() {
            true => Err(Damage::NoStreams),
            false => Ok(segment),
        }
    }

    /// How much memory it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.video.bytes.capacity() + self.audio.bytes.capacity()
    }
}

impl Stream {
    /// The bytes of a unit, or of a part of one; none where there are not so many.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// A stream that is put together.
struct Assembly {
    stream: Stream,
    counter: Option<u8>,
}

impl Assembly {
    fn with_capacity(bytes: usize) -> Self {
        let stream = Stream {
            bytes: Vec::with_capacity(bytes),
            ..Stream::default()
        };
        Self { stream, counter: None }
    }

    fn take(&mut self, packet: &Packet<'_>, number: usize) -> Result<(), Damage> {
        if packet.payload.is_empty() {
            return Ok(());
        }
        let expected = self.counter.map(|last| (last + 1) & 0x0f);
        if expected.is_some_and(|expected| expected != packet.counter) {
            return Err(Damage::Gap(number));
        }
        self.counter = Some(packet.counter);
        let Stream { bytes, units } = &mut self.stream;
        let mut payload = packet.payload;
        if packet.starts {
            let header = pes::Header::read(payload).ok_or(Damage::NoTime)?;
            payload = payload.get(header.bytes..).unwrap_or_default();
            units.push(Unit {
                pts: header.pts,
                dts: header.dts,
                bytes: bytes.len()..bytes.len(),
            });
        }
        if let Some(unit) = units.last_mut() {
            bytes.extend_from_slice(payload);
            unit.bytes.end = bytes.len();
        }
        Ok(())
    }

    fn end(self) -> Stream {
        self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_transport_stream_is_damaged() {
        for (nothing, why) in [
            (&b""[..], Damage::NoStreams),
            (b"#EXTM3U\n", Damage::NoStreams),
            (&[0; 1880], Damage::NotTransportStream),
        ] {
            assert_eq!(Segment::read(nothing).unwrap_err(), why);
        }
    }
}
