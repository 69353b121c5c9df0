//! Holding a request until a playlist has what it asks for.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::HttpRequest;
use tokio::sync::watch;

use super::{
    bodies::{Bodies, Edge},
    channel::Channel,
    directives::Until,
    playlist::mark_present,
};
use crate::{error::Error, state::AppState};

/// A request is held for this many target durations (draft-pantos-hls-rfc8216bis-22, 6.2.5.2). nginx's
/// `proxy_read_timeout` for playlists is longer than this of the longest segment that it cuts.
const PATIENCE: u32 = 3;
/// A player that waits is told of as often as one that asks: well within the time after which one counts as gone.
const PRESENT_EVERY: Duration = Duration::from_secs(10);

/// A playlist that ends somewhere.
pub(super) trait Reaching: Clone {
    /// Where.
    fn edge(&self) -> Edge;
}

impl Reaching for Arc<Bodies> {
    fn edge(&self) -> Edge {
        self.edge
    }
}

/// How long a request may be held on a show with this target duration.
pub(super) fn patience(target_s: u32) -> Duration {
    Duration::from_secs(u64::from(target_s)) * PATIENCE
}

/// Waits for the first playlist that reaches so far, or that says that nothing more will come.
pub(super) async fn reached<T: Reaching>(
    request: &HttpRequest,
    channel: &Channel,
    until: Until,
    state: &AppState,
    mut news: watch::Receiver<T>,
) -> Result<T, Error> {
    let target_s = news.borrow().edge().target_s;
    let mut present_at = Instant::now();
    let deadline = present_at + patience(target_s);
    loop {
        let playlist = news.borrow_and_update().clone();
        if until.is_reached(&playlist.edge()) {
            return Ok(playlist);
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(Error::NotYet {
                retry_after_s: target_s.into(),
            });
        }
        if now >= present_at + PRESENT_EVERY {
            mark_present(channel, request);
            present_at = now;
        }
        news.changed().await.map_err(|_| told_no_more(state))?;
    }
}

/// Why there is no more news of a channel: it is gone, or the process is about to stop.
pub(super) fn told_no_more(state: &AppState) -> Error {
    if state.shutdown.has_come() {
        Error::NotYet { retry_after_s: 1 }
    } else {
        Error::NotFound
    }
}
