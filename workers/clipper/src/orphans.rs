//! Clips whose jobs are over without a word: they kill whoever makes them, or the database was away for too long.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use sluice_kit::clock;
use tokio::time::timeout;

use crate::site::Site;

/// How often they are looked for.
const EVERY: Duration = Duration::from_secs(15);

/// Tells whoever waits for such a clip that there will be none, until `stop` completes.
pub(crate) async fn run(site: &Site, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    loop {
        match site.store.clips().give_up_orphans(clock::now()).await {
            Ok(0) => (),
            Ok(clips) => tracing::warn!(clips, "clips were given up whose jobs ended without a word"),
            Err(error) => tracing::warn!(%error, "cannot look for clips that were given up"),
        }
        if timeout(EVERY, &mut stop).await.is_ok() {
            return;
        }
    }
}
