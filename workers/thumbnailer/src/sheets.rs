//! Five minutes of a channel on a sheet.

use sluice_domain::{Millis, storyboard};
use sluice_media::{Keyframe, Pictures, Tile, Want, pictures, sheet};
use sluice_objects::Thumbnail;
use sluice_store::recordings::Piece;
use sluice_store::thumbnailing::{Lacking, NewSheet};

use crate::keep;
use crate::reach::{self, Found};
use crate::site::Desk;
use crate::trouble::Trouble;

/// Segments of a slot that are looked at before it is one without a picture.
const ATTEMPTS: usize = 3;

/// A picture of a slot: known already, or to be made.
enum Slot<'a> {
    Known(i64, Millis, Tile),
    New(&'a Piece, Millis, Keyframe),
}

/// Makes a sheet of all that there is for it. False if not all of that can be had here.
pub(crate) async fn make(desk: &mut Desk<'_>, lacking: &Lacking) -> Result<bool, Trouble> {
    let site = desk.site;
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
    let Some(tiles) = pictured(desk, lacking, &pieces).await? else {
        return Ok(false);
    };
    new.tiles = tiles.iter().map(|(msn, moment, _)| (*moment, *msn)).collect();
    let object;
    if let Some((version, _)) = lacking.made.as_ref().filter(|(_, before)| shows(&tiles, before)) {
        new.object = version.object.as_deref();
    } else if !tiles.is_empty() {
        let jpeg = jpeg(&tiles).await?;
        new.bytes = i64::try_from(jpeg.len()).ok();
        let file = desk.scratch.join("sheet.jpg");
        tokio::fs::write(&file, jpeg).await?;
        object = keep::put(site, &lacking.slug, Thumbnail::Sheet, lacking.started_at, &file).await?;
        tokio::fs::remove_file(&file).await?;
        new.object = Some(&object);
    }
    // Where that is not taken, it changed meanwhile, and is lacking again.
    site.store.thumbnails().show_sheet(&new, before, keep::at(site)).await?;
    desk.remembered.made(&lacking.channel_id, lacking.started_at, tiles);
    Ok(true)
}

/// A picture of each slot that has one, in their order; nothing if a segment cannot be had here.
async fn pictured(
    desk: &mut Desk<'_>,
    lacking: &Lacking,
    pieces: &[Piece],
) -> Result<Option<Vec<(i64, Millis, Tile)>>, Trouble> {
    let mut slots = Vec::new();
    for numbers in storyboard::by_slot(pieces.iter().map(|piece| piece.started_at)) {
        for piece in pieces.get(numbers).unwrap_or_default().iter().take(ATTEMPTS) {
            match desk.remembered.get(&lacking.channel_id, piece) {
                Some(Some((moment, tile))) => {
                    slots.push(Slot::Known(piece.msn, *moment, tile.clone()));
                    break;
                }
                Some(None) => continue,
                None => (),
            }
            match reach::keyframe(desk.site, &lacking.slug, piece).await? {
                Found::Keyframe(keyframe) => {
                    let moment = piece.started_at.plus(Millis(keyframe.offset_us / 1000));
                    slots.push(Slot::New(piece, moment, keyframe));
                    break;
                }
                Found::Nothing => desk.remembered.add(&lacking.channel_id, piece, None),
                Found::Elsewhere => return Ok(None),
            }
        }
    }
    let made = decoded(desk, &slots).await?;
    let mut made = made.into_iter();
    let mut tiles = Vec::new();
    for slot in slots {
        match slot {
            Slot::Known(msn, moment, tile) => tiles.push((msn, moment, tile)),
            Slot::New(piece, moment, _) => match made.next().flatten() {
                Some(tile) => tiles.push((piece.msn, moment, tile)),
                None => desk.remembered.add(&lacking.channel_id, piece, None),
            },
        }
    }
    Ok(Some(tiles))
}

/// Whether these are of the same moments as those before.
fn shows(tiles: &[(i64, Millis, Tile)], before: &[Millis]) -> bool {
    tiles.iter().map(|(_, moment, _)| moment).eq(before)
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
async fn decoded(desk: &Desk<'_>, slots: &[Slot<'_>]) -> Result<Vec<Option<Tile>>, Trouble> {
    let keyframes = slots.iter().filter_map(|slot| match slot {
        Slot::New(_, _, keyframe) => Some(keyframe.clone()),
        Slot::Known(..) => None,
    });
    let keyframes: Vec<Keyframe> = keyframes.collect();
    if keyframes.is_empty() {
        return Ok(Vec::new());
    }
    let want = Want::Tiles(keyframes);
    let settings = &desk.site.settings;
    let made = pictures(&[want], &settings.ffmpeg, desk.scratch, settings.time_limit).await?;
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
