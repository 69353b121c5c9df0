//! `index.m3u8` and `live.m3u8`: bytes from memory, in the encoding and under the tag the player asks for; and the
//! waiting for media that is still to come.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use sluice_domain::Slug;

use super::{
    bodies::{Bodies, Body, Encoded},
    channel::Channel,
    directives::{self, Refusal, Verdict},
    hold::reached,
};
use crate::{
    clock,
    delivery::dress::{ANY_ORIGIN, EXPOSED},
    error::Error,
    http::client::ClientAddress,
    ops::metrics::{self, Playlist},
    state::AppState,
};

/// A playlist changes with each part: a cache may answer for the moment in which many ask.
pub(super) const LIVE: HeaderValue = HeaderValue::from_static("public, max-age=1");
/// A closed playlist changes when the next show begins.
pub(super) const ENDED: HeaderValue = HeaderValue::from_static("public, max-age=5");
pub(super) const MPEGURL: HeaderValue = HeaderValue::from_static("application/vnd.apple.mpegurl");
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// `GET /live/{slug}/index.m3u8`.
pub async fn index(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    let bodies = channel.bodies();
    let body = bodies.index.as_deref().ok_or(Error::NotFound);
    let answer = body.map(|body| answer(&request, body, caching(&bodies)));
    counted(Playlist::Index, answer)
}

/// `GET /live/{slug}/live.m3u8`.
pub async fn live(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    fetched(&request, &slug, &state).await
}

/// The answer of `live.m3u8`.
pub(crate) async fn fetched(request: &HttpRequest, slug: &str, state: &AppState) -> Result<HttpResponse, Error> {
    let channel = find(state, slug).await?;
    mark_present(&channel, request);
    state.live.tail(&channel).await;
    counted(Playlist::Live, directed(request, &channel, state).await)
}

/// The channel of a path.
pub(crate) async fn find(state: &AppState, slug: &str) -> Result<Arc<Channel>, Error> {
    match state.live.loaded(slug) {
        Some(channel) => Ok(channel),
        // Boxed, because every request pays for moving what the first one for a channel needs.
        None => Box::pin(look_up(state, slug)).await,
    }
}

async fn look_up(state: &AppState, slug: &str) -> Result<Arc<Channel>, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    let search = state.absent.search(&slug).ok_or(Error::NotFound)?;
    let channel = state.live.channel(&slug).await?;
    channel.ok_or_else(|| {
        state.absent.remember(search, &slug);
        Error::NotFound
    })
}

/// The answer to what the query asks for.
async fn directed(request: &HttpRequest, channel: &Channel, state: &AppState) -> Result<HttpResponse, Error> {
    let mut bodies = channel.bodies();
    if bodies.live.is_none() {
        return Err(Error::NotFound);
    }
    let wanted = match directives::judge(request.query_string(), &bodies.edge) {
        Verdict::Now(wanted) => wanted,
        Verdict::Refuse(refusal) => return Err(refusal.into()),
        Verdict::Wait(until, wanted) => {
            let news = channel.listen(&state.shutdown);
            bodies = Box::pin(reached(request, channel, until, state, news)).await?;
            wanted
        }
    };
    let live = bodies.live.as_ref().ok_or(Error::NotFound)?;
    let is_lasting = wanted.reach && !bodies.edge.ended;
    let caching = if is_lasting {
        live.lasting().clone()
    } else {
        caching(&bodies)
    };
    let is_delta = wanted.delta && !bodies.edge.ended;
    let body = if is_delta { live.delta() } else { live.full() };
    Ok(answer(request, body, caching))
}

pub(super) fn mark_present(channel: &Channel, request: &HttpRequest) {
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.map_or(&b""[..], HeaderValue::as_bytes);
    let address = ClientAddress::of(request).0;
    channel.viewers.seen(Some(address), user_agent, clock::now());
}

fn caching(bodies: &Bodies) -> HeaderValue {
    if bodies.edge.ended { ENDED } else { LIVE }
}

fn answer(request: &HttpRequest, body: &Body, caching: HeaderValue) -> HttpResponse {
    let zipped = accepts_gzip(request);
    let encoded = if zipped { body.gzip() } else { body.plain() };
    sent(request, encoded, zipped, caching)
}

/// An answer with these bytes of a playlist, in gzip or not; without them where the player has them.
pub(super) fn sent(request: &HttpRequest, encoded: &Encoded, zipped: bool, caching: HeaderValue) -> HttpResponse {
    sent_as(MPEGURL, request, encoded, zipped, caching)
}

/// The same of another text.
pub(crate) fn sent_as(
    content_type: HeaderValue,
    request: &HttpRequest,
    encoded: &Encoded,
    zipped: bool,
    caching: HeaderValue,
) -> HttpResponse {
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
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
        .insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED));
    if known {
        return answer.finish();
    }
    if zipped {
        answer.insert_header((header::CONTENT_ENCODING, GZIP));
    }
    answer
        .insert_header((header::CONTENT_TYPE, content_type))
        .body(encoded.bytes.clone())
}

pub(super) fn counted(playlist: Playlist, answer: Result<HttpResponse, Error>) -> Result<HttpResponse, Error> {
    let status = match &answer {
        Ok(answer) => answer.status(),
        Err(error) => error.row().1,
    };
    metrics::playlist(playlist, status.as_u16());
    answer
}

/// Every player that asks for gzip names it; `gzip;q=0` is for those who make a point of not wanting it.
pub(crate) fn accepts_gzip(request: &HttpRequest) -> bool {
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
        list.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.trim_start_matches("W/").as_bytes() == encoded.etag.as_bytes()
        })
    })
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooFarAhead { .. } => Self::TooFarAhead(refusal.sentence()),
            _ => Self::InvalidDirective(refusal.sentence()),
        }
    }
}
