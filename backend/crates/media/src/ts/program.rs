//! The two tables that say which packets are video and which are audio (ISO/IEC 13818-1, 2.4.4).

use super::packet::Packet;

/// What an elementary stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// H.264.
    Video,
    /// AAC in ADTS frames.
    Audio,
}

/// The first program of a stream, as far as its tables came.
#[derive(Debug, Default)]
pub(crate) struct Program {
    map: Option<u16>,
    video: Option<u16>,
    audio: Option<u16>,
}

impl Program {
    /// Takes a packet that may begin a table. What is known already stays as it is.
    pub(crate) fn take(&mut self, packet: &Packet<'_>) {
        if !packet.starts || self.video.is_some() && self.audio.is_some() {
            return;
        }
        if packet.pid == 0 {
            self.map = self
                .map
                .or_else(|| section(packet.payload, 0x00).and_then(first_program));
        } else if self.map == Some(packet.pid) {
            self.streams(section(packet.payload, 0x02).unwrap_or_default());
        }
    }

    /// What these packets carry, if they are the program's first H.264 or its first AAC.
    pub(crate) fn kind(&self, pid: u16) -> Option<Kind> {
        match pid {
            pid if self.video == Some(pid) => Some(Kind::Video),
            pid if self.audio == Some(pid) => Some(Kind::Audio),
            _ => None,
        }
    }

    /// Takes the streams out of a map's body.
    fn streams(&mut self, body: &[u8]) {
        let [_, _, high, low, rest @ ..] = body else { return };
        let mut rest = rest.get(length(*high, *low)..).unwrap_or_default();
        while let [kind, pid_high, pid_low, high, low, following @ ..] = rest {
            let pid = u16::from(pid_high & 0x1f) << 8 | u16::from(*pid_low);
            match kind {
                0x1b => drop(self.video.get_or_insert(pid)),
                0x0f => drop(self.audio.get_or_insert(pid)),
                _ => (),
            }
            rest = following.get(length(*high, *low)..).unwrap_or_default();
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
