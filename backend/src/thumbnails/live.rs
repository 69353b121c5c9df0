//! `thumbnail.jpg`: what a channel that is on air looks like.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use sluice_objects::Thumbnail;

use super::{is_of_now, key};
use crate::clock;
use crate::delivery::dress::{ANY_ORIGIN, Dress, JPEG};
use crate::delivery::stored;
use crate::error::Error;
use crate::live::playlist::find;
use crate::state::AppState;

/// As long as it takes to make the next.
const FOR_SECONDS: HeaderValue = HeaderValue::from_static("public, max-age=5");

/// `GET /live/{slug}/thumbnail.jpg`.
pub async fn get(
    request: HttpRequest,
    slug: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let channel = find(&state, &slug).await?;
    let on_air = state.live.on_air(&channel.id).ok_or(Error::NoThumbnail)?;
    let found = state.store.thumbnails().live(&[&channel.id]).await?;
    let now = clock::now();
    let newest = found
        .first()
        .filter(|it| is_of_now(it.taken_at, on_air.started_at, now));
    let name = &newest.ok_or(Error::NoThumbnail)?.name;
    let tag = HeaderValue::try_from(format!("\"{name}\"")).map_err(Error::internal)?;
    if is_known(&request, &tag) {
        return Ok(unchanged(tag));
    }
    let dress = Dress {
        content_type: JPEG,
        caching: FOR_SECONDS,
        name: None,
        tag: Some(tag),
        is_segment: false,
    };
    let key = key(&slug, Thumbnail::Live, name)?;
    match stored::answer(&request, &key, &state.live, &dress).await {
        // It made way for a newer one just now.
        Err(Error::NotFound) => Err(Error::NoThumbnail),
        answer => answer,
    }
}

fn is_known(request: &HttpRequest, tag: &HeaderValue) -> bool {
    let known = request.headers().get(header::IF_NONE_MATCH);
    known.and_then(|value| value.to_str().ok()).is_some_and(|list| {
        list.split(',')
            .any(|one| one.trim().trim_start_matches("W/").as_bytes() == tag.as_bytes())
    })
}

fn unchanged(tag: HeaderValue) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, FOR_SECONDS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN))
        .finish()
}
