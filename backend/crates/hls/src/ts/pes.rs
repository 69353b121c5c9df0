//! The header that every frame begins with (ISO/IEC 13818-1, 2.4.3.6), and its timestamps.

/// Timestamps count 90,000 a second, in 33 bits.
const WRAP: i64 = 1 << 33;

/// What a frame's header says. Timestamps are in ticks of 1/90,000 s, modulo 2^33.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// When it is shown.
    pub(crate) pts: Option<i64>,
    /// When it is decoded; the same as `pts` where it is not told apart.
    pub(crate) dts: Option<i64>,
    /// How many bytes it has, header included; nothing for a video frame that is too long to tell.
    pub(crate) bytes: Option<usize>,
}

impl Header {
    /// Reads the header that begins this payload; nothing if none does.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let [0, 0, 1, _stream, high, low, rest @ ..] = payload else {
            return None;
        };
        let following = usize::from(*high) << 8 | usize::from(*low);
        let (flags, stamps) = match rest {
            [_, flags, _length, stamps @ ..] => (*flags, stamps),
            _ => (0, &[][..]),
        };
        let pts = stamps.get(..5).filter(|_| flags & 0x80 != 0).and_then(timestamp);
        let dts = stamps.get(5..10).filter(|_| flags & 0xc0 == 0xc0).and_then(timestamp);
        Some(Self {
            pts,
            dts: dts.or(pts),
            bytes: (following > 0).then_some(following + 6),
        })
    }
}

fn timestamp(bytes: &[u8]) -> Option<i64> {
    let [a, b, c, d, e] = <[u8; 5]>::try_from(bytes).ok()?.map(i64::from);
    Some((a >> 1 & 0x07) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}

/// A timestamp on an axis that grows across the wrap: the one that is nearest to `near`, which lies on it.
pub(crate) fn unwrapped(timestamp: i64, near: i64) -> i64 {
    near.saturating_add(nearest(timestamp.saturating_sub(near)))
}

/// The step, forwards or backwards, that a difference of 33-bit timestamps stands for: the shorter one.
fn nearest(difference: i64) -> i64 {
    let forward = difference.rem_euclid(WRAP);
    if forward < WRAP / 2 { forward } else { forward - WRAP }
}

/// Ticks in microseconds; 0 for a length below it.
pub(crate) fn microseconds(ticks: i64) -> u64 {
    u64::try_from(ticks).unwrap_or_default().saturating_mul(100) / 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_grow_across_the_wrap() {
        assert_eq!(nearest(3000 - (WRAP - 3000)), 6000);
        assert_eq!(nearest((WRAP - 3000) - 3000), -6000);
        assert_eq!(nearest(3000), 3000);
        assert_eq!(unwrapped(3000, 5 * WRAP - 3000), 5 * WRAP + 3000);
    }

    #[test]
    fn a_header_tells_both_times_and_its_length_or_that_it_has_none() {
        let mut header = [
            0, 0, 1, 0xe0, 0x00, 0x64, 0x80, 0xc0, 10, 0x31, 0, 1, 0, 201, 0x11, 0, 1, 0, 21, 0xff,
        ];
        let read = Header::read(&header).unwrap();
        assert_eq!((read.pts, read.dts, read.bytes), (Some(100), Some(10), Some(106)));
        header[7] = 0x80;
        assert_eq!(
            Header::read(&header).unwrap().dts,
            Some(100),
            "the one time that is told"
        );
        (header[5], header[7]) = (0, 0);
        let bare = Header::read(&header).unwrap();
        assert_eq!((bare.pts, bare.dts, bare.bytes), (None, None, None));
        assert_eq!(Header::read(&header[..5]), None);
    }
}
