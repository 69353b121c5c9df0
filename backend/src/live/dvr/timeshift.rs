//! `timeshift.m3u8`: what a channel sent from some moment on, as a closed playlist.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderValue, web};
use sluice_hls::recorded::Kind;

use super::{Stretch, Version, playlist::shared_or_not};
use crate::{
    clock,
    error::Error,
    live::{
        bodies::Encoded,
        dvr_access,
        playlist::{LIVE, accepts_gzip, counted, find, mark_present, sent},
    },
    ops::metrics::Playlist,
    state::AppState,
};

/// Of a stretch that is over only what slides out of the window can change.
pub(super) const PAST: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// `GET /live/{slug}/timeshift.m3u8`.
pub async fn get(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    dvr_access::allowed(&request, &channel)?;
    mark_present(&channel, &request);
    let answer = async {
        let now = clock::now();
        let stretch = Stretch::read(request.query_string(), now)?;
        let version = state.live.rewind(&channel).await?;
        let zipped = accepts_gzip(&request);
        let encoded = cut(version, stretch, zipped).await?;
        let caching = if stretch.until < now { PAST } else { LIVE };
        Ok(sent(&request, &encoded, zipped, shared_or_not(&channel, caching)))
    };
    counted(Playlist::Timeshift, answer.await)
}

/// What of a channel lies in a stretch, cut to whole segments.
async fn cut(version: Arc<Version>, stretch: Stretch, zipped: bool) -> Result<Encoded, Error> {
    let Version { index, .. } = version.as_ref();
    let range = index.between(stretch.from.0, stretch.until.0);
    let head = index
        .head(Kind::Closed, range.clone())
        .ok_or(Error::NoSegmentsInRange)?;
    let made = web::block(move || {
        let Version { index, scribe, .. } = version.as_ref();
        scribe.encoded(index, &head, range, zipped)
    });
    made.await.map_err(Error::internal)
}
