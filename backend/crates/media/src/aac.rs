//! What of AAC must be known to put it into another container: ADTS frames (ISO/IEC 13818-7, 6.2) and the decoder's
//! configuration (ISO/IEC 14496-3, 1.6.2.1).

use std::ops::Range;

/// Samples in every frame.
pub(crate) const FRAME_SAMPLES: i64 = 1024;

const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

/// What frames are decoded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Config {
    object_type: u8,
    rate_index: u8,
    /// 1 for mono, 2 for stereo.
    pub(crate) channels: u8,
}

impl Config {
    /// Samples a second.
    pub(crate) fn rate_hz(self) -> u32 {
        RATES.get(usize::from(self.rate_index)).copied().unwrap_or(48_000)
    }

    /// The record that decoders are set up with.
    pub(crate) fn record(self) -> [u8; 2] {
        [
            self.object_type << 3 | self.rate_index >> 1,
            self.rate_index << 7 | self.channels << 3,
        ]
    }

    /// The header of an ADTS frame of that many bytes.
    pub(crate) fn adts(self, bytes: usize) -> [u8; 7] {
        let length = u32::try_from(bytes + 7).unwrap_or(0) << 5 | 0x1f;
        let [_, top, middle, bottom] = length.to_be_bytes();
        [
            0xff,
            0xf1,
            (self.object_type - 1) << 6 | self.rate_index << 2 | self.channels >> 2,
            self.channels << 6 | top & 3,
            middle,
            bottom,
            0xfc,
        ]
    }

    /// A frame of silence; nothing for more than two channels.
    pub(crate) fn silence(self) -> Option<&'static [u8]> {
        match self.channels {
            1 => Some(&[0x00, 0xc8, 0x00, 0x80, 0x23, 0x80]),
            2 => Some(&[0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80]),
            _ => None,
        }
    }
}

/// A frame in an ADTS stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What it is decoded with.
    pub(crate) config: Config,
    /// Where its header begins.
    pub(crate) start: usize,
    /// Its bytes without the header.
    pub(crate) bytes: Range<usize>,
}

/// The frames of an ADTS stream. A last one that is cut short is left out; nothing if there is something between them.
pub(crate) fn frames(adts: &[u8]) -> Option<Vec<Frame>> {
    let mut frames = Vec::new();
    let mut at = 0;
    while let Some(header) = adts.get(at..).filter(|rest| rest.len() >= 7) {
        let (config, header_bytes, bytes) = header_of(header)?;
        if at + bytes > adts.len() {
            break;
        }
        frames.push(Frame {
            config,
            start: at,
            bytes: at + header_bytes..at + bytes,
        });
        at += bytes;
    }
    Some(frames)
}

/// The configuration, the header's length and the frame's with it.
fn header_of(bytes: &[u8]) -> Option<(Config, usize, usize)> {
    let [0xff, b, c, d, e, f, ..] = bytes else { return None };
    let config = Config {
        object_type: (c >> 6) + 1,
        rate_index: c >> 2 & 0x0f,
        channels: (c & 1) << 2 | d >> 6,
    };
    let header = if b & 1 == 1 { 7 } else { 9 };
    let length = usize::from(d & 3) << 11 | usize::from(*e) << 3 | usize::from(f >> 5);
    let is_whole = b & 0xf6 == 0xf0 && usize::from(config.rate_index) < RATES.len() && length > header;
    is_whole.then_some((config, header, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of `payload` bytes, LC, 48 kHz, stereo.
    fn frame(payload: u8) -> Vec<u8> {
        let length = payload + 7;
        let mut frame = vec![0xff, 0xf1, 0x4c, 0x80, length >> 3, length << 5 | 0x1f, 0xfc];
        frame.extend(std::iter::repeat_n(7, payload.into()));
        frame
    }

    #[test]
    fn frames_are_found_one_behind_the_other() {
        let stream = [frame(3), frame(5), frame(9)[..10].to_vec()].concat();
        let found = frames(&stream).unwrap();
        let places: Vec<_> = found.iter().map(|frame| frame.bytes.clone()).collect();
        assert_eq!(places, [7..10, 17..22], "the last one is cut short");
        let config = found[0].config;
        assert_eq!((config.rate_hz(), config.channels), (48_000, 2));
        assert_eq!(config.record(), [0x11, 0x90], "AAC LC, 48 kHz, stereo");
    }

    #[test]
    fn a_header_is_written_as_it_was_read() {
        let stream = frame(30);
        let config = frames(&stream).unwrap()[0].config;
        assert_eq!(config.adts(30), stream[..7]);
    }

    #[test]
    fn something_between_frames_is_damage() {
        assert_eq!(frames(&[frame(3), vec![0; 9]].concat()), None);
        assert_eq!(frames(b""), Some(Vec::new()));
    }
}
