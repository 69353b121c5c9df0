//! The first keyframe of a segment, alone: all that is read of a segment to show it by a picture.

use std::ops::ControlFlow;

use crate::h264::{self, Kind as Nal};
use crate::ts::{Kind, PACKET, Packet, Program, pes, unwrapped};

/// No keyframe is larger: what looks like one is something else.
const LONGEST: usize = 16 << 20;

/// A picture that can be decoded without any other.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyframe {
    /// Parameter sets and slices, as an H.264 byte stream.
    pub(crate) annex_b: Vec<u8>,
    /// How long after the segment's first picture it is shown, in microseconds.
    pub offset_us: i64,
}

impl std::fmt::Debug for Keyframe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyframe({} bytes, {} us)", self.annex_b.len(), self.offset_us)
    }
}

/// Looks for it in a segment that comes piece by piece. What is damaged is passed over; there may be another one behind.
#[derive(Debug, Default)]
pub struct Search {
    program: Program,
    /// What is left of the last piece: not a whole packet.
    rest: Vec<u8>,
    unit: Option<Unit>,
    counter: Option<u8>,
    first_pts: Option<i64>,
}

#[derive(Debug)]
struct Unit {
    pts: i64,
    bytes: Vec<u8>,
}

impl Search {
    /// Goes on with the segment's next bytes; breaks off with the keyframe once it is whole.
    pub fn push(&mut self, bytes: &[u8]) -> ControlFlow<Keyframe> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let mut packets = all.chunks_exact(PACKET);
        for packet in packets.by_ref() {
            if let Some(found) = self.packet(packet) {
                return ControlFlow::Break(found);
            }
        }
        self.rest = packets.remainder().to_vec();
        ControlFlow::Continue(())
    }

    /// The segment is over: its last picture may be the one.
    pub fn end(mut self) -> Option<Keyframe> {
        self.unit.take().and_then(|unit| self.keyframe(unit))
    }

    fn packet(&mut self, bytes: &[u8]) -> Option<Keyframe> {
        let Some(packet) = Packet::read(bytes) else {
            self.unit = None;
            return None;
        };
        self.program.take(&packet);
        if self.program.kind(packet.pid) != Some(Kind::Video) || packet.payload.is_empty() {
            return None;
        }
        let is_next = self.counter.is_none_or(|last| (last + 1) & 0x0f == packet.counter);
        self.counter = Some(packet.counter);
        if !is_next {
            self.unit = None;
        }
        if !packet.starts {
            if let Some(unit) = self.unit.as_mut() {
                unit.bytes.extend_from_slice(packet.payload);
            }
            self.unit.take_if(|unit| unit.bytes.len() > LONGEST);
            return None;
        }
        let header = pes::Header::read(packet.payload);
        let unit = header.map(|header| Unit {
            pts: header.pts,
            bytes: packet.payload.get(header.bytes..).unwrap_or_default().to_vec(),
        });
        let whole = std::mem::replace(&mut self.unit, unit);
        whole.and_then(|unit| self.keyframe(unit))
    }

    /// The unit, if it is one.
    fn keyframe(&mut self, unit: Unit) -> Option<Keyframe> {
        let first = *self.first_pts.get_or_insert(unit.pts);
        let offset_us = (unwrapped(unit.pts, first) - first).max(0) * 100 / 9;
        let annex_b = unit.bytes;
        can_begin(&annex_b).then_some(Keyframe { annex_b, offset_us })
    }
}

/// Decoding can begin here: parameters come along, as encoders send them with keyframes only.
fn can_begin(annex_b: &[u8]) -> bool {
    let mut kinds = h264::nals(annex_b).map(Nal::of);
    kinds.any(|kind| kind == Nal::Sps)
        && kinds.any(|kind| kind == Nal::Pps)
        && kinds.any(|kind| matches!(kind, Nal::Idr | Nal::Slice))
}
