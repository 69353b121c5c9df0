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
    let mut shutdown = state.shutdown.clone();
    let target_s = news.borrow().edge().target_s;
    let deadline = Instant::now() + patience(target_s);
    loop {
        let next_look = deadline.min(Instant::now() + PRESENT_EVERY);
        tokio::select! {
            reached = news.wait_for(|playlist| until.is_reached(&playlist.edge())) => {
                return reached.map(|playlist| playlist.clone()).map_err(|_| Error::NotFound);
            }
            () = shutdown.wait() => return Err(Error::NotYet { retry_after_s: 1 }),
            () = time::sleep_until(next_look) => {}
        }
        if Instant::now() >= deadline {
            return Err(Error::NotYet {
                retry_after_s: target_s.into(),
            });
        }
        mark_present(channel, request);
    }
}
