//! A sequence parameter set (ITU-T H.264, 7.3.2.1.1).

use super::bits::Bits;

/// What a sequence parameter set says of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sps {
    /// By which picture parameter sets refer to it.
    pub(crate) id: u32,
    /// 66 Baseline, 77 Main, 100 High.
    pub(crate) profile: u8,
    /// Ten times the level: 31 for 3.1.
    pub(crate) level: u8,
    /// In pixels, as shown.
    pub(crate) width: u32,
    /// In pixels, as shown.
    pub(crate) height: u32,
    /// Whole pictures with one colour sample for four of brightness, in eight bits: what every player plays.
    pub(crate) is_plain: bool,
}

/// The colour format and the depth of samples.
struct Samples {
    chroma_format: u32,
    is_eight_bit: bool,
}

impl Sps {
    /// Reads the NAL unit; nothing if it is damaged.
    pub(crate) fn read(nal: &[u8]) -> Option<Self> {
        let mut bits = Bits::of_nal(nal);
        let profile = u8::try_from(bits.number(8)?).ok()?;
        bits.number(8)?;
        let level = u8::try_from(bits.number(8)?).ok()?;
        let id = bits.golomb()?;
        let samples = samples(&mut bits, profile)?;
        picture_order(&mut bits)?;
        bits.golomb()?;
        bits.flag()?;
        let (width, height) = (16 * size(&mut bits)?, 16 * size(&mut bits)?);
        let whole = bits.flag()?;
        let height = if whole { height } else { 2 * height };
        if !whole {
            bits.flag()?;
        }
        bits.flag()?;
        let (across, down) = match bits.flag()? {
            true => cropped(&mut bits, samples.chroma_format, whole)?,
            false => (0, 0),
        };
        Some(Self {
            id,
            profile,
            level,
            width: width.checked_sub(across)?,
            height: height.checked_sub(down)?,
            is_plain: whole && samples.chroma_format == 1 && samples.is_eight_bit,
        })
    }
}

fn samples(bits: &mut Bits, profile: u8) -> Option<Samples> {
    if ![100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(&profile) {
        return Some(Samples {
            chroma_format: 1,
            is_eight_bit: true,
        });
    }
    let chroma_format = bits.golomb()?;
    if chroma_format == 3 {
        bits.flag()?;
    }
    let deeper_by = bits.golomb()? + bits.golomb()?;
    bits.flag()?;
    if bits.flag()? {
        let lists = if chroma_format == 3 { 12 } else { 8 };
        for list in 0..lists {
            if bits.flag()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(Samples {
        chroma_format,
        is_eight_bit: deeper_by == 0,
    })
}

fn skip_scaling_list(bits: &mut Bits, size: u32) -> Option<()> {
    let (mut last, mut next) = (8, 8);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed_golomb()?).rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// Passes over the numbers of frames and the order of pictures.
fn picture_order(bits: &mut Bits) -> Option<()> {
    bits.golomb()?;
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        1 => {
            bits.flag()?;
            bits.signed_golomb()?;
            bits.signed_golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.signed_golomb()?;
            }
        }
        _ => (),
    }
    Some(())
}

/// A width or a height in macroblocks. No level allows more than 2^12 of them in a row.
fn size(bits: &mut Bits) -> Option<u32> {
    bits.golomb()
        .map(|less_one| less_one + 1)
        .filter(|size| *size <= 1 << 12)
}

/// How much is cut off across and down, in pixels.
fn cropped(bits: &mut Bits, chroma_format: u32, whole: bool) -> Option<(u32, u32)> {
    let (unit_across, unit_down) = match chroma_format {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let unit_down = if whole { unit_down } else { 2 * unit_down };
    let mut sides = [0; 4];
    for side in &mut sides {
        *side = bits.golomb().filter(|side| *side < 1 << 16)?;
    }
    let [left, right, top, bottom] = sides;
    Some((unit_across * (left + right), unit_down * (top + bottom)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Out of a recording of libx264 at 1920x1080, High, level 4.0.
    const HD: [u8; 25] = [
        0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04,
        0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60,
    ];

    #[test]
    fn a_real_encoders_set_tells_profile_level_and_the_size_as_shown() {
        let sps = Sps::read(&HD).unwrap();
        assert_eq!((sps.id, sps.profile, sps.level), (0, 100, 40));
        assert_eq!((sps.width, sps.height, sps.is_plain), (1920, 1080, true));
    }

    #[test]
    fn a_set_that_is_cut_short_or_absurd_is_none() {
        for end in 0..8 {
            assert_eq!(Sps::read(&HD[..end]), None, "{end}");
        }
        assert_eq!(Sps::read(&[0; 40]), None);
    }
}
