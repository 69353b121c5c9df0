//! Segments leave disk and index when the rewind window has passed over them.

use std::time::Duration;

use sluice_domain::Millis;
use sluice_store::Error;

use super::Live;
use crate::{clock, error::chain};

/// How often it is looked for segments whose time is over.
const EVERY: Duration = Duration::from_secs(60);
/// Segments taken at a time, so that no transaction holds up the index.
const BATCH: u32 = 500;
/// A listed segment stays for the length of the longest playlist that listed it (RFC 8216, 6.2.2).
const GRACE: Millis = Millis::from_secs(120);

/// How long segments are kept, by the setting.
pub(super) fn window(hours: u32) -> Millis {
    Millis::from_secs(i64::from(hours) * 3600).plus(GRACE)
}

pub(super) async fn run(live: Live) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = live.expire(clock::now().minus(live.inner.window)).await {
            tracing::warn!(error = %chain(&error), "segments that are over stay for now");
        }
    }
}

impl Live {
    async fn expire(&self, before: Millis) -> Result<(), Error> {
        for channel in &self.inner.channels {
            channel.forget_before(before);
        }
        loop {
            let expired = self.store().segments().expired(before, BATCH).await?;
            let mut gone = Vec::with_capacity(expired.len());
            for segment in &expired {
                match self.inner.archive.remove(&segment.slug, &segment.name) {
                    Ok(_) => gone.push((segment.channel_id.as_str(), segment.msn)),
                    Err(error) => tracing::error!(%error, channel = segment.slug, "an expired segment stays on disk"),
                }
            }
            self.store().segments().delete(&gone).await?;
            if gone.len() < BATCH as usize {
                return Ok(());
            }
        }
    }
}
