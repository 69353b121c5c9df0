//! `storyboards/{name}.jpg` and `posters/{name}.jpg`: pictures of the past, for whoever may rewind. None ever changes.

use actix_web::{HttpRequest, HttpResponse, web};
use sluice_domain::Dvr;
use sluice_objects::Thumbnail;

use super::key;
use crate::delivery::dress::{Dress, FOR_A_DAY, JPEG, PRIVATE};
use crate::delivery::stored;
use crate::error::Error;
use crate::live::dvr_access;
use crate::live::playlist::find;
use crate::state::AppState;

/// What the path says: a channel's slug and a picture's name.
type Asked = web::Path<(String, String)>;

/// `GET /live/{slug}/storyboards/{name}.jpg`.
pub async fn sheet(request: HttpRequest, asked: Asked, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    send(&request, &asked, Thumbnail::Sheet, &state).await
}

/// `GET /live/{slug}/posters/{name}.jpg`.
pub async fn poster(request: HttpRequest, asked: Asked, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    send(&request, &asked, Thumbnail::Poster, &state).await
}

async fn send(
    request: &HttpRequest,
    (slug, name): &(String, String),
    what: Thumbnail,
    state: &AppState,
) -> Result<HttpResponse, Error> {
    let key = key(slug, what, name)?;
    let channel = find(state, slug).await?;
    dvr_access::allowed(request, &channel)?;
    let dress = Dress {
        content_type: JPEG,
        caching: match channel.rewind().dvr {
            Dvr::Everyone => FOR_A_DAY,
            Dvr::SignedIn | Dvr::Nobody => PRIVATE,
        },
        name: None,
        tag: None,
        is_segment: false,
    };
    stored::answer(request, &key, &state.live, &dress).await
}
