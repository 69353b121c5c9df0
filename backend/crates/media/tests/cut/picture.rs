//! The pictures of a show: a bar code of the frame's number, a flash, and something that moves.

/// Bits of the bar code.
const BITS: usize = 16;

/// How big a picture is, in pixels: a multiple of 32 by a multiple of 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Size(pub(crate) usize, pub(crate) usize);

impl Size {
    /// The upper third is the bar code, the middle one flashes.
    fn third(self) -> usize {
        self.1 / 3
    }
}

/// Appends a picture in YUV 4:2:0.
pub(crate) fn draw(out: &mut Vec<u8>, size: Size, number: usize, flash: bool) {
    let Size(width, height) = size;
    let bar = width / BITS;
    let code: Vec<u8> = (0..width)
        .map(|x| if number >> (x / bar) & 1 == 1 { 235 } else { 16 })
        .collect();
    let light = vec![if flash { 235 } else { 16 }; width];
    for y in 0..height {
        match y / size.third() {
            0 => out.extend_from_slice(&code),
            1 => out.extend_from_slice(&light),
            _ => out.extend((0..width).map(|x| ((x * 3 + y * 5 + number * 7) % 200 + 20) as u8)),
        }
    }
    out.extend(std::iter::repeat_n(128, width * height / 2));
}

/// The number and the flash of a picture's brightness.
pub(crate) fn read(luma: &[u8], size: Size) -> (usize, bool) {
    let Size(width, _) = size;
    let bar = width / BITS;
    let is_light = |x: usize, y: usize| luma[y * width + x] > 126;
    let middle = size.third() / 2;
    let number = (0..BITS)
        .filter(|bit| is_light(bit * bar + bar / 2, middle))
        .map(|bit| 1 << bit)
        .sum();
    (number, is_light(width / 2, size.third() + middle))
}
