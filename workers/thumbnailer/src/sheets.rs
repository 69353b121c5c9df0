//! Five minutes of a channel on a sheet.

use std::collections::HashMap;
use std::path::Path;

use sluice_domain::{Millis, storyboard};
use sluice_kit::clock;
use sluice_media::{Keyframe, Pictures, Tile, Want, pictures, sheet};
use sluice_objects::Thumbnail;
use sluice_store::recordings::Piece;
use sluice_store::thumbnailing::{Lacking, NewSheet};

use crate::keep;
use crate::reach::{self, Found};
use crate::site::Site;
use crate::trouble::Trouble;

/// Segments of a slot that are looked at before it is one without a picture.
const ATTEMPTS: usize = 3;
/// Sheets whose pictures are remembered for when they are made again: 40 MB of them at the most.
const REMEMBERED: usize = 32;

/// Sheets that are still growing, by channel.
#[derive(Default)]
pub(crate) struct Sheets {
    growing: HashMap<String, Growing>,
}

/// The pictures on a sheet, by the numbers of their segments.
struct Growing {
    started_at: Millis,
    tiles: HashMap<i64, (Millis, Tile)>,
}

/// A picture of a slot: known already, or to be made.
enum Slot {
    Known(i64, Millis, Tile),
    New(i64, Millis, Keyframe),
}

impl Sheets {
    /// Makes a sheet of all that there is for it. False if not all of that can be had here.
    pub(crate) async fn make(&mut self, site: &Site, scratch: &Path, lacking: &Lacking) -> Result<bool, Trouble> {
        let pieces = site
            .store
            .thumbnails()
            .pieces(&lacking.channel_id, lacking.started_at)
            .await?;
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Ok(true);
        };
        let mut new = NewSheet {
            channel_id: &lacking.channel_id,
            started_at: lacking.started_at,
            object: None,
            bytes: None,
            tiles: Vec::new(),
            segments: (first.msn, last.msn),
        };
        let before = lacking.made.as_ref().map(|(version, _)| version);
        if let Some((version, tiles)) = &lacking.made
            && let Some(same) = unchanged(&pieces, tiles)
        {
            new.object = version.object.as_deref();
            new.tiles = same;
            site.store.thumbnails().show_sheet(&new, before, keep::at(site)).await?;
            return Ok(true);
        }
        let Some(tiles) = self.tiles(site, scratch, lacking, &pieces).await? else {
            return Ok(false);
        };
        let object;
        if !tiles.is_empty() {
            let jpeg = jpeg(&tiles).await?;
            new.bytes = i64::try_from(jpeg.len()).ok();
            let file = scratch.join("sheet.jpg");
            tokio::fs::write(&file, jpeg).await?;
            object = keep::put(site, &lacking.slug, Thumbnail::Sheet, lacking.started_at, &file).await?;
            tokio::fs::remove_file(&file).await?;
            new.object = Some(&object);
        }
        new.tiles = tiles.iter().map(|(msn, moment, _)| (*moment, *msn)).collect();
        // Where that is not taken, it changed meanwhile, and is lacking again.
        site.store.thumbnails().show_sheet(&new, before, keep::at(site)).await?;
        self.remember(lacking, tiles);
        Ok(true)
    }

    /// A picture of each slot that has one, in their order; nothing if a segment cannot be had here.
    async fn tiles(
        &self,
        site: &Site,
        scratch: &Path,
        lacking: &Lacking,
        pieces: &[Piece],
    ) -> Result<Option<Vec<(i64, Millis, Tile)>>, Trouble> {
        let mut slots = Vec::new();
        for numbers in storyboard::by_slot(pieces.iter().map(|piece| piece.started_at)) {
            for piece in pieces.get(numbers).unwrap_or_default().iter().take(ATTEMPTS) {
                if let Some((moment, tile)) = self.known(lacking, piece.msn) {
                    slots.push(Slot::Known(piece.msn, *moment, tile.clone()));
                    break;
                }
                match reach::keyframe(site, &lacking.slug, piece).await? {
                    Found::Keyframe(keyframe) => {
                        let moment = piece.started_at.plus(Millis(keyframe.offset_us / 1000));
                        slots.push(Slot::New(piece.msn, moment, keyframe));
                        break;
                    }
                    Found::Nothing => (),
                    Found::Elsewhere => return Ok(None),
                }
            }
        }
        let made = decoded(site, scratch, &slots).await?;
        let mut made = made.into_iter();
        let tile = |slot| match slot {
            Slot::Known(msn, moment, tile) => Some((msn, moment, tile)),
            Slot::New(msn, moment, _) => made.next().flatten().map(|tile| (msn, moment, tile)),
        };
        Ok(Some(slots.into_iter().filter_map(tile).collect()))
    }

    fn known(&self, lacking: &Lacking, msn: i64) -> Option<&(Millis, Tile)> {
        let growing = self.growing.get(&lacking.channel_id)?;
        let of_this = growing.started_at == lacking.started_at;
        growing.tiles.get(&msn).filter(|_| of_this)
    }

    /// Remembers the pictures of a sheet that grows.
    fn remember(&mut self, lacking: &Lacking, tiles: Vec<(i64, Millis, Tile)>) {
        let current = storyboard::sheet(clock::now());
        self.growing.retain(|_, growing| growing.started_at >= current);
        if lacking.started_at < current || self.growing.len() >= REMEMBERED {
            return;
        }
        let tiles = tiles.into_iter().map(|(msn, moment, tile)| (msn, (moment, tile)));
        let growing = Growing {
            started_at: lacking.started_at,
            tiles: tiles.collect(),
        };
        self.growing.insert(lacking.channel_id.clone(), growing);
    }
}

/// The pictures of a sheet that are of the same moments as they were: what has come since begins no slot.
fn unchanged(pieces: &[Piece], tiles: &[Millis]) -> Option<Vec<(Millis, i64)>> {
    let slots = storyboard::by_slot(pieces.iter().map(|piece| piece.started_at));
    let firsts = slots.into_iter().filter_map(|slot| pieces.get(slot.start));
    let wanted: Vec<(Millis, i64)> = firsts.map(|piece| (piece.started_at, piece.msn)).collect();
    let same = wanted.iter().map(|(moment, _)| moment).eq(tiles);
    same.then_some(wanted)
}

/// A picture of each keyframe, by one ffmpeg.
async fn decoded(site: &Site, scratch: &Path, slots: &[Slot]) -> Result<Vec<Option<Tile>>, Trouble> {
    let keyframes = slots.iter().filter_map(|slot| match slot {
        Slot::New(_, _, keyframe) => Some(keyframe.clone()),
        Slot::Known(..) => None,
    });
    let keyframes: Vec<Keyframe> = keyframes.collect();
    if keyframes.is_empty() {
        return Ok(Vec::new());
    }
    let want = Want::Tiles(keyframes);
    let made = pictures(&[want], &site.settings.ffmpeg, scratch, site.settings.time_limit).await?;
    Ok(match made.into_iter().next() {
        Some(Pictures::Tiles(tiles)) => tiles,
        _ => Vec::new(),
    })
}

/// The sheet. It takes some milliseconds, in which others may want to go on.
async fn jpeg(tiles: &[(i64, Millis, Tile)]) -> Result<Vec<u8>, Trouble> {
    let tiles: Vec<Tile> = tiles.iter().map(|(_, _, tile)| tile.clone()).collect();
    let made = tokio::task::spawn_blocking(move || sheet(&tiles)).await;
    let failed = |error: String| Trouble::Disk(std::io::Error::other(error));
    made.map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))
}
