//! The two tables that say which packets are video and which are audio (ISO/IEC 13818-1, 2.4.4).

use super::packet::Packet;

/// What an elementary stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// A table that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// The program association: which packets hold the program map.
    Association,
    /// The program map: which packets are video and audio.
    Map,
}

/// The first program of a stream, as far as its tables came. Each is one packet, as nginx-rtmp writes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    map: Option<u16>,
    video: Option<u16>,
    audio: Option<u16>,
}

impl Program {
    /// Takes a packet that begins a table; tells which. What is known already stays as it is.
    pub(crate) fn take(&mut self, packet: &Packet<'_>) -> Option<Table> {
        if !packet.starts {
            return None;
        }
        if packet.pid == 0 {
            let map = section(packet.payload, 0x00).and_then(first_program)?;
            self.map.get_or_insert(map);
            return Some(Table::Association);
        }
        if self.map != Some(packet.pid) {
            return None;
        }
        self.streams(section(packet.payload, 0x02)?)?;
        Some(Table::Map)
    }

    /// What these packets carry, if they are the program's first video or its first audio.
    pub(crate) fn kind(&self, pid: u16) -> Option<Kind> {
        match pid {
            pid if self.video == Some(pid) => Some(Kind::Video),
            pid if self.audio == Some(pid) => Some(Kind::Audio),
            _ => None,
        }
    }

    /// There is a map, and it lists video or audio.
    pub(crate) fn is_known(&self) -> bool {
        self.video.or(self.audio).is_some()
    }

    /// Takes the first video and the first audio stream from a map's body.
    fn streams(&mut self, body: &[u8]) -> Option<()> {
        let [_, _, info_high, info_low, rest @ ..] = body else {
            return None;
        };
        let mut rest = rest.get(length(*info_high, *info_low)..).unwrap_or_default();
        while let [kind, pid_high, pid_low, info_high, info_low, following @ ..] = rest {
            let pid = u16::from(pid_high & 0x1f) << 8 | u16::from(*pid_low);
            let slot = match kind {
                0x1b | 0x24 | 0x01 | 0x02 => &mut self.video,
                0x0f | 0x11 | 0x03 | 0x04 => &mut self.audio,
                _ => &mut None,
            };
            slot.get_or_insert(pid);
            rest = following.get(length(*info_high, *info_low)..).unwrap_or_default();
        }
        Some(())
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
