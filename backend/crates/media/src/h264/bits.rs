//! Reads a parameter set bit by bit (ITU-T H.264, 7.2 and 9.1).

/// The bits of a NAL unit's payload, without the bytes that only keep start codes from appearing in it.
pub(crate) struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    /// The bits behind the NAL unit's header.
    pub(crate) fn of_nal(nal: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(nal.len());
        let mut zeros = 0;
        for &byte in nal.iter().skip(1) {
            if zeros >= 2 && byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            bytes.push(byte);
        }
        Self { bytes, at: 0 }
    }

    /// The next bit.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// The next `count` bits as a number.
    pub(crate) fn number(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |sum: u32, _| Some(sum << 1 | u32::from(self.flag()?)))
    }

    /// An Exp-Golomb number, ue(v).
    pub(crate) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.number(zeros)?)
    }

    /// A signed Exp-Golomb number, se(v).
    pub(crate) fn signed_golomb(&mut self) -> Option<i64> {
        let number = i64::from(self.golomb()?);
        Some(if number % 2 == 1 { number / 2 + 1 } else { -(number / 2) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_numbers_are_read() {
        // 1 | 010 | 011 | 00100 | 00101 | 0...
        let mut bits = Bits::of_nal(&[0x67, 0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let read: Vec<_> = (0..4).map(|_| bits.golomb()).collect();
        assert_eq!(read, [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!(bits.signed_golomb(), Some(-2));
        assert_eq!(bits.golomb(), None, "the end is no number");
    }

    #[test]
    fn bytes_against_start_codes_are_left_out() {
        let mut bits = Bits::of_nal(&[0x67, 0, 0, 3, 1]);
        assert_eq!(bits.number(24), Some(1));
    }
}
