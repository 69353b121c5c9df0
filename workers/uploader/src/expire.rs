//! Segments leave disk, object store and index when the rewind window has passed over them. Nobody else removes them.

use std::sync::Arc;

use sluice_kit::clock;
use sluice_objects::Key;
use sluice_store::segments::Expired;

use crate::attempt::cause;
use crate::site::Site;
use crate::stop::Stop;

/// Segments taken at a time, so that no transaction holds up the index; half of what one request deletes.
const BATCH: u32 = 500;

pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    loop {
        while matches!(round(site).await, Round::More) {}
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

/// Removes a batch: files first, then objects, then rows, so that what is interrupted is found again.
async fn round(site: &Site) -> Round {
    let before = clock::now().minus(site.settings.kept_for);
    let expired = match site.store.segments().expired(before, BATCH).await {
        Ok(expired) => expired,
        Err(error) => {
            tracing::warn!(error = cause(&error), "segments that are over stay for now");
            return Round::Done;
        }
    };
    let off_disk: Vec<&Expired> = expired.iter().filter(|segment| left_the_disk(site, segment)).collect();
    let keys: Vec<Key> = off_disk
        .iter()
        .filter_map(|segment| Key::segment(&segment.slug, &segment.name).ok())
        .collect();
    if let Err(fault) = site.objects.delete(&keys).await {
        tracing::warn!(%fault, "objects that are over stay for now");
        return Round::Done;
    }
    let rows: Vec<(&str, i64)> = off_disk
        .iter()
        .map(|segment| (segment.channel_id.as_str(), segment.msn))
        .collect();
    if let Err(error) = site.store.segments().delete(&rows).await {
        tracing::warn!(
            error = cause(&error),
            "segments that are over stay in the index for now"
        );
        return Round::Done;
    }
    match rows.len() == BATCH as usize {
        true => Round::More,
        false => Round::Done,
    }
}

fn left_the_disk(site: &Site, segment: &Expired) -> bool {
    let removed = site.archive.remove(&segment.slug, &segment.name);
    if let Err(error) = &removed {
        tracing::error!(%error, channel = segment.slug, "an expired segment stays on disk");
    }
    removed.is_ok()
}
