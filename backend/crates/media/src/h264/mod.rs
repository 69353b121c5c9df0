//! What of H.264 must be known to put it into another container (ITU-T H.264): its NAL units, its parameter sets, and
//! where decoding can begin.

mod bits;
mod parameters;
mod sps;

use memchr::memmem;

pub(crate) use parameters::Parameters;
pub(crate) use sps::Sps;

/// What a NAL unit is (table 7-1), as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A picture's slice that may refer to pictures before it.
    Slice,
    /// A slice of a picture that nothing after it looks behind.
    Idr,
    /// A sequence parameter set.
    Sps,
    /// A picture parameter set.
    Pps,
    /// Delimiters and fillers: an MP4 has no use for them.
    Padding,
    /// Whatever else goes with the pictures.
    Other,
}

impl Kind {
    /// What this NAL unit is.
    pub(crate) fn of(nal: &[u8]) -> Self {
        match nal.first().map_or(0, |header| header & 0x1f) {
            1..=4 => Self::Slice,
            5 => Self::Idr,
            7 => Self::Sps,
            8 => Self::Pps,
            9..=12 => Self::Padding,
            _ => Self::Other,
        }
    }

    /// It stands in an MP4's samples, not in its header or nowhere.
    pub(crate) fn is_in_samples(self) -> bool {
        matches!(self, Self::Slice | Self::Idr | Self::Other)
    }
}

/// The NAL units of an Annex B byte stream (annex B.1), without start codes.
pub(crate) fn nals(annex_b: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = memmem::find_iter(annex_b, &[0, 0, 1]).map(|at| at + 3).peekable();
    std::iter::from_fn(move || {
        let start = starts.next()?;
        let end = starts.peek().map_or(annex_b.len(), |next| next - 3);
        let nal = annex_b.get(start..end).unwrap_or_default();
        // A NAL unit never ends with a zero: those belong to the next start code, or fill.
        let trailing = nal.iter().rev().take_while(|byte| **byte == 0).count();
        nal.get(..nal.len() - trailing)
    })
    .filter(|nal| !nal.is_empty())
}

/// How many bytes an access unit takes as an MP4's sample: each NAL unit behind its length of four bytes.
pub(crate) fn sample_bytes(annex_b: &[u8]) -> usize {
    samples_nals(annex_b).map(|nal| 4 + nal.len()).sum()
}

/// Those of an access unit's NAL units that stand in an MP4's sample.
pub(crate) fn samples_nals(annex_b: &[u8]) -> impl Iterator<Item = &[u8]> {
    nals(annex_b).filter(|nal| Kind::of(nal).is_in_samples())
}

/// Whether other pictures may refer to this access unit's (`nal_ref_idc`, 7.4.1).
pub(crate) fn is_reference(annex_b: &[u8]) -> bool {
    let is_slice = |nal: &&[u8]| matches!(Kind::of(nal), Kind::Slice | Kind::Idr);
    let slices = &mut nals(annex_b).filter(is_slice);
    slices.any(|nal| nal.first().is_some_and(|header| header & 0x60 != 0))
}

/// Cuts a byte stream in which every access unit begins with a delimiter into access units.
pub(crate) fn delimited(annex_b: &[u8]) -> Vec<std::ops::Range<usize>> {
    let is_delimiter = |at: &usize| annex_b.get(at + 3).is_some_and(|header| header & 0x1f == 9);
    let starts: Vec<usize> = memmem::find_iter(annex_b, &[0, 0, 1]).filter(is_delimiter).collect();
    let ends = starts.iter().skip(1).copied().chain([annex_b.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nal_units_are_found_behind_start_codes_of_either_length() {
        let stream = [
            0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 0, 0,
        ];
        let found: Vec<&[u8]> = nals(&stream).collect();
        assert_eq!(found, [&[9, 0xf0][..], &[0x67, 1], &[0x65, 0, 0, 3, 1]]);
        assert_eq!(sample_bytes(&stream), 4 + 5);
        assert_eq!(nals(&[0, 0, 1]).count(), 0);
        assert_eq!(nals(b"").count(), 0);
    }

    #[test]
    fn a_picture_is_referred_to_where_one_of_its_slices_is() {
        assert!(is_reference(&[0, 0, 1, 9, 0xf0, 0, 0, 1, 0x65, 8]));
        assert!(is_reference(&[0, 0, 1, 0x01, 8, 0, 0, 1, 0x41, 8]));
        assert!(!is_reference(&[0, 0, 1, 0x67, 8, 0, 0, 1, 0x01, 8]));
    }

    #[test]
    fn delimiters_part_access_units() {
        let stream = [0, 0, 1, 9, 0x10, 0, 0, 1, 0x65, 8, 0, 0, 1, 9, 0x30, 0, 0, 1, 0x41, 8];
        assert_eq!(delimited(&stream), [0..10, 10..20]);
    }
}
