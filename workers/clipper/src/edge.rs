//! Waits until the end of a clip is recorded, or will not be.

use std::time::Duration;

use sluice_domain::Millis;
use sluice_kit::clock;
use sluice_store::Error;
use sluice_store::clips::Clip;
use tokio::time::sleep;

use crate::site::Site;

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(150);

/// What is known of a channel's edge.
#[derive(Clone, Copy, Debug)]
struct Edge {
    /// Until when it is recorded.
    recorded_until: Option<Millis>,
    /// When a show was last seen to go on, or the looking began.
    live_at: Millis,
}

/// Waits for the segment that a clip ends in.
pub(crate) async fn wait(site: &Site, clip: &Clip) -> Result<(), Error> {
    let mut live_at = clock::now();
    loop {
        let recorded_until = recorded_until(site, clip).await?;
        // Asked before it is looked who is live: a show's last segment is recorded after its end.
        let edge = Edge {
            recorded_until,
            live_at,
        };
        if is_over(site, clip, edge, clock::now()) {
            return Ok(());
        }
        if is_live(site, clip).await? {
            live_at = clock::now();
        }
        sleep(EVERY).await;
    }
}

/// Nothing more will be recorded of it.
fn is_over(site: &Site, clip: &Clip, edge: Edge, now: Millis) -> bool {
    let settings = &site.settings;
    let tail = Millis(i64::try_from(settings.tail.as_millis()).unwrap_or(i64::MAX));
    let is_recorded = edge.recorded_until.is_some_and(|until| until >= clip.end_at);
    is_recorded || now > clip.end_at.plus(settings.edge) || now.since(edge.live_at) > tail
}

async fn recorded_until(site: &Site, clip: &Clip) -> Result<Option<Millis>, Error> {
    let latest = site.store.segments().latest(&clip.channel_id, 1).await?;
    let end = |segment: &sluice_store::segments::Segment| segment.started_at.plus(Millis(segment.duration_us / 1000));
    Ok(latest.last().map(end))
}

async fn is_live(site: &Site, clip: &Clip) -> Result<bool, Error> {
    let live = site.store.publish_sessions().live().await?;
    Ok(live.iter().any(|session| session.channel_id == clip.channel_id))
}
