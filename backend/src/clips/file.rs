//! `/clips/{id}.mp4` and `/clips/{id}.jpg`: a clip's film and its poster, from wherever objects are kept.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, web};
use sluice_domain::clip::State;
use sluice_objects::{ClipPart, Key};
use sluice_store::clips::Clip;

use super::find;
use crate::delivery::dress::{Dress, FOR_A_DAY, JPEG};
use crate::delivery::stored;
use crate::error::Error;
use crate::state::AppState;

const MP4: HeaderValue = HeaderValue::from_static("video/mp4");

/// `GET /clips/{id}.mp4`.
pub async fn film(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let clip = find(&state, &id).await?;
    send(&request, &state, &clip, ClipPart::Film, &dress(ClipPart::Film)).await
}

/// `GET /clips/{id}.jpg`.
pub async fn poster(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let clip = find(&state, &id).await?;
    send(&request, &state, &clip, ClipPart::Poster, &dress(ClipPart::Poster)).await
}

/// Sends a part of a clip that is ready.
pub(super) async fn send(
    request: &HttpRequest,
    state: &AppState,
    clip: &Clip,
    part: ClipPart,
    dress: &Dress,
) -> Result<HttpResponse, Error> {
    let key = key(clip, part)?;
    stored::answer(request, &key, &state.live, dress).await
}

/// How a part of a clip is sent. It never changes: a clip that is cut again has never been there before.
pub(super) fn dress(part: ClipPart) -> Dress {
    Dress {
        content_type: match part {
            ClipPart::Film => MP4,
            ClipPart::Poster => JPEG,
        },
        caching: FOR_A_DAY,
        name: None,
        tag: None,
        is_segment: false,
    }
}

fn key(clip: &Clip, part: ClipPart) -> Result<Key, Error> {
    match clip.state {
        State::Ready => Key::clip(&clip.slug, clip.start_at, &clip.id, part).map_err(Error::internal),
        State::Queued | State::Running | State::Failed => Err(Error::NotFound),
    }
}
