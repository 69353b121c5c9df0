//! Shows whose segments are gone are listed no more. The uploader removes the segments themselves, from disk, object
//! store and index; both go by `sluice_domain::retention`.

use std::time::Duration;

use sluice_domain::{Millis, retention::kept_for};

use super::{Live, channel::Channel};
use crate::clock;

/// How often it is looked for shows whose time is over.
const EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(live: Live) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        for channel in &live.inner.channels {
            channel.forget_before(live.removed_before(&channel));
        }
    }
}

impl Live {
    /// The moment before which the segments of a channel may be gone.
    pub(super) fn removed_before(&self, channel: &Channel) -> Millis {
        clock::now().minus(kept_for(self.window_hours(channel)))
    }

    /// How far a channel can be rewound, in hours.
    pub fn window_hours(&self, channel: &Channel) -> u32 {
        channel.rewind().hours(self.inner.window_hours)
    }
}
