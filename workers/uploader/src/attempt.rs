//! One segment, once: put, seen to be there, recorded.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sluice_kit::{backoff, clock};
use sluice_objects::{Fault, Key, Kind};
use sluice_store::Error;
use sluice_store::offload::Kept;

use crate::site::Site;

/// Between two tries to record while the database is away.
const RETRY: Duration = Duration::from_secs(1);

/// What became of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The object store has done what was asked: it has the segment, or has nothing of one that is not wanted any more.
    Done,
    /// There is nothing to be asked of it.
    Over,
    /// The object store did not take it this time.
    Failed(Fault),
}

/// Takes away what the store may have of a segment whose attempts have failed, and which is not waited for any more.
pub(crate) async fn take_back(site: Arc<Site>, kept: Kept) -> Outcome {
    match site.key(&kept) {
        Some(key) => withdraw(&site, &kept, &key).await,
        None => Outcome::Over,
    }
}

/// Stores a segment.
pub(crate) async fn attempt(site: Arc<Site>, kept: Kept) -> Outcome {
    let (Some(key), Ok(file)) = (site.key(&kept), site.archive.path(&kept.slug, &kept.name)) else {
        return Outcome::Over;
    };
    match site.objects.put(&key, &file).await {
        Ok(digest) if i64::try_from(digest.bytes) == Ok(kept.bytes) => {
            record(&site, &kept, &key, &digest.checksum.to_string()).await
        }
        Ok(_) => lose(&site, &kept, "its file has not the length that was taken in").await,
        Err(fault) if fault.kind == Kind::Source && !file.exists() => without_file(&site, &kept, &key).await,
        Err(fault) => Outcome::Failed(fault),
    }
}

async fn record(site: &Site, kept: &Kept, key: &Key, checksum: &str) -> Outcome {
    let offload = site.store.offload();
    let recorded = patiently(|| offload.stored(&kept.channel_id, kept.msn, checksum, clock::now())).await;
    if recorded {
        site.counts.stored.add(kept.bytes);
        return Outcome::Done;
    }
    match withdraw(site, kept, key).await {
        // It was put all the same.
        Outcome::Over => Outcome::Done,
        outcome => outcome,
    }
}

/// A segment that does not wait any more, though the store may have it: where it was removed meanwhile, nobody else will
/// take the object away.
async fn withdraw(site: &Site, kept: &Kept, key: &Key) -> Outcome {
    let offload = site.store.offload();
    let row = patiently(|| offload.find(&kept.channel_id, kept.msn)).await;
    // One that keeps count of a channel's numbers stands for no media.
    if row.is_some_and(|row| row.bytes > 0) {
        // Another uploader was faster, or its show was deleted: what is removed then, is removed with its object.
        return Outcome::Over;
    }
    match site.objects.delete(std::slice::from_ref(key)).await {
        Ok(()) => Outcome::Done,
        Err(fault) => Outcome::Failed(fault),
    }
}

/// A segment that waits but has no file: removed at this moment, stored before a crash, or lost.
async fn without_file(site: &Site, kept: &Kept, key: &Key) -> Outcome {
    let head = match site.objects.head(key).await {
        Ok(head) => head.filter(|head| i64::try_from(head.bytes) == Ok(kept.bytes)),
        Err(fault) => return Outcome::Failed(fault),
    };
    if let Some(checksum) = head.and_then(|head| head.checksum) {
        return record(site, kept, key, &checksum.to_string()).await;
    }
    lose(site, kept, "its file was gone before it was stored").await
}

/// Records that a segment cannot be had any more. What there is of it goes when its time is over.
async fn lose(site: &Site, kept: &Kept, reason: &str) -> Outcome {
    let offload = site.store.offload();
    if patiently(|| offload.lost(&kept.channel_id, kept.msn)).await {
        site.counts.lost.fetch_add(1, Ordering::Relaxed);
        let (channel, segment) = (&kept.slug, &kept.name);
        tracing::error!(channel, segment, reason, "a segment is lost");
    }
    Outcome::Done
}

/// Asks the database until it answers.
async fn patiently<T, F>(ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => {
                tracing::warn!(error = cause(&error), "what was stored waits for the database");
                tokio::time::sleep(backoff::jittered(RETRY)).await;
            }
        }
    }
}

/// The error as tracing takes it.
pub(crate) fn cause(error: &Error) -> &(dyn std::error::Error + 'static) {
    error
}
