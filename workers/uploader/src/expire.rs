//! Segments leave disk, object store and index when their channel's rewind window has passed over them, unless their show
//! is kept, or when their show was deleted. Nobody else removes them.

use std::sync::Arc;

use sluice_domain::retention;
use sluice_kit::clock;
use sluice_objects::Key;
use sluice_store::expiry::Expired;

use crate::attempt::cause;
use crate::site::Site;
use crate::stop::Stop;

/// Segments taken at a time, so that no transaction holds up the index; half of what one request deletes.
const BATCH: u32 = 500;

pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    let mut again = Vec::new();
    loop {
        while matches!(round(site, &mut again).await, Round::More) {}
        if let Err(error) = site.store.recordings().sweep().await {
            tracing::warn!(error = cause(&error), "shows of which nothing is left stay for now");
        }
        if stop.came_within(site.settings.expire_every).await {
            return;
        }
    }
}

enum Round {
    /// There may be more at once.
    More,
    /// All is done that can be done now.
    Done,
}

/// Removes a batch: files first, then objects, then rows, so that what is interrupted is found again. `again` are objects
/// of the round before, which an upload that was underway may have put once more; one that ends later finds no row, and
/// takes back what it has put.
async fn round(site: &Site, again: &mut Vec<Key>) -> Round {
    let now = clock::now();
    let kept_for = |own: Option<u32>| own.map_or(site.settings.kept_for, retention::kept_for);
    let segments = site.store.segments();
    let expired = segments.expired(|own| now.minus(kept_for(own)), BATCH).await;
    let expired = match expired {
        Ok(expired) => expired,
        Err(error) => {
            tracing::warn!(error = cause(&error), "segments that are over stay for now");
            return Round::Done;
        }
    };
    let off_disk: Vec<&Expired> = expired.iter().filter(|segment| left_the_disk(site, segment)).collect();
    let keys = off_disk.iter().filter_map(|segment| key(segment));
    let keys: Vec<Key> = keys.chain(again.iter().cloned()).collect();
    if let Err(fault) = site.objects.delete(&keys).await {
        tracing::warn!(%fault, "objects that are over stay for now");
        return Round::Done;
    }
    again.clear();
    if let Err(error) = forget(site, &off_disk).await {
        tracing::warn!(
            error = cause(&error),
            "segments that are over stay in the index for now"
        );
        return Round::Done;
    }
    let unstored = off_disk.iter().filter(|segment| !segment.place.is_stored());
    again.extend(unstored.filter_map(|segment| key(segment)));
    match off_disk.len() == BATCH as usize {
        true => Round::More,
        false => Round::Done,
    }
}

async fn forget(site: &Site, gone: &[&Expired]) -> Result<(), sluice_store::Error> {
    let (counting, gone): (Vec<&Expired>, Vec<&Expired>) = gone.iter().partition(|segment| segment.keeps_count);
    let rows: Vec<(&str, i64)> = gone
        .iter()
        .map(|segment| (segment.channel_id.as_str(), segment.msn))
        .collect();
    site.store.segments().delete(&rows).await?;
    for segment in counting {
        site.store.segments().hollow(&segment.channel_id, segment.msn).await?;
    }
    Ok(())
}

fn key(segment: &Expired) -> Option<Key> {
    Key::segment(&segment.slug, &segment.name).ok()
}

fn left_the_disk(site: &Site, segment: &Expired) -> bool {
    let removed = site.archive.remove(&segment.slug, &segment.name);
    if let Err(error) = &removed {
        tracing::error!(%error, channel = segment.slug, "an expired segment stays on disk");
    }
    removed.is_ok()
}
