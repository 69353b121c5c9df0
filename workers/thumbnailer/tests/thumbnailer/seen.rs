//! Tells what pictures show, by decoding them, and what they should.

use std::path::Path;
use std::process::Command;

use sluice_domain::storyboard::{self, COLUMNS, TILE_HEIGHT, TILE_WIDTH};
use sluice_store::thumbnails::Sheet;

use crate::picture::{Size, read};
use crate::show::Show;

/// A picture on a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// The moment that it is said to be of.
    pub(crate) moment: i64,
    /// The number of the frame that it shows.
    pub(crate) number: usize,
}

impl Tile {
    /// Those of a sheet, in their order.
    pub(crate) fn all(jpeg: &Path, sheet: &Sheet) -> Vec<Self> {
        let luma = luma(jpeg);
        let width = COLUMNS * TILE_WIDTH;
        let rows = sheet.tiles.len().div_ceil(COLUMNS);
        assert_eq!(luma.len(), width * rows * TILE_HEIGHT);
        let tiles = sheet.tiles.iter().enumerate().map(|(at, moment)| {
            let (left, top) = storyboard::corner(at);
            let lines = (top..top + TILE_HEIGHT).map(|y| &luma[y * width + left..][..TILE_WIDTH]);
            let tile: Vec<u8> = lines.flatten().copied().collect();
            Self {
                moment: moment.0,
                number: read(&tile, Size(TILE_WIDTH, TILE_HEIGHT)).0,
            }
        });
        tiles.collect()
    }

    /// What should be seen of a show: the first frame of the first segment that begins in each ten seconds.
    pub(crate) fn expected(show: &Show) -> Vec<Self> {
        let starts = || show.segments.iter().map(|segment| segment.started_at);
        let slots = storyboard::by_slot(starts()).into_iter();
        slots
            .map(|slot| {
                let moment = show.segments[slot.start].started_at.0;
                let frame = show.frames.iter().find(|frame| frame.wall_ms == moment).unwrap();
                assert!(frame.is_key);
                Self {
                    moment,
                    number: frame.number,
                }
            })
            .collect()
    }
}

/// The number of the frame that a picture of a whole one shows.
pub(crate) fn number(jpeg: &Path, size: Size) -> usize {
    let luma = luma(jpeg);
    assert_eq!(luma.len(), size.0 * size.1);
    read(&luma, size).0
}

fn luma(jpeg: &Path) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "mjpeg", "-i"]).arg(jpeg);
    let output = command
        .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    output.stdout
}
