//! Keeps the archive's disk bounded: when it is fuller than the high mark, the oldest segments that the object store
//! has leave it, until it is down to the low mark.

use std::sync::Arc;

use sluice_kit::clock;
use sluice_objects::{Checksum, Digest, Kind};
use sluice_store::offload::Kept;
use tokio::task::JoinSet;

use crate::attempt::cause;
use crate::site::Site;
use crate::stop::Stop;

/// Segments looked at in the object store at the same time, and taken from the disk together.
const BATCH: u32 = 32;

pub(crate) async fn run(site: &Arc<Site>, mut stop: Stop) {
    loop {
        round(site).await;
        if stop.came_within(site.settings.evict_every).await {
            return;
        }
    }
}

async fn round(site: &Arc<Site>) {
    let marks = site.settings.watermarks;
    let problem = match site.archive.space() {
        Ok(space) if space.used_percent() >= u64::from(marks.high_percent) => {
            empty(site, space.excess_bytes(marks.low_percent)).await
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    let mut standing = site.standing();
    if let Some(problem) = problem.as_ref().filter(|_| standing.disk_problem.is_none()) {
        tracing::error!(problem, "the disk of DATA_DIR fills up");
    }
    standing.disk_problem = problem;
}

/// Takes so many bytes of segments from the disk. Says why, where that cannot be done.
///
/// Counted and not measured: the room of a file that somebody still reads comes back later.
async fn empty(site: &Arc<Site>, excess: u64) -> Option<String> {
    if !site.eviction_frees() {
        let told = "The disk of DATA_DIR is nearly full, and the objects are on it too: shorten DVR_WINDOW_HOURS, \
                    enlarge the disk, or keep objects in a bucket (OBJECT_STORE).";
        return Some(told.to_owned());
    }
    let mut evicted = 0;
    while evicted < excess {
        let before = clock::now().minus(site.settings.safe_age);
        let batch = match site.store.offload().evictable(before, BATCH).await {
            Ok(batch) => batch,
            Err(error) => return Some(format!("Nothing leaves the disk: {error}.")),
        };
        if batch.is_empty() {
            return Some("The disk of DATA_DIR is nearly full, and nothing more may leave it yet.".to_owned());
        }
        match evict(site, batch).await {
            Ok(bytes) => evicted += bytes,
            Err(problem) => return Some(problem),
        }
    }
    None
}

/// Takes from the disk those of a batch of which the object store says at this moment that it has them; how many bytes
/// that was.
async fn evict(site: &Arc<Site>, batch: Vec<Kept>) -> Result<u64, String> {
    let mut looks = JoinSet::new();
    for kept in batch {
        let site = Arc::clone(site);
        looks.spawn(async move {
            let there = is_there(&site, &kept).await;
            (kept, there)
        });
    }
    let (mut gone, mut missed, mut problem) = (Vec::new(), Vec::new(), None);
    while let Some(look) = looks.join_next().await {
        match look {
            Ok((kept, Ok(true))) => match site.archive.remove(&kept.slug, &kept.name) {
                Ok(_) => gone.push(kept),
                Err(error) => problem = Some(error.to_string()),
            },
            Ok((kept, Ok(false))) => missed.push(kept),
            Ok((_, Err(told))) => problem = Some(told),
            Err(error) => problem = Some(error.to_string()),
        }
    }
    record(site, &gone, &missed).await.map_err(|error| {
        tracing::warn!(error = cause(&error), "what left the disk is not recorded yet");
        format!("Nothing leaves the disk: {error}.")
    })?;
    let bytes = gone.iter().map(|kept| kept.bytes.unsigned_abs()).sum();
    problem.map_or(Ok(bytes), Err)
}

/// Whether the object store has a segment, as it was put.
async fn is_there(site: &Site, kept: &Kept) -> Result<bool, String> {
    let digest = kept
        .checksum
        .as_deref()
        .and_then(Checksum::parse)
        .zip(u64::try_from(kept.bytes).ok());
    let (Some(key), Some((checksum, bytes))) = (site.key(kept), digest) else {
        return Ok(false);
    };
    match site.objects.verify(&key, Digest { bytes, checksum }).await {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind == Kind::Mismatch => {
            tracing::error!(%fault, "the object store has lost a segment; it is stored again");
            Ok(false)
        }
        Err(fault) => Err(format!("Nothing leaves the disk: {fault}.")),
    }
}

async fn record(site: &Site, gone: &[Kept], missed: &[Kept]) -> Result<(), sluice_store::Error> {
    let offload = site.store.offload();
    offload.evicted(&ids(gone), clock::now()).await?;
    offload.missed(&ids(missed)).await?;
    gone.iter().for_each(|kept| site.counts.evicted.add(kept.bytes));
    Ok(())
}

fn ids(kept: &[Kept]) -> Vec<(&str, i64)> {
    kept.iter().map(|kept| (kept.channel_id.as_str(), kept.msn)).collect()
}
