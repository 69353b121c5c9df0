//! Writes transport streams as nginx-rtmp does: both tables, then frames, each whole and filled up to a packet.

/// A frame that was written: its bytes' range in the segment, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) dts: i64,
    pub(crate) video: bool,
    pub(crate) key: bool,
}

/// A segment, as far as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) frames: Vec<Written>,
}

const VIDEO: u16 = 0x100;
const AUDIO: u16 = 0x101;

/// The tables, both streams listed whether they come or not.
const TABLES: [&[u8]; 2] = [
    &[
        0x47, 0x40, 0, 0x10, 0, 0, 0xb0, 0x0d, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 1, 0x2e, 0x70, 0x19, 0x05,
    ],
    &[
        0x47, 0x50, 1, 0x10, 0, 2, 0xb0, 0x17, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, 0x1b, 0xe1, 0, 0xf0, 0, 0x0f, 0xe1,
        1, 0xf0, 0, 0x2f, 0x44, 0xb9, 0x9b,
    ],
];

impl Segment {
    pub(crate) fn new() -> Self {
        let mut bytes = Vec::new();
        for table in TABLES {
            bytes.extend_from_slice(table);
            bytes.resize(bytes.len().next_multiple_of(188), 0xff);
        }
        Self {
            bytes,
            frames: Vec::new(),
        }
    }

    /// A video frame of so many bytes, to be decoded at `dts` and shown `delay` later, in ticks.
    pub(crate) fn video(&mut self, dts: i64, delay: i64, key: bool, size: usize) {
        let mut header = vec![0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5];
        header.extend(stamp(0x21, dts + delay));
        if delay != 0 {
            (header[7], header[8]) = (0xc0, 10);
            header[9] |= 0x10;
            header.extend(stamp(0x11, dts));
        }
        self.frame(VIDEO, header, key, size);
        self.note(dts, true, key);
    }

    /// Audio frames of so many bytes together, the first of them at `dts`.
    pub(crate) fn audio(&mut self, dts: i64, size: usize) {
        let mut header = vec![0, 0, 1, 0xc0, 0, 0, 0x80, 0x80, 5];
        header.extend(stamp(0x21, dts));
        self.frame(AUDIO, header, false, size);
        self.note(dts, false, false);
    }

    fn note(&mut self, dts: i64, video: bool, key: bool) {
        let frame = self.frames.last_mut().unwrap();
        (frame.dts, frame.video, frame.key) = (dts, video, key);
    }

    fn frame(&mut self, pid: u16, header: Vec<u8>, key: bool, size: usize) {
        let begin = self.bytes.len() as u64;
        let mut frame = header;
        frame.resize(frame.len() + size, 0xaa);
        let length = u16::try_from(frame.len() - 6).unwrap_or(0).to_be_bytes();
        (frame[4], frame[5]) = (length[0], length[1]);
        let (mut rest, mut first) = (&frame[..], true);
        while !rest.is_empty() {
            let mut adaptation = if first && key {
                vec![0x50, 0, 0, 0, 0, 0x7e, 0]
            } else {
                vec![]
            };
            let has_field = !adaptation.is_empty();
            let room = 184 - if has_field { adaptation.len() + 1 } else { 0 };
            let (now, later) = rest.split_at(rest.len().min(room));
            let short = room - now.len();
            let fills = has_field || short > 0;
            match (has_field, short) {
                (true, _) => adaptation.resize(adaptation.len() + short, 0xff),
                (false, 2..) => {
                    adaptation.push(0);
                    adaptation.resize(short - 1, 0xff);
                }
                _ => (),
            }
            let [high, low] = (pid | if first { 0x4000 } else { 0 }).to_be_bytes();
            self.bytes.extend([0x47, high, low, if fills { 0x30 } else { 0x10 }]);
            if fills {
                self.bytes.push(u8::try_from(adaptation.len()).unwrap());
            }
            self.bytes.extend(adaptation);
            self.bytes.extend_from_slice(now);
            (rest, first) = (later, false);
        }
        assert_eq!(self.bytes.len() % 188, 0);
        self.frames.push(Written {
            begin,
            end: self.bytes.len() as u64,
            dts: 0,
            video: false,
            key: false,
        });
    }
}

fn stamp(marker: u8, ticks: i64) -> [u8; 5] {
    let ticks = ticks.rem_euclid(1 << 33);
    let byte = |shift: u32| u8::try_from(ticks >> shift & 0xff).unwrap();
    [
        marker | (byte(29) & 0x0e),
        byte(22),
        byte(14) | 1,
        byte(7),
        byte(0) << 1 | 1,
    ]
}
