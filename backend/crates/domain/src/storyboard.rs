//! How a channel's past is cut into small pictures: one for each ten seconds of wall clock, thirty on a sheet.
//!
//! Slots and sheets are aligned to the epoch, so that a moment alone says where its picture is. A slot's picture is the
//! keyframe of the first segment that begins in it; a slot in which none begins has no picture, and takes no place on
//! its sheet.

use std::ops::Range;

use crate::Millis;

/// What one picture stands for.
pub const SLOT: Millis = Millis::from_secs(10);
/// What a sheet covers.
pub const SHEET: Millis = Millis::from_secs(300);
/// Pictures beside each other on a sheet.
pub const COLUMNS: usize = 6;
/// Rows of them.
pub const ROWS: usize = 5;
/// A picture's width on a sheet, in pixels.
pub const TILE_WIDTH: usize = 160;
/// A picture's height on a sheet, in pixels; one of another shape is framed in black.
pub const TILE_HEIGHT: usize = 90;

/// The beginning of the slot that a moment is in.
pub const fn slot(moment: Millis) -> Millis {
    moment.minus(Millis(moment.0.rem_euclid(SLOT.0)))
}

/// The beginning of the sheet that a moment is on.
pub const fn sheet(moment: Millis) -> Millis {
    moment.minus(Millis(moment.0.rem_euclid(SHEET.0)))
}

/// Where the picture of this number lies on its sheet: its left and upper edge in pixels. Pictures lie one after the
/// other in rows, without a place for those that are not there.
pub const fn corner(number: usize) -> (usize, usize) {
    (number % COLUMNS * TILE_WIDTH, number / COLUMNS * TILE_HEIGHT)
}

/// The numbers of these moments, which do not step back, put together by the slots that they are in.
pub fn by_slot(moments: impl IntoIterator<Item = Millis>) -> Vec<Range<usize>> {
    let mut slots: Vec<Range<usize>> = Vec::new();
    let mut current = None;
    for (number, moment) in moments.into_iter().enumerate() {
        match slots.last_mut().filter(|_| current == Some(slot(moment))) {
            Some(last) => last.end = number + 1,
            None => slots.push(number..number + 1),
        }
        current = Some(slot(moment));
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_where_its_picture_is() {
        assert_eq!(slot(Millis(1_795_213_253_850)), Millis(1_795_213_250_000));
        assert_eq!(sheet(Millis(1_795_213_253_850)), Millis(1_795_213_200_000));
        assert_eq!((slot(Millis(-1)), sheet(Millis(0))), (Millis(-10_000), Millis(0)));
        assert_eq!(SHEET.0 / SLOT.0, (COLUMNS * ROWS) as i64);
    }

    #[test]
    fn pictures_lie_in_rows() {
        assert_eq!([0, 5, 6, 29].map(corner), [(0, 0), (800, 0), (0, 90), (800, 360)]);
    }

    #[test]
    fn moments_of_one_slot_belong_together() {
        let by_slot = |moments: &[i64]| by_slot(moments.iter().map(|s| Millis(s * 1000)));
        assert_eq!(by_slot(&[3, 9, 10, 12, 41]), [0..2, 2..4, 4..5]);
        assert!(by_slot(&[]).is_empty());
    }
}
