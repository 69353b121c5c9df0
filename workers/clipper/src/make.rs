//! Makes one clip, from its segments to its objects.

use sluice_domain::Millis;
use sluice_domain::clip::{Range, Reason};
use sluice_media::{Cut, Made, cut};
use sluice_objects::ClipPart;
use sluice_store::clips::Clip;
use sluice_store::recordings::Piece;

use crate::scratch::Scratch;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::{edge, gather, keep};

/// How far behind a clip's end segments are looked at: the last sound of one is written at the head of the next.
const BEHIND: Millis = Millis(400);
/// Of the way, the part that is done when the clip is cut; the rest is to put it into the object store.
const CUT: f32 = 0.9;

/// Makes a clip; `progress` hears how much of the work is done, from 0 to 1. Nothing is left on disk, and nothing in the
/// object store unless it is made.
pub(crate) async fn make(site: &Site, clip: &Clip, progress: impl Fn(f32)) -> Result<Made, Trouble> {
    edge::wait(site, clip).await?;
    let order = clip.order();
    let Ok(_knife) = site.knives.acquire().await else {
        return Err(Trouble::Failed(Reason::Internal, "the clipper stops".to_owned()));
    };
    let pieces = pieces(site, clip).await?;
    let scratch = Scratch::new(&site.settings.scratch, &clip.id);
    let scratch = scratch.map_err(|error| Trouble::io(&error, "making room for a clip"))?;
    has_room(site, &pieces)?;
    let segments = gather::gather(site, &clip.slug, &pieces, scratch.path()).await?;
    let (film, poster) = (scratch.file("clip.mp4"), scratch.file("clip.jpg"));
    let cut_it = Cut {
        segments,
        start: clip.start_at,
        end: clip.end_at,
        mode: clip.mode,
        title: clip.title.clone(),
        out: film.clone(),
        poster: poster.clone(),
        scratch: scratch.path().to_owned(),
        time_limit: site.settings.limit(clip.end_at.since(clip.start_at)),
        ffmpeg: site.settings.ffmpeg.clone(),
    };
    let made = cut(cut_it, |done| progress(done * CUT)).await?;
    if made.has_poster {
        keep::put(site, &order, ClipPart::Poster, &poster).await?;
    }
    keep::put(site, &order, ClipPart::Film, &film).await?;
    progress(1.0);
    Ok(made)
}

/// What is recorded of a clip, and a little behind it.
async fn pieces(site: &Site, clip: &Clip) -> Result<Vec<Piece>, Trouble> {
    let range = Range::new(clip.start_at, clip.end_at.plus(BEHIND), u32::MAX);
    let range = range.map_err(|error| Trouble::Failed(Reason::Internal, error.to_string()))?;
    Ok(site.store.clips().pieces(&clip.channel_id, range).await?)
}

/// A clip may need room for its segments, for what is decoded of them and for what is made of that.
fn has_room(site: &Site, pieces: &[Piece]) -> Result<(), Trouble> {
    let media: u64 = pieces.iter().map(|piece| u64::try_from(piece.bytes).unwrap_or(0)).sum();
    let space = site.archive.space()?;
    let needed = media.saturating_mul(3);
    match needed > site.settings.scratch_bytes || needed > space.free_bytes {
        true => Err(Trouble::Failed(
            Reason::DiskFull,
            format!(
                "a clip of {media} bytes of segments has no room: {} are free",
                space.free_bytes
            ),
        )),
        false => Ok(()),
    }
}
