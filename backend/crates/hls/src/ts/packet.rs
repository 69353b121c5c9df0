//! One packet, taken apart (ISO/IEC 13818-1, 2.4.3).

/// The length of every packet, in bytes.
pub(crate) const BYTES: usize = 188;

/// What a packet says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// The stream it belongs to.
    pub(crate) pid: u16,
    /// A table or a frame begins here.
    pub(crate) starts: bool,
    /// The encoder says that decoding can begin here.
    pub(crate) random_access: bool,
    /// It carries an adaptation field that says nothing and only fills: as a frame begins with a packet, this is
    /// how its last one is filled up.
    pub(crate) stuffed: bool,
    /// What it carries of the table or the frame.
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads [`BYTES`] bytes; nothing if they do not begin as a packet does.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let [0x47, flags_and_pid_high, pid_low, control, rest @ ..] = bytes else {
            return None;
        };
        let (adaptation, payload) = match control >> 4 & 0b11 {
            0b01 => (None, rest),
            0b10 => (None, &[][..]),
            0b11 => {
                let (&length, rest) = rest.split_first()?;
                let (adaptation, payload) = rest.split_at_checked(length.into())?;
                (Some(adaptation), payload)
            }
            _ => return None,
        };
        let flags = adaptation.map(|field| field.first().copied().unwrap_or(0));
        Some(Self {
            pid: u16::from(flags_and_pid_high & 0x1f) << 8 | u16::from(*pid_low),
            starts: flags_and_pid_high & 0x40 != 0,
            random_access: flags.is_some_and(|flags| flags & 0x40 != 0),
            stuffed: flags == Some(0),
            payload,
        })
    }
}
