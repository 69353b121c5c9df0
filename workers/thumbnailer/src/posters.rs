//! What shows are shown by: a moment into each, or the end of one that is shorter.

use std::path::Path;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_media::{Pictures, Want, pictures};
use sluice_objects::Thumbnail;
use sluice_store::recordings::{Piece, Recording};
use sluice_store::thumbnailing::{NewPoster, Unposted};

use crate::aside::Aside;
use crate::keep;
use crate::reach::{self, Found};
use crate::site::Site;
use crate::trouble::Trouble;

/// Shows asked for at a time: more than wait at the same time for their first seconds.
const BATCH: u32 = 200;
/// Segments that are looked at before a show is one without pictures.
const ATTEMPTS: u32 = 3;
/// A show of which nothing came for so long is over.
const OVER: Millis = Millis::from_secs(60);

/// Shows without posters.
#[derive(Default)]
pub(crate) struct Posters {
    aside: Aside<(String, i64)>,
}

impl Posters {
    /// Makes the poster of the newest show that needs one. False if none does.
    pub(crate) async fn turn(&mut self, site: &Site, scratch: &Path) -> Result<bool, Trouble> {
        let limit = BATCH + self.aside.bound();
        for unposted in site.store.thumbnails().unposted(limit).await? {
            let id = (unposted.show.channel_id.clone(), unposted.show.first_msn);
            if self.aside.holds(&id) {
                continue;
            }
            let pieces = candidates(site, &unposted.show).await?;
            if pieces.is_empty() {
                continue;
            }
            let made = make(site, scratch, &unposted, &pieces).await;
            match made {
                Ok(true) => self.aside.made(&id),
                Ok(false) | Err(_) => self.aside.put(id, &site.settings),
            }
            return made.map(|_| true);
        }
        Ok(false)
    }
}

/// The segments to take it from; none as long as they are still to come.
async fn candidates(site: &Site, show: &Recording) -> Result<Vec<Piece>, Trouble> {
    let thumbnails = site.store.thumbnails();
    let from = show.started_at.plus(site.settings.poster_at);
    let pieces = thumbnails.pieces_from(show, from, ATTEMPTS).await?;
    if !pieces.is_empty() {
        return Ok(pieces);
    }
    let newest = thumbnails.newest_piece(show).await?.into_iter();
    let is_over = |piece: &Piece| {
        let end = piece.started_at.plus(Millis(piece.duration_us / 1000));
        show.last_msn.is_some() || clock::now().since(end) > OVER
    };
    Ok(newest.filter(is_over).collect())
}

/// Makes it of the first of these that shows anything, or notes that none does. False if they cannot be had here.
async fn make(site: &Site, scratch: &Path, unposted: &Unposted, pieces: &[Piece]) -> Result<bool, Trouble> {
    let file = scratch.join("poster.jpg");
    let thumbnails = site.store.thumbnails();
    let mut new = NewPoster {
        show: &unposted.show,
        object: None,
        taken_at: unposted.show.started_at,
        msn: unposted.show.first_msn,
    };
    for piece in pieces {
        let keyframe = match reach::keyframe(site, &unposted.slug, piece).await? {
            Found::Keyframe(keyframe) => keyframe,
            Found::Nothing => continue,
            Found::Elsewhere => return Ok(false),
        };
        let taken_at = piece.started_at.plus(Millis(keyframe.offset_us / 1000));
        let want = Want::Picture(keyframe, file.clone());
        let made = pictures(&[want], &site.settings.ffmpeg, scratch, site.settings.time_limit).await?;
        if !matches!(made.first(), Some(Pictures::Picture(Some(_)))) {
            continue;
        }
        let object = keep::put(site, &unposted.slug, Thumbnail::Poster, taken_at, &file).await?;
        tokio::fs::remove_file(&file).await?;
        new.object = Some(&object);
        new.taken_at = taken_at;
        new.msn = piece.msn;
        thumbnails.show_poster(&new, keep::at(site)).await?;
        return Ok(true);
    }
    thumbnails.show_poster(&new, keep::at(site)).await?;
    Ok(true)
}
