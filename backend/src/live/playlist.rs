//! `index.m3u8` and `live.m3u8`: bytes from memory, in the encoding and under the tag the player asks for.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use sluice_domain::Slug;

use super::{
    bodies::{Bodies, Body, Encoded, LiveBody},
    channel::Channel,
};
use crate::{
    clock,
    error::Error,
    http::client::ClientAddress,
    ops::metrics::{self, Playlist},
    state::AppState,
};

/// A playlist changes with each segment: a cache may answer for the moment in which many ask.
const LIVE: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// A closed playlist changes when the next show begins.
const ENDED: HeaderValue = HeaderValue::from_static("public, max-age=5");
const MPEGURL: HeaderValue = HeaderValue::from_static("application/vnd.apple.mpegurl");
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// `GET /live/{slug}/index.m3u8`.
pub async fn index(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    answer(&request, &channel, Playlist::Index)
}

/// `GET /live/{slug}/live.m3u8`.
pub async fn live(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .map_or(&b""[..], HeaderValue::as_bytes);
    channel
        .viewers
        .seen(Some(ClientAddress::of(&request).0), user_agent, clock::now());
    answer(&request, &channel, Playlist::Live)
}

async fn find(state: &AppState, slug: &str) -> Result<Arc<Channel>, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    if let Some(channel) = state.live.loaded(&slug) {
        return Ok(channel);
    }
    let search = state.absent.search(&slug).ok_or(Error::NotFound)?;
    let channel = state.live.channel(&slug).await?;
    channel.ok_or_else(|| {
        state.absent.remember(search, &slug);
        Error::NotFound
    })
}

fn answer(request: &HttpRequest, channel: &Channel, playlist: Playlist) -> Result<HttpResponse, Error> {
    let bodies = channel.bodies();
    let Some(body) = pick(&bodies, playlist) else {
        metrics::playlist(playlist, 404);
        return Err(Error::NotFound);
    };
    let zipped = accepts_gzip(request);
    let encoded = if zipped { body.gzip() } else { body.plain() };
    let caching = if bodies.edge.ended { ENDED } else { LIVE };
    let known = is_known(request, encoded);
    let mut answer = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, encoded.etag.clone()))
        .insert_header((header::VARY, VARY))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN));
    metrics::playlist(playlist, if known { 304 } else { 200 });
    if known {
        return Ok(answer.finish());
    }
    if zipped {
        answer.insert_header((header::CONTENT_ENCODING, GZIP));
    }
    Ok(answer
        .insert_header((header::CONTENT_TYPE, MPEGURL))
        .body(encoded.bytes.clone()))
}

fn pick(bodies: &Bodies, playlist: Playlist) -> Option<&Body> {
    match playlist {
        Playlist::Index => bodies.index.as_deref(),
        Playlist::Live => bodies.live.as_ref().map(LiveBody::full),
    }
}

/// Every player that asks for gzip names it; `gzip;q=0` is for those who make a point of not wanting it.
fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.is_some_and(|list| {
        list.split(',').any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip")
                && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    })
}

fn is_known(request: &HttpRequest, encoded: &Encoded) -> bool {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.is_some_and(|list| {
        list.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == encoded.etag || tag.trim() == "*")
    })
}
