//! `/clip/{id}` and `/embed/{id}`: the site's page, with what others show of the clip when its address is shared.

use std::fs;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};

use super::clip::Places;
use super::{find, tags};
use crate::error::Error;
use crate::http::address::Addresses;
use crate::http::security::Embeddable;
use crate::state::AppState;

/// `GET /clip/{id}`.
pub async fn clip(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    page(&request, &id, &state).await
}

/// `GET /embed/{id}`: the same for frames of any site.
pub async fn embed(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Error> {
    let mut page = page(&request, &id, &state).await?;
    page.extensions_mut().insert(Embeddable);
    Ok(page)
}

/// The page, which says itself that there is no such clip; its status says so too.
async fn page(request: &HttpRequest, id: &str, state: &AppState) -> Result<HttpResponse, Error> {
    let index = state.config.frontend_dir.join("index.html");
    let index = web::block(move || fs::read_to_string(index))
        .await
        .map_err(Error::internal)?;
    let index = index.map_err(|_| Error::NotFound)?;
    let (status, text) = match find(state, id).await {
        Ok(clip) => {
            let places = Places::of(&clip.id, &Addresses::of(request, &state.config));
            (StatusCode::OK, tags::with_tags(&index, &clip, &places))
        }
        Err(Error::NotFound) => (StatusCode::NOT_FOUND, index),
        Err(error) => return Err(error),
    };
    Ok(HttpResponse::build(status)
        .insert_header(ContentType::html())
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(text))
}
