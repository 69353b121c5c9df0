//! Takes away what shows nothing any more.

use std::future::Future;
use std::pin::pin;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_objects::Key;
use tokio::time::timeout;

use crate::keep;
use crate::site::Site;
use crate::trouble::Trouble;

/// Objects removed at a time: half of what one request deletes.
const BATCH: u32 = 500;
/// A channel that is not live for so long has no picture of the moment: longer than an encoder takes to come back.
const SILENT: Millis = Millis::from_secs(60);

pub(crate) async fn run(site: &Site, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut told = false;
    while timeout(site.settings.clean_every, &mut stop).await.is_err() {
        let cleaned = clean(site).await;
        if let Err(trouble) = &cleaned
            && !told
        {
            tracing::warn!(%trouble, "thumbnails that are over stay for now");
        }
        told = cleaned.is_err();
    }
}

async fn clean(site: &Site) -> Result<(), Trouble> {
    let now = clock::now();
    let thumbnails = site.store.thumbnails();
    thumbnails.retire(now.minus(SILENT), keep::at(site)).await?;
    loop {
        let waste = thumbnails.waste(now, BATCH).await?;
        let keys: Vec<Key> = waste.iter().filter_map(|object| Key::parse(object)).collect();
        site.objects.delete(&keys).await?;
        thumbnails.removed(&waste).await?;
        if waste.len() < BATCH as usize {
            return Ok(());
        }
    }
}
