//! `dvr.m3u8`: all that a channel can be rewound to, from memory.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderValue, web};
use sluice_domain::Dvr as Rewinds;

use super::Version;
use crate::{
    clock,
    error::Error,
    live::{
        bodies::Edge,
        channel::Channel,
        directives::{self, Verdict},
        dvr_access,
        hold::{Reaching, reached},
        playlist::{ENDED, LIVE, accepts_gzip, counted, find, mark_present, sent},
    },
    media_server::pass,
    ops::metrics::Playlist,
    state::AppState,
};

const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=1");

/// `GET /live/{slug}/dvr.m3u8`.
pub async fn get(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    fetched(&request, &slug, &state).await
}

/// The answer of `dvr.m3u8`.
pub(crate) async fn fetched(request: &HttpRequest, slug: &str, state: &AppState) -> Result<HttpResponse, Error> {
    let channel = find(state, slug).await?;
    dvr_access::allowed(request, &channel)?;
    mark_present(&channel, request);
    counted(Playlist::Dvr, directed(request, &channel, state).await)
}

/// The answer to what the query asks for.
async fn directed(request: &HttpRequest, channel: &Arc<Channel>, state: &AppState) -> Result<HttpResponse, Error> {
    let mut version = state.live.rewind(channel).await?;
    if version.is_empty() {
        return Err(Error::NothingRecorded);
    }
    let wanted = match directives::judge(request.query_string(), &version.edge) {
        Verdict::Now(wanted) => wanted,
        Verdict::Refuse(refusal) => return Err(refusal.into()),
        Verdict::Wait(until, wanted) => {
            let news = channel.dvr.listen(&state.shutdown);
            let reached = Box::pin(reached(request, channel, until, state, news)).await?;
            version = reached.ok_or(Error::NotYet { retry_after_s: 1 })?;
            channel.dvr.asked(clock::now());
            wanted
        }
    };
    let caching = match (version.edge.ended, wanted.reach) {
        (true, _) => ENDED,
        (false, true) => version.lasting().clone(),
        (false, false) => LIVE,
    };
    let caching = shared_or_not(channel, caching);
    let zipped = accepts_gzip(request);
    let encoded = match version.delta().filter(|_| wanted.delta) {
        Some(delta) if zipped => delta.gzip(),
        Some(delta) => delta.plain(),
        None => {
            let whole = version.full(zipped).await?;
            if zipped && !version.is_handed_over() && by_nginx(request, state) {
                hand_over(channel, &version);
            }
            whole
        }
    };
    Ok(sent(request, encoded, zipped, caching))
}

/// Whether it is our nginx that asks.
fn by_nginx(request: &HttpRequest, state: &AppState) -> bool {
    let shown = request.headers().get(pass::HEADER).map(HeaderValue::as_bytes);
    state.live.delivery().is_nginx(shown)
}

/// Leaves the whole to nginx. Nobody waits for it.
fn hand_over(channel: &Arc<Channel>, version: &Arc<Version>) {
    if version.begin_handover() {
        let (channel, version) = (Arc::clone(channel), Arc::clone(version));
        drop(web::block(move || channel.dvr.hand_over(&version)));
    }
}

/// Where not everyone may rewind, an answer is for whoever asked: a cache in between may not look at who asks.
pub(crate) fn shared_or_not(channel: &Channel, caching: HeaderValue) -> HeaderValue {
    match channel.rewind().dvr {
        Rewinds::Everyone => caching,
        Rewinds::SignedIn | Rewinds::Nobody => PRIVATE,
    }
}

impl Reaching for Option<Arc<Version>> {
    /// Where the index was let go, nothing more is to be waited for.
    fn edge(&self) -> Edge {
        self.as_ref().map_or(Edge::OVER, |version| version.edge)
    }
}
