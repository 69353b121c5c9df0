//! Small pictures on a sheet.

use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use sluice_domain::storyboard::{COLUMNS, TILE_HEIGHT, TILE_WIDTH, corner};

use crate::Tile;

/// Where pictures of this size show nothing of it any more, in percent.
const QUALITY: u8 = 70;

/// A JPEG of these pictures in rows, as [`sluice_domain::storyboard`] lays them out; as many rows as they take.
pub fn sheet(tiles: &[Tile]) -> Result<Vec<u8>, EncodingError> {
    let width = COLUMNS * TILE_WIDTH;
    let height = tiles.len().div_ceil(COLUMNS) * TILE_HEIGHT;
    let mut canvas = vec![0; width * height * 3];
    for (number, tile) in tiles.iter().enumerate() {
        let (left, top) = corner(number);
        for (row, line) in tile.rows().enumerate() {
            let at = ((top + row) * width + left) * 3;
            if let Some(place) = canvas.get_mut(at..at + line.len()) {
                place.copy_from_slice(line);
            }
        }
    }
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let pixels = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    encoder.encode(&canvas, pixels(width), pixels(height), ColorType::Rgb)?;
    Ok(jpeg)
}
