//! Holding a request until a playlist has what it asks for.

use std::{sync::Arc, time::Duration};

use actix_web::HttpRequest;
use tokio::{
    sync::watch,
    time::{self, Instant},
};

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
    let deadline = Instant::now() + patience(target_s);
    loop {
        let next_look = deadline.min(Instant::now() + PRESENT_EVERY);
        let reached = news.wait_for(|playlist| until.is_reached(&playlist.edge()));
        match time::timeout_at(next_look, reached).await {
            Ok(Ok(playlist)) => return Ok(playlist.clone()),
            Ok(Err(_)) => return Err(told_no_more(state)),
            Err(_) if next_look == deadline => {
                return Err(Error::NotYet {
                    retry_after_s: target_s.into(),
                });
            }
            Err(_) => mark_present(channel, request),
        }
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
