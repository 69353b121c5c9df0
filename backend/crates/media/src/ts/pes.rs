//! The header that every PES packet begins with (ISO/IEC 13818-1, 2.4.3.6), and its timestamps.

/// Timestamps are in 33 bits.
const WRAP: i64 = 1 << 33;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// When its payload is presented.
    pub(crate) pts: i64,
    /// When its payload is decoded; the same as `pts` where it is not told apart.
    pub(crate) dts: i64,
    /// How long the header itself is.
    pub(crate) bytes: usize,
}

impl Header {
    /// Reads the header that begins this payload; nothing if none does, or it tells no time.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let [0, 0, 1, _stream, _, _, _, flags, length, stamps @ ..] = payload else {
            return None;
        };
        let pts = stamps.get(..5).filter(|_| flags & 0x80 != 0).and_then(timestamp)?;
        let dts = stamps.get(5..10).filter(|_| flags & 0xc0 == 0xc0).and_then(timestamp);
        Some(Self {
            pts,
            dts: dts.unwrap_or(pts),
            bytes: 9 + usize::from(*length),
        })
    }
}

fn timestamp(bytes: &[u8]) -> Option<i64> {
    let [a, b, c, d, e] = <[u8; 5]>::try_from(bytes).ok()?.map(i64::from);
    Some((a >> 1 & 0x07) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

/// A timestamp on an axis that grows across the wrap: the one that is nearest to `near`, which lies on it.
pub(crate) fn unwrapped(timestamp: i64, near: i64) -> i64 {
    let forward = timestamp.saturating_sub(near).rem_euclid(WRAP);
    near.saturating_add(if forward < WRAP / 2 { forward } else { forward - WRAP })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_grow_across_the_wrap() {
        assert_eq!(unwrapped(3000, 5 * WRAP - 3000), 5 * WRAP + 3000);
        assert_eq!(unwrapped(WRAP - 3000, 5 * WRAP + 3000), 5 * WRAP - 3000);
    }

    #[test]
    fn a_header_tells_both_times_and_how_long_it_is() {
        let mut header = [
            0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10, 0x31, 0, 1, 0, 201, 0x11, 0, 1, 0, 21, 0xff,
        ];
        let read = Header::read(&header).unwrap();
        assert_eq!((read.pts, read.dts, read.bytes), (100, 10, 19));
        header[7] = 0x80;
        assert_eq!(Header::read(&header).unwrap().dts, 100, "the one time that is told");
        header[7] = 0;
        assert_eq!(Header::read(&header), None);
    }
}
