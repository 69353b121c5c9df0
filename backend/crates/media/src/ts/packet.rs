//! One packet, taken apart (ISO/IEC 13818-1, 2.4.3).

/// The length of every packet, in bytes.
pub(crate) const BYTES: usize = 188;

/// What a packet says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// The stream it belongs to.
    pub(crate) pid: u16,
    /// A table or a PES packet begins here.
    pub(crate) starts: bool,
    /// Counts the stream's packets that carry something, modulo 16.
    pub(crate) counter: u8,
    /// What it carries.
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads [`BYTES`] bytes; nothing if they do not begin as a packet does, or the packet says itself that it is
    /// damaged.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let [0x47, high, low, control, rest @ ..] = bytes else {
            return None;
        };
        let payload = match control >> 4 & 0b11 {
            0b01 => rest,
            0b10 => &[],
            0b11 => {
                let (&adaptation, rest) = rest.split_first()?;
                rest.get(adaptation.into()..)?
            }
            _ => return None,
        };
        (high & 0x80 == 0).then_some(Self {
            pid: u16::from(high & 0x1f) << 8 | u16::from(*low),
            starts: high & 0x40 != 0,
            counter: control & 0x0f,
            payload,
        })
    }
}
