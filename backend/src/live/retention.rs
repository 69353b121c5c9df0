//! Shows whose segments are gone are listed no more. The uploader removes the segments themselves, from disk, object
//! store and index; both go by `sluice_domain::retention`.

use std::time::Duration;

use super::Live;
use crate::clock;

/// How often it is looked for shows whose time is over.
const EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(live: Live) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let before = clock::now().minus(live.inner.window);
        for channel in &live.inner.channels {
            channel.forget_before(before);
        }
    }
}
