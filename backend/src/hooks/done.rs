//! `publish_done` and `done`: a connection's stream is over.

use super::Verdict;
use crate::{
    error::Error,
    http::to_the_end,
    live::{Live, sessions::Connection},
};

/// Always accepted: there is nothing that the media server could do otherwise. One that hangs up changes nothing.
pub(super) async fn take(live: &Live, connection: Option<Connection>) -> Result<Verdict, Error> {
    let live = live.clone();
    to_the_end::done(async move { live.connection_ended(connection).await }).await?;
    Ok(Verdict::Accept)
}
