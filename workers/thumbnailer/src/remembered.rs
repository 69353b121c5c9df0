//! Small pictures that were made, for when their sheets are made, and made again.

use std::collections::HashMap;

use sluice_domain::{Millis, storyboard};
use sluice_kit::clock;
use sluice_media::Tile;
use sluice_store::recordings::Piece;

/// Sheets whose pictures are remembered: 40 MB of them at the most.
const SHEETS: usize = 32;

/// The pictures of sheets that are still growing.
#[derive(Default)]
pub(crate) struct Remembered {
    /// By channel, and by the moment that the sheet begins with.
    sheets: HashMap<(String, Millis), Sheet>,
}

/// What is seen when, by the numbers of segments; nothing where there is nothing to be seen.
type Sheet = HashMap<i64, Option<(Millis, Tile)>>;

impl Remembered {
    /// The picture of a segment, and the moment that it shows, or that it has none; nothing where that is not known.
    pub(crate) fn get(&self, channel_id: &str, piece: &Piece) -> Option<&Option<(Millis, Tile)>> {
        let sheet = (channel_id.to_owned(), storyboard::sheet(piece.started_at));
        self.sheets.get(&sheet)?.get(&piece.msn)
    }

    /// One more picture, or that a segment has none. It is none of a sheet that is over, nor of one too many.
    pub(crate) fn add(&mut self, channel_id: &str, piece: &Piece, picture: Option<(Millis, Tile)>) {
        let sheet = (channel_id.to_owned(), storyboard::sheet(piece.started_at));
        // One that has just ended is made a last time.
        let oldest = storyboard::sheet(clock::now()).minus(storyboard::SHEET);
        self.sheets.retain(|(_, started_at), _| *started_at >= oldest);
        let has_room = self.sheets.len() < SHEETS || self.sheets.contains_key(&sheet);
        if has_room && sheet.1 >= oldest {
            self.sheets.entry(sheet).or_default().insert(piece.msn, picture);
        }
    }

    /// A sheet was made: pictures are needed of no other segments that it was made of, and of none once it is over.
    pub(crate) fn made(&mut self, channel_id: &str, started_at: Millis, tiles: Vec<(i64, Millis, Tile)>) {
        let sheet = (channel_id.to_owned(), started_at);
        let mut known = self.sheets.remove(&sheet).unwrap_or_default();
        known.retain(|_, picture| picture.is_none());
        let is_growing = started_at >= storyboard::sheet(clock::now());
        if is_growing && self.sheets.len() < SHEETS {
            known.extend(tiles.into_iter().map(|(msn, moment, tile)| (msn, Some((moment, tile)))));
            self.sheets.insert(sheet, known);
        }
    }
}
