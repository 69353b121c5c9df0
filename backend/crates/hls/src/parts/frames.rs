//! Where frames begin and end in the packets that come by.

use crate::ts::packet::Packet;
use crate::ts::pes::Header;
use crate::ts::tables::{Kind, Program, Table};

/// The video and the audio frame that are being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Frames {
    program: Program,
    video: Missing,
    audio: Missing,
}

/// How much of a frame has not come yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Missing {
    /// Nothing, or no frame has begun.
    #[default]
    Nothing,
    /// So many bytes.
    Bytes(usize),
    /// Nobody knows: its header has no length. It ends with a packet that is filled up, or where the next one begins.
    Unknown,
}

/// A frame that begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) kind: Kind,
    /// Decoding time in ticks of 1/90,000 s modulo 2^33; presentation time where there is no other.
    pub(super) dts: Option<i64>,
    /// Decoding can begin here.
    pub(super) key: bool,
    /// The frame before it is whole, so its packet is a place to cut at.
    pub(super) at_boundary: bool,
}

/// What a packet does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) table: Option<Table>,
    pub(super) start: Option<Start>,
    /// A frame ends with this packet, and no other is unfinished: one can cut behind it.
    pub(super) end: Option<Kind>,
}

impl Frames {
    /// Takes the next packet.
    pub(super) fn take(&mut self, packet: &Packet<'_>) -> Seen {
        let table = self.program.take(packet);
        let Some(kind) = self.program.kind(packet.pid).filter(|_| table.is_none()) else {
            return Seen {
                table,
                ..Seen::default()
            };
        };
        let start = Header::read(packet.payload)
            .filter(|_| packet.starts)
            .map(|header| self.start(kind, header, packet.random_access));
        let end = self.missing(kind).goes_on(packet, start.is_some()) && self.all_whole();
        Seen {
            table,
            start,
            end: end.then_some(kind),
        }
    }

    /// No frame is unfinished.
    pub(super) fn all_whole(&self) -> bool {
        (self.video, self.audio) == (Missing::Nothing, Missing::Nothing)
    }

    fn start(&mut self, kind: Kind, header: Header, key: bool) -> Start {
        *self.missing(kind) = Missing::Nothing;
        let at_boundary = self.all_whole();
        *self.missing(kind) = header.bytes.map_or(Missing::Unknown, Missing::Bytes);
        Start {
            kind,
            dts: header.dts,
            key,
            at_boundary,
        }
    }

    fn missing(&mut self, kind: Kind) -> &mut Missing {
        match kind {
            Kind::Video => &mut self.video,
            Kind::Audio => &mut self.audio,
        }
    }
}

impl Missing {
    /// The frame goes on in this packet, its `first` or a later one; tells whether it ends with it.
    fn goes_on(&mut self, packet: &Packet<'_>, first: bool) -> bool {
        let after = match *self {
            Self::Nothing => return false,
            Self::Bytes(bytes) if bytes > packet.payload.len() => Self::Bytes(bytes - packet.payload.len()),
            Self::Unknown if first || !packet.stuffed => Self::Unknown,
            Self::Bytes(_) | Self::Unknown => Self::Nothing,
        };
        *self = after;
        after == Self::Nothing
    }
}
